"""The other side of ``sandbox``: reads documents from its input, writes PDFs to its output, until its input ends.

Run as ``python -m lms.pdf.child MEGABYTES``. It knows no Django, no database and no settings.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from typing import IO, Any

from .pipe import read_message, write_message


def main() -> None:
    """Take limits upon itself, then answer one document after the other."""
    megabytes = int(sys.argv[1])
    limits = {
        resource.RLIMIT_AS: megabytes * 1024 * 1024,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,  # not one byte of a file can be written
    }
    for limit, most in limits.items():
        resource.setrlimit(limit, (most, most))
    # The answers have a pipe of their own: whatever a library prints goes nowhere.
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    # Only now, so that the limits hold from the first line of the libraries on.
    serve(sys.stdin.buffer, answers)


def serve(questions: IO[bytes], answers: IO[bytes]) -> None:
    """Answer each question: ``+`` and the PDF, or ``-`` and why there is none."""
    from .render import Backdrop, RenderError, render_pdf  # noqa: PLC0415  (loaded within the limits)

    while question := read_message(questions):
        asked: dict[str, Any] = json.loads(question)
        backdrop = Backdrop(**asked["backdrop"]) if asked["backdrop"] else None
        try:
            pdf = render_pdf(asked["html"], title=asked["title"], lang=asked["lang"], backdrop=backdrop)
            write_message(answers, b"+" + pdf)
        except (RenderError, MemoryError, RecursionError) as error:
            write_message(answers, b"-" + (str(error) or type(error).__name__).encode())


if __name__ == "__main__":
    main()
