"""Messages through a pipe: eight bytes of length, then the message."""

from typing import IO

LENGTH_BYTES = 8


def write_message(pipe: IO[bytes], message: bytes) -> None:
    pipe.write(len(message).to_bytes(LENGTH_BYTES, "big") + message)
    pipe.flush()


def read_message(pipe: IO[bytes]) -> bytes:
    """The next message, or b"" when the other side has hung up, in the middle of one too."""
    length = int.from_bytes(pipe.read(LENGTH_BYTES), "big")
    message = pipe.read(length) if length else b""
    return message if len(message) == length else b""
