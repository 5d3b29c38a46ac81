"""The verification code: 128 random bits as 26 signs of Crockford's base 32, made to be read aloud and typed.

The alphabet leaves out I, L, O and U, so that no sign is taken for another (Douglas Crockford, "Base 32", 2002).
"""

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
BITS = 128
LENGTH = 26  # 26 signs of five bits hold 130; the two highest bits are always zero

_LOOK_ALIKES = str.maketrans("OIL", "011")
_SEPARATORS = frozenset(" \t\r\n\u00a0\u202f-\u2010\u2011\u2012\u2013\u2014\u2212_.")


class InvalidCode(ValueError):
    """The text is not a verification code, however it is read."""


def encode(value: int) -> str:
    """Return the 26 signs of a number of at most 128 bits; raise InvalidCode for any other number."""
    if not 0 <= value < 1 << BITS:
        raise InvalidCode(f"not a number of {BITS} bits")
    return "".join(ALPHABET[value >> shift & 31] for shift in range(5 * (LENGTH - 1), -1, -5))


def decode(code: str) -> int:
    """Return the number behind 26 signs as ``encode`` writes them; raise InvalidCode for anything else."""
    if len(code) != LENGTH or any(sign not in ALPHABET for sign in code):
        raise InvalidCode(f"not {LENGTH} signs of the alphabet")
    value = 0
    for sign in code:
        value = value << 5 | ALPHABET.index(sign)
    if value >> BITS:
        raise InvalidCode(f"more than {BITS} bits")
    return value


def group(code: str) -> str:
    """Return the code as it is printed: in fours, with a dash between."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def parse(typed: str) -> str:
    """Return the 26 signs that a person meant by what they typed; raise InvalidCode if it can't be a code.

    Spaces, dashes and lower case do not matter; O is read as 0, I and L as 1.
    """
    signs = "".join(sign for sign in typed if sign not in _SEPARATORS)
    if not signs.isascii():
        raise InvalidCode("signs of another alphabet")
    code = signs.upper().translate(_LOOK_ALIKES)
    decode(code)
    return code
