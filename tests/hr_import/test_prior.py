"""Prior completions, planned: by tables."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from lms.hr_import.enums import Note
from lms.hr_import.lines import CompletionLine
from lms.hr_import.prior import KnownCourse, PlannedRow, PriorPlanner, RecordSnapshot

TODAY = date(2026, 6, 1)
COURSES = {"csec-101": KnownCourse(1, "First course"), "first course": KnownCourse(1, "First course")}
KNOWN = RecordSnapshot(
    numbers={"1": [1], "2": [2], "3": [1, 2]},
    emails={"ana@x.org": 1, "bea@x.org": 2},
    names={1: "Ana Alba", 2: "Bea Boss"},
    latest={(1, 1): date(2025, 5, 5)},
    kept=frozenset({(2, "old thing", date(2020, 1, 1))}),
)


def line(row: int = 2, **fields: object) -> CompletionLine:
    values: dict[str, object] = {
        "row": row,
        "number": "2",
        "email": "",
        "course": "CSEC-101",
        "completed_on": date(2024, 4, 4),
        "hours": Decimal(2),
        "score": None,
        "provider": "Elsewhere",
        **fields,
    }
    return CompletionLine(**values)  # type: ignore[arg-type]


def plan(*lines: CompletionLine, when_known: str = "keep") -> list[PlannedRow]:
    planner = PriorPlanner(COURSES, when_known=when_known, as_of=TODAY)
    return [planner.plan(line, KNOWN) for line in lines]


CASES = {
    "new": ({}, "keep", "new", []),
    "by title": ({"course": "First Course"}, "keep", "new", []),
    "by e-mail": ({"number": "", "email": "bea@x.org"}, "keep", "new", []),
    "known, kept": ({"number": "1", "completed_on": date(2026, 1, 1)}, "keep", "unchanged", [Note.KNOWN_COURSE]),
    "known, more recent": ({"number": "1", "completed_on": date(2026, 1, 1)}, "replace", "changed", []),
    "known, the same day": (
        {"number": "1", "completed_on": date(2025, 5, 5)},
        "replace",
        "unchanged",
        [Note.KNOWN_COURSE],
    ),
    "known, older": ({"number": "1"}, "replace", "unchanged", [Note.KNOWN_COURSE]),
    "unknown course": ({"course": "Old Thing"}, "keep", "evidence", [Note.UNKNOWN_COURSE]),
    "evidence kept before": (
        {"course": "Old thing", "completed_on": date(2020, 1, 1)},
        "keep",
        "unchanged",
        [Note.UNKNOWN_COURSE],
    ),
    "nobody": ({"number": "404"}, "keep", "refused", [Note.NO_PERSON]),
    "nobody by e-mail": ({"number": "", "email": "zoe@far.org"}, "keep", "refused", [Note.NO_PERSON]),
    "two people": ({"email": "ana@x.org"}, "keep", "refused", [Note.TWO_PEOPLE]),
    "a number twice": ({"number": "3"}, "keep", "refused", [Note.NUMBER_TWICE]),
    "a number twice, the e-mail decides": ({"number": "3", "email": "bea@x.org"}, "keep", "new", []),
    "still to come": ({"completed_on": date(2027, 1, 1)}, "keep", "refused", [Note.FUTURE]),
    "a child's number": ({"course": "Case 21JV000123A"}, "keep", "refused", [Note.IDENTIFIER]),
}


@pytest.mark.parametrize("case", CASES)
def test_one_row(case: str) -> None:
    fields, when_known, kind, notes = CASES[case]
    [planned] = plan(line(**fields), when_known=when_known)
    assert (planned.kind, [remark.note for remark in planned.remarks]) == (kind, notes)


def test_rows_know_of_each_other() -> None:
    days = [date(2024, 4, 4), date(2024, 4, 4), date(2024, 6, 6), date(2024, 5, 5)]
    rows = [line(number, completed_on=day) for number, day in enumerate(days)]
    assert [planned.kind for planned in plan(*rows)] == ["new", "unchanged", "unchanged", "unchanged"]
    assert [planned.kind for planned in plan(*rows, when_known="replace")] == [
        "new",
        "unchanged",
        "changed",
        "unchanged",
    ]
