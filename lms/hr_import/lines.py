"""The rows of a file as values: each cell read, or refused with its column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from lms.sheets.reading import WHOLE_ROW, Row

from .days import DayError, read_day
from .enums import Note

# As long as the models' own fields.
LONGEST = {
    "employee_number": 40,
    "email": 254,
    "first_name": 120,
    "last_name": 120,
    "agency_code": 80,
    "job_role": 80,
    "supervisor_employee_number": 40,
    "course": 200,
    "provider": 200,
}
MOST_HOURS, MOST_PERCENT = Decimal(500), Decimal(100)


@dataclass(frozen=True, slots=True)
class Remark:
    """A note with the column it is about (our name for it) and what its template needs."""

    note: Note
    column: str = ""
    values: Mapping[str, object] | None = None


class Named(NamedTuple):
    """Whom a row is about and where, before anything of it is checked."""

    row: int
    number: str
    email: str
    unit: str


@dataclass(frozen=True, slots=True)
class StaffLine:
    """One row of a staff file.  ``until`` is the day after the last day; ``end_told``: the file has that column."""

    row: int
    number: str
    email: str
    first_name: str
    last_name: str
    unit: str
    role: str
    supervisor: str
    start: date | None
    until: date | None
    end_told: bool

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True, slots=True)
class CompletionLine:
    """One row of a file of prior completions."""

    row: int
    number: str
    email: str
    course: str
    completed_on: date
    hours: Decimal | None
    score: Decimal | None
    provider: str

    @property
    def name(self) -> str:
        return self.email or self.number


@dataclass(frozen=True, slots=True)
class BadLine:
    """A row that is refused as it stands.  What could be read of who it is about keeps that person from being taken as
    missing."""

    row: int
    number: str
    email: str
    name: str
    remark: Remark


class _Refused(Exception):
    def __init__(self, remark: Remark) -> None:
        self.remark = remark


class _Cells:
    """The cells of a row by our names for them."""

    def __init__(self, row: Row, places: Mapping[str, int]) -> None:
        self.row, self.places = row, places

    def get(self, name: str) -> str:
        place = self.places.get(name)
        return "" if place is None else _unquote(self.row.cells[place])

    def check_faults(self) -> None:
        """A fault of a column that isn't ours refuses nothing."""
        if not self.row.faults:
            return
        ours = {place: name for name, place in self.places.items()} | {WHOLE_ROW: ""}
        for place, fault in sorted(self.row.faults.items()):
            if place in ours:
                raise _Refused(Remark(Note.CELL, ours[place], {"fault": fault}))

    def text(self, name: str, *, required: bool = False) -> str:
        text = " ".join(self.get(name).split())
        if text.startswith("="):
            raise _Refused(Remark(Note.FORMULA, name))
        if required and not text:
            raise _Refused(Remark(Note.MISSING, name))
        if len(text) > LONGEST[name]:
            raise _Refused(Remark(Note.TOO_LONG, name, {"limit": LONGEST[name]}))
        return text

    def email(self) -> str:
        email = self.text("email").lower()
        try:
            if email:
                validate_email(email)
        except ValidationError as error:
            raise _Refused(Remark(Note.NO_EMAIL, "email")) from error
        return email

    def day(self, name: str, order: str, *, required: bool = False) -> date | None:
        text = self.get(name)
        if not text:
            if required:
                raise _Refused(Remark(Note.MISSING, name))
            return None
        try:
            return read_day(text[:60], order=order)
        except DayError as error:
            raise _Refused(Remark(error.note, name)) from error

    def amount(self, name: str, most: Decimal) -> Decimal | None:
        text = self.get(name).removesuffix("%").strip().replace(",", ".")
        if not text:
            return None
        try:
            amount = Decimal(text[:20])
        except InvalidOperation:
            amount = Decimal(-1)
        if not (amount.is_finite() and 0 <= amount <= most):
            raise _Refused(Remark(Note.NO_NUMBER, name, {"least": 0, "most": int(most)}))
        return amount

    def person(self) -> tuple[str, str]:
        number, email = self.text("employee_number"), self.email()
        if not number and not email:
            raise _Refused(Remark(Note.MISSING, "employee_number" if "employee_number" in self.places else "email"))
        return number, email

    def bad(self, refused: _Refused) -> BadLine:
        def readable(name: str) -> str:
            text = " ".join(self.get(name).split())
            return text if len(text) <= LONGEST[name] else ""

        # A row whose cells are not where they seem to be says nothing about anybody.
        shifted = WHOLE_ROW in self.row.faults
        number, email = ("", "") if shifted else (readable("employee_number"), readable("email").lower())
        name = "" if shifted else f"{readable('first_name')} {readable('last_name')}".strip()
        return BadLine(self.row.number, number, email, name or email or number, refused.remark)


def _unquote(cell: str) -> str:
    """The text of ``="00123"``: so it is written into CSV files to keep a spreadsheet from taking zeros away."""
    return cell[2:-1] if cell.startswith('="') and cell.endswith('"') and cell.count('"') == 2 else cell


def read_named(row: Row, places: Mapping[str, int]) -> Named:
    """Whom the row of a staff file is about and where; a first pass reads no more."""
    number, email, unit = (
        " ".join(_unquote(row.cells[places[name]]).split()) if name in places else ""
        for name in ("employee_number", "email", "agency_code")
    )
    return Named(row.number, number, email.lower(), unit.casefold())


def read_staff_line(row: Row, places: Mapping[str, int], *, order: str) -> StaffLine | BadLine:
    """The row as a line of a staff file; ``places`` are the positions of our columns."""
    cells = _Cells(row, places)
    try:
        cells.check_faults()
        number, email = cells.person()
        start, end = cells.day("start_on", order), cells.day("end_on", order)
        if start and end and end < start:
            raise _Refused(Remark(Note.END_BEFORE_START, "end_on"))
        return StaffLine(
            row=row.number,
            number=number,
            email=email,
            first_name=cells.text("first_name"),
            last_name=cells.text("last_name"),
            unit=cells.text("agency_code", required=True).casefold(),
            role=cells.text("job_role", required=True).casefold(),
            supervisor=cells.text("supervisor_employee_number"),
            start=start,
            until=end + timedelta(days=1) if end else None,
            end_told="end_on" in places,
        )
    except _Refused as refused:
        return cells.bad(refused)


def read_completion_line(row: Row, places: Mapping[str, int], *, order: str) -> CompletionLine | BadLine:
    """The row as a line of a file of prior completions."""
    cells = _Cells(row, places)
    try:
        cells.check_faults()
        number, email = cells.person()
        completed_on = cells.day("completed_on", order, required=True)
        assert completed_on is not None
        return CompletionLine(
            row=row.number,
            number=number,
            email=email,
            course=cells.text("course", required=True),
            completed_on=completed_on,
            hours=cells.amount("hours", MOST_HOURS),
            score=cells.amount("score", MOST_PERCENT),
            provider=cells.text("provider"),
        )
    except _Refused as refused:
        return cells.bad(refused)
