"""Days and months on the civil calendar, which ends on ``date.max`` (pure): what lies beyond is that day, and that day
stands for "never"."""

from __future__ import annotations

from calendar import monthrange
from datetime import MAXYEAR, date, timedelta


def add_months(day: date, months: int) -> date:
    """Return the day ``months`` months later, held to the month's last day (31 Jan + 1 = 28 or 29 Feb)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > MAXYEAR:
        return date.max
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def add_days(day: date, days: int) -> date:
    """Return the day ``days`` days later, or earlier when negative; never plus or minus some days is never."""
    if day == date.max:
        return day
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return date.max if days > 0 else date.min
