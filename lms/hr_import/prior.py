"""What a file of prior completions would add to the record: rows and what stands in, planned rows with reasons out.

No database and no clock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from lms.privacy.guard import find_identifiers

from .enums import ChangeKind, Note, WhenKnown
from .lines import BadLine, CompletionLine, Remark


class KnownCourse(NamedTuple):
    """A course as a file may call it; ``matched``: by a name that somebody matched after an earlier import."""

    id: int
    title: str
    matched: bool = False


@dataclass(frozen=True)
class RecordSnapshot:
    """What stands about the people and courses that some rows name; only people whom the reader may see.

    ``latest``: the last day on which the person completed the course; ``kept``: evidence of courses not known here.
    """

    numbers: Mapping[str, Sequence[int]] = field(default_factory=dict)
    emails: Mapping[str, int] = field(default_factory=dict)
    names: Mapping[int, str] = field(default_factory=dict)
    latest: Mapping[tuple[int, int], date] = field(default_factory=dict)
    kept: Set[tuple[int, str, date]] = frozenset()


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """One planned row.  ``course`` is None for what is kept to match, and for what is refused."""

    row: int
    kind: str
    label: str
    person: int | None = None
    course: int | None = None
    line: CompletionLine | None = None
    differences: tuple[tuple[str, str, str], ...] = ()
    remarks: tuple[Remark, ...] = ()


class PriorPlanner:
    """Plans row by row, and remembers what the rows before would add."""

    def __init__(self, courses: Mapping[str, KnownCourse], *, when_known: str, as_of: date) -> None:
        self.courses, self.when_known, self.as_of = courses, when_known, as_of
        self._added: dict[tuple[int, int], date] = {}
        self._rows: dict[tuple[int, str, date], int] = {}

    def plan(self, line: CompletionLine | BadLine, known: RecordSnapshot) -> PlannedRow:
        if isinstance(line, BadLine):
            return PlannedRow(line.row, ChangeKind.REFUSED, line.name, remarks=(line.remark,))
        person, remark = _identify(line, known)
        if remark is None and line.completed_on > self.as_of:
            remark = Remark(Note.FUTURE, "completed_on")
        for column in ("course", "provider"):
            if remark is None and find_identifiers(getattr(line, column)):
                remark = Remark(Note.IDENTIFIER, column)
        if remark is not None or person is None:
            return PlannedRow(line.row, ChangeKind.REFUSED, line.name, remarks=(remark,) if remark else ())
        label = known.names.get(person, line.name)
        course = self.courses.get(line.course.casefold())
        same = person, course.title if course else line.course.casefold(), line.completed_on
        first = self._rows.setdefault(same, line.row)
        if first != line.row:
            twice = Remark(Note.SAME_COMPLETION, "", {"row": first})
            return PlannedRow(line.row, ChangeKind.UNCHANGED, label, person, remarks=(twice,))
        if course is None:
            kind = ChangeKind.UNCHANGED if same in known.kept else ChangeKind.EVIDENCE
            differences = (("course", "", line.course), ("completed_on", "", line.completed_on.isoformat()))
            remarks = (Remark(Note.UNKNOWN_COURSE, "course"),)
            return PlannedRow(line.row, kind, label, person, None, line, differences, remarks)
        return self._plan_known(line, label, person, course, known)

    def _plan_known(
        self, line: CompletionLine, label: str, person: int, course: KnownCourse, known: RecordSnapshot
    ) -> PlannedRow:
        key = person, course.id
        latest = max(filter(None, (known.latest.get(key), self._added.get(key))), default=None)
        if latest is not None and (self.when_known == WhenKnown.KEEP or line.completed_on <= latest):
            already = Remark(Note.KNOWN_COURSE, "completed_on", {"day": latest.isoformat()})
            return PlannedRow(line.row, ChangeKind.UNCHANGED, label, person, course.id, remarks=(already,))
        self._added[key] = line.completed_on
        was = latest.isoformat() if latest else ""
        return PlannedRow(
            line.row,
            ChangeKind.CHANGED if latest else ChangeKind.NEW,
            label,
            person,
            course.id,
            line,
            (("course", "", course.title), ("completed_on", was, line.completed_on.isoformat())),
            (Remark(Note.MATCHED_BEFORE, "course", {"name": line.course}),) if course.matched else (),
        )


def _identify(line: CompletionLine, known: RecordSnapshot) -> tuple[int | None, Remark | None]:
    """The person by employee number, then by e-mail; who may not be seen is nobody."""
    numbered = set(known.numbers.get(line.number, ())) if line.number else set()
    by_email = known.emails.get(line.email) if line.email else None
    if len(numbered) > 1:
        if by_email in numbered:
            return by_email, None
        return None, Remark(Note.NUMBER_TWICE, "employee_number")
    if numbered and by_email is not None and by_email not in numbered:
        return None, Remark(Note.TWO_PEOPLE, "email")
    person = next(iter(numbered), by_email)
    column = "employee_number" if line.number else "email"
    return person, None if person is not None else Remark(Note.NO_PERSON, column)
