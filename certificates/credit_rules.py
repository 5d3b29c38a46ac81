"""The arithmetic of continuing education: quarter hours, cycles, what a line still lacks. No database, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_FLOOR, Decimal

from .enums import CreditField
from .validity import add_months

QUARTER = Decimal("0.25")


@dataclass(frozen=True)
class Cycle:
    """The days from ``starts_on`` up to, and without, ``ends_on``."""

    starts_on: date
    ends_on: date

    def holds(self, day: date) -> bool:
        return self.starts_on <= day < self.ends_on


def cycle_on(day: date, *, months: int, anchor: date) -> Cycle:
    """Return the cycle that a day lies in, when one started on ``anchor`` and each takes so many calendar months.

    Every start is counted from the anchor, so that one on the 31st stays at the ends of months.
    """
    apart = (day.year - anchor.year) * 12 + day.month - anchor.month
    number = apart // months
    if add_months(anchor, number * months) > day:
        number -= 1
    return Cycle(add_months(anchor, number * months), add_months(anchor, (number + 1) * months))


def is_in_quarters(hours: Decimal) -> bool:
    return hours % QUARTER == 0


def most_hours(hours: Decimal, *, minutes_an_hour: int) -> Decimal:
    """Return how many hours of so many minutes a course of so many clock hours can give, rounded down to quarters."""
    counted = hours * 60 / minutes_an_hour
    return (counted / QUARTER).to_integral_value(ROUND_FLOOR) * QUARTER


def list_missing(required: Iterable[CreditField], values: Mapping[str, str]) -> list[CreditField]:
    """Return what a line must say and has no value for, in the order asked."""
    return [key for key in required if not values.get(key, "").strip()]


def mask(number: str) -> str:
    """Return a license number as strangers may read it: its last three signs, if it has more than five."""
    signs = "".join(number.split())
    return f"•••{signs[-3:]}" if len(signs) > 5 else "•••"
