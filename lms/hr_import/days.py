"""Days as personnel systems write them.  What can be read in two ways is never guessed."""

from __future__ import annotations

import re
from datetime import date

from .enums import DateOrder, Note

FIRST_YEAR, LAST_YEAR = 1900, 2199
ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", re.ASCII)
COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)
NUMBERS = re.compile(r"(\d{1,2})([-/. ])(\d{1,2})\2(\d{4}|\d\d)", re.ASCII)
MIDNIGHT = re.compile(r"[T ]00?:00(?::00(?:\.0+)?)?(?:Z| ?AM)?|[T ]12:00(?::00)? ?AM", re.IGNORECASE)
WORD = r"([^\W\d_]{3,10})\.?"
DAY_MONTH = re.compile(rf"(\d{{1,2}})[-/. ]+(?:de )?{WORD}[-/., ]+(?:del? )?(\d{{4}}|\d\d)", re.IGNORECASE)
MONTH_DAY = re.compile(rf"{WORD}[-/. ]+(\d{{1,2}}),?[-/. ]+(\d{{4}}|\d\d)", re.IGNORECASE)
MONTHS = (
    ("january", "enero"),
    ("february", "febrero"),
    ("march", "marzo"),
    ("april", "abril"),
    ("may", "mayo"),
    ("june", "junio"),
    ("july", "julio"),
    ("august", "agosto"),
    ("september", "septiembre", "sept", "setiembre"),
    ("october", "octubre"),
    ("november", "noviembre"),
    ("december", "diciembre"),
)
MONTH_OF = {form: number for number, names in enumerate(MONTHS, start=1) for name in names for form in {name, name[:3]}}


class DayError(ValueError):
    """The text is no day, or could be two; ``note`` says which."""

    def __init__(self, note: Note) -> None:
        super().__init__(str(note.label))
        self.note = note


def read_day(text: str, *, order: str = DateOrder.UNSAID) -> date:
    """The day that the text names: 2026-03-04, 20260304, 25/03/2026, Mar 4, 2026, 4 de marzo de 2026.

    03/04/2026 is read by the order that is given, and refused without one.  Raises DayError.
    """
    text = text.strip()
    text = text[: cut.start()] if (cut := re.search(rf"(?:{MIDNIGHT.pattern})$", text, re.IGNORECASE)) else text
    if match := ISO.fullmatch(text) or COMPACT.fullmatch(text):
        return _day(int(match[1]), int(match[2]), int(match[3]))
    if match := NUMBERS.fullmatch(text):
        return _by_order(int(match[1]), int(match[3]), _year(match[4]), order)
    if match := DAY_MONTH.fullmatch(text):
        return _day(_year(match[3]), _month(match[2]), int(match[1]))
    if match := MONTH_DAY.fullmatch(text):
        return _day(_year(match[3]), _month(match[1]), int(match[2]))
    raise DayError(Note.NO_DAY)


def _by_order(first: int, second: int, year: int, order: str) -> date:
    if order == DateOrder.UNSAID:
        if first <= 12 and second <= 12 and first != second:
            raise DayError(Note.TWO_DAYS)
        return _day(year, second, first) if first > 12 else _day(year, first, second)
    month, day = (first, second) if order == DateOrder.MONTH_FIRST else (second, first)
    if month > 12 >= day:
        raise DayError(Note.OTHER_ORDER)
    return _day(year, month, day)


def _year(text: str) -> int:
    if len(text) == 2:
        raise DayError(Note.SHORT_YEAR)
    return int(text)


def _month(word: str) -> int:
    if (month := MONTH_OF.get(word.casefold())) is None:
        raise DayError(Note.NO_DAY)
    return month


def _day(year: int, month: int, day: int) -> date:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise DayError(Note.NO_DAY)
    try:
        return date(year, month, day)
    except ValueError as error:
        raise DayError(Note.NO_DAY) from error
