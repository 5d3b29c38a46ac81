"""Where a duty stands: every edge by a table."""

from datetime import date, timedelta

import pytest

from lms.compliance.calendar import add_months
from lms.compliance.enums import Status
from lms.compliance.obligations import Standing, duty_began, stand

HIRED = date(2026, 1, 5)
DUE = date(2026, 2, 4)  # 30 days later: the last good day


def standing(as_of: date, **changes: object) -> Standing:
    rule: dict[str, object] = {
        "duty_from": HIRED,
        "days": 30,
        "months": 12,
        "window": 60,
        "warn": 14,
        "completed_on": None,
        "begun": False,
    }
    return stand(as_of=as_of, **{**rule, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("as_of", "begun", "status"),
    [
        (HIRED, False, Status.NOT_STARTED),
        (HIRED, True, Status.IN_PROGRESS),
        (DUE - timedelta(days=14), False, Status.NOT_STARTED),
        (DUE - timedelta(days=13), False, Status.DUE_SOON),
        (DUE - timedelta(days=13), True, Status.DUE_SOON),
        (DUE, False, Status.DUE_SOON),
        (DUE + timedelta(days=1), False, Status.OVERDUE),
        (DUE + timedelta(days=1), True, Status.OVERDUE),
    ],
)
def test_a_duty_without_completion(as_of: date, begun: bool, status: Status) -> None:
    assert standing(as_of, begun=begun) == Standing(status, due_on=DUE)


@pytest.mark.parametrize(
    ("as_of", "status", "due_on"),
    [
        (date(2026, 3, 1), Status.COMPLETE, None),
        (date(2026, 12, 30), Status.COMPLETE, None),
        (date(2026, 12, 31), Status.RENEW_SOON, None),
        (date(2027, 2, 28), Status.RENEW_SOON, None),
        (date(2027, 3, 1), Status.EXPIRED, date(2027, 2, 28)),
    ],
)
def test_a_completion_of_march_1_is_good_for_twelve_months(as_of: date, status: Status, due_on: date | None) -> None:
    end = date(2027, 3, 1)
    assert standing(as_of, completed_on=date(2026, 3, 1)) == Standing(status, due_on=due_on, valid_until=end)


def test_a_completion_without_renewal_is_good_for_ever() -> None:
    assert standing(date(2090, 1, 1), months=None, completed_on=HIRED) == Standing(Status.COMPLETE)


@pytest.mark.parametrize(
    ("completed_on", "status"),
    [
        (date(2025, 1, 5), Status.NOT_STARTED),  # lapsed on the day the duty began: owed, not expired
        (date(2025, 1, 6), Status.EXPIRED),  # good on the first day
    ],
)
def test_an_earlier_completion_counts_while_it_is_valid(completed_on: date, status: Status) -> None:
    assert standing(date(2026, 1, 7), completed_on=completed_on).status == status


@pytest.mark.parametrize(("begun", "status"), [(False, Status.NOT_STARTED), (True, Status.IN_PROGRESS)])
def test_an_elective_is_never_due(begun: bool, status: Status) -> None:
    assert standing(date(2030, 1, 1), mandatory=False, begun=begun) == Standing(status)


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 11, 30), 24, date(2028, 11, 30)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
    ],
)
def test_months_are_held_to_the_months_last_day(day: date, months: int, later: date) -> None:
    assert add_months(day, months) == later


A, B, C, D = date(2026, 1, 1), date(2026, 3, 1), date(2026, 6, 1), date.max


@pytest.mark.parametrize(
    ("periods", "as_of", "began"),
    [
        ([], B, None),
        ([(A, D)], B, A),
        ([(B, D)], A, None),
        ([(A, B)], B, None),  # half-open: the last day is the day before
        ([(A, B), (B, D)], C, A),  # abutting: the clock goes on
        ([(A, B), (B + timedelta(days=1), D)], C, B + timedelta(days=1)),  # a gap of a day restarts it
        ([(A, C), (B, D)], C, A),  # overlapping
        ([(A, D), (B, C)], C, A),  # one inside the other
        ([(B, D), (A, B)], C, A),  # in any order
        ([(A, B), (C, D)], B, None),  # between two
        ([(A, B), (C, D)], A, A),  # what comes later does not matter
    ],
)
def test_when_the_duty_began(periods: list[tuple[date, date]], as_of: date, began: date | None) -> None:
    assert duty_began(periods, as_of=as_of) == began
