"""Months and days on the civil calendar: every edge by a table."""

from datetime import date

import pytest

from lms.compliance.calendar import add_days, add_months


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 11, 30), 24, date(2028, 11, 30)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(9999, 12, 1), 1, date.max),
    ],
)
def test_months_are_held_to_the_months_last_day(day: date, months: int, later: date) -> None:
    assert add_months(day, months) == later


@pytest.mark.parametrize(
    ("day", "days", "later"),
    [
        (date(2028, 2, 28), 1, date(2028, 2, 29)),
        (date(2026, 3, 1), -1, date(2026, 2, 28)),
        (date.max, -10, date.max),
        (date(9999, 12, 30), 10, date.max),
        (date(1, 1, 2), -10, date.min),
    ],
)
def test_days_end_at_never(day: date, days: int, later: date) -> None:
    assert add_days(day, days) == later
