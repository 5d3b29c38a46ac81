"""How a span reads as one line on a screen: every edge by a table."""

from datetime import date, timedelta

import pytest

from lms.compliance.enums import Status
from lms.compliance.evaluation import Kind, Span
from lms.compliance.obligations import Standing, stand

SOON, DUE = date(2026, 1, 22), date(2026, 2, 4)
LATE = DUE + timedelta(days=1)
NEVER = date.max


def standing(kind: Kind, as_of: date, *, late: date = LATE, begun: bool = False, mandatory: bool = True) -> Standing:
    span = Span(date(2026, 1, 5), NEVER, kind, SOON if late != NEVER else NEVER, late)
    return stand(span, as_of=as_of, begun=begun, mandatory=mandatory)


@pytest.mark.parametrize(
    ("as_of", "begun", "status"),
    [
        (SOON - timedelta(days=1), False, Status.NOT_STARTED),
        (SOON - timedelta(days=1), True, Status.IN_PROGRESS),
        (SOON, False, Status.DUE_SOON),
        (SOON, True, Status.DUE_SOON),
        (DUE, False, Status.DUE_SOON),
        (LATE, False, Status.OVERDUE),
        (LATE, True, Status.OVERDUE),
    ],
)
def test_what_is_owed_names_its_last_good_day(as_of: date, begun: bool, status: Status) -> None:
    assert standing(Kind.OPEN, as_of, begun=begun) == Standing(status, due_on=DUE)


@pytest.mark.parametrize(
    ("as_of", "status", "due_on"),
    [
        (SOON - timedelta(days=1), Status.COMPLETE, None),
        (SOON, Status.RENEW_SOON, None),
        (DUE, Status.RENEW_SOON, None),
        (LATE, Status.EXPIRED, DUE),
    ],
)
def test_what_is_held_names_the_first_day_not_covered(as_of: date, status: Status, due_on: date | None) -> None:
    assert standing(Kind.HELD, as_of) == Standing(status, due_on=due_on, valid_until=LATE)


def test_what_is_held_for_good_and_what_is_waived_name_no_day() -> None:
    assert standing(Kind.HELD, date(2090, 1, 1), late=NEVER) == Standing(Status.COMPLETE)
    assert standing(Kind.WAIVED, LATE, late=NEVER) == Standing(Status.WAIVED)


@pytest.mark.parametrize(("begun", "status"), [(False, Status.NOT_STARTED), (True, Status.IN_PROGRESS)])
def test_an_elective_is_never_due(begun: bool, status: Status) -> None:
    assert standing(Kind.OPEN, date(2030, 1, 1), mandatory=False, begun=begun) == Standing(status)
