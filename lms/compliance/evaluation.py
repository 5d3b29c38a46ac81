"""Where a person stands with a requirement on every day (pure: values in, values out, no clock).

Days are civil dates, periods half-open: ``(from, to)`` holds on ``from`` and no longer on ``to``. An open start is
``date.min``, an open end ``date.max``.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Literal, NamedTuple

from .calendar import add_days, add_months

Period = tuple[date, date]
DayStatus = Literal["not_required", "open", "due_soon", "overdue", "complete", "renew_soon", "expired", "waived"]


class Kind(StrEnum):
    """What a span is: credit is still to be earned, is (or was, until it expired) held, or is waived."""

    OPEN = "open"
    HELD = "held"
    WAIVED = "waived"


@dataclass(frozen=True, slots=True)
class Rule:
    """``days`` to complete from the first day of the duty, again every ``months`` (``None``: once for good).

    A renewal counts from the day the credit ends when it comes within ``window`` days before it; ``warn`` days before
    a due date it is due soon; ``grace`` days are left after a waiver. The rule is in force from ``starts`` until the
    day before ``ends``.
    """

    days: int
    months: int | None
    window: int
    warn: int
    grace: int
    starts: date = date.min
    ends: date = date.max


class Span(NamedTuple):
    """A period in which nothing changes but the distance to two days: from ``soon_on`` the person is called, from
    ``late_on`` they are late (both ``date.max``: never)."""

    from_on: date
    to_on: date
    kind: Kind
    soon_on: date
    late_on: date


class Credit(NamedTuple):
    """What counts from a completion on, until the next one: ``expires_on`` is the first day not covered."""

    earned_on: date
    expires_on: date


def evaluate(rule: Rule, *, duty: Iterable[Period], credits: Iterable[date], waivers: Iterable[Period]) -> list[Span]:
    """Return the spans of the days on which the rule applies: ordered, disjoint, each as long as it can be.

    ``duty`` is when the person belongs to the rule's audience, ``credits`` the days of un-voided completions of any
    accepted course, ``waivers`` the un-voided waivers, all in any order, repeated or overlapping. Empty periods count
    for nothing.
    """
    held = fold_credits(rule, credits)
    waived = [period for period in waivers if period[0] < period[1]]
    changes = [credit.earned_on for credit in held] + [edge for period in waived for edge in period]
    spans: list[Span] = []
    for begin, end in merge_duty(rule, duty):
        cuts = sorted({begin, end, *(day for day in changes if begin < day < end)})
        for start, stop in pairwise(cuts):
            piece = Span(start, stop, *_state(rule, held, waived, duty_from=begin, day=start))
            if spans and spans[-1].to_on == start and spans[-1][2:] == piece[2:]:
                piece = piece._replace(from_on=spans.pop().from_on)
            spans.append(piece)
    return spans


def status_on(spans: Iterable[Span], day: date) -> DayStatus:
    """Return the status on the day; ``open`` is owed and not yet due soon, whether begun or not."""
    for span in spans:
        if span.from_on <= day < span.to_on:
            return status_within(span.kind, span.soon_on, span.late_on, day)
    return "not_required"


def status_within(kind: Kind | str, soon_on: date, late_on: date, day: date) -> DayStatus:
    """Return the status on a day that a span of this kind, with these two days, covers."""
    if kind == Kind.WAIVED:
        return "waived"
    if kind == Kind.HELD:
        return "expired" if day >= late_on else "renew_soon" if day >= soon_on else "complete"
    return "overdue" if day >= late_on else "due_soon" if day >= soon_on else "open"


def split_by_status(kind: Kind, number: int, soon: int, late: int) -> dict[DayStatus, int]:
    """Return how many of so many spans of a kind have which status on a day, of which so many have reached the day of
    the call (``soon``), and of these so many the first late day (``late``)."""
    if kind == Kind.WAIVED:
        return {"waived": number}
    if kind == Kind.HELD:
        return {"complete": number - soon, "renew_soon": soon - late, "expired": late}
    return {"open": number - soon, "due_soon": soon - late, "overdue": late}


def merge_duty(rule: Rule, duty: Iterable[Period]) -> list[Period]:
    """Return the unbroken stretches of the duty while the rule is in force.

    Periods that overlap or abut are one stretch, so that a second job or a transfer restarts no clock; a day between
    them does.
    """
    stretches: list[Period] = []
    for begin, end in sorted((max(begin, rule.starts), min(end, rule.ends)) for begin, end in duty):
        if begin >= end:
            continue
        if stretches and begin <= stretches[-1][1]:
            begin, end = stretches[-1][0], max(end, stretches.pop()[1])
        stretches.append((begin, end))
    return stretches


def fold_credits(rule: Rule, credits: Iterable[date]) -> list[Credit]:
    """Return what each completion made of the credit, in order; one that changes nothing is left out.

    A renewal within the window keeps the day of the year: it counts from the first completion of the row, so that the
    ends of months do not drift. Any other completion counts from its own day and never shortens what is held.
    """
    held: list[Credit] = []
    anchor, terms = date.min, 0
    for day in sorted(set(credits)):
        if rule.months is None:
            return [Credit(day, date.max)]
        expires_on = held[-1].expires_on if held else date.min
        if held and add_days(expires_on, -rule.window) <= day < expires_on:
            terms += 1
        elif not held or add_months(day, rule.months) > expires_on:
            anchor, terms = day, 1
        else:
            continue
        held.append(Credit(day, add_months(anchor, terms * rule.months)))
    return held


def _state(
    rule: Rule, held: Sequence[Credit], waived: Sequence[Period], *, duty_from: date, day: date
) -> tuple[Kind, date, date]:
    """Return kind, first day of the call and first late day of the piece of the stretch that begins on ``day``."""
    if any(begin <= day < end for begin, end in waived):
        return Kind.WAIVED, date.max, date.max
    ended = max((end for _begin, end in waived if duty_from < end <= day), default=None)
    due_on = add_days(duty_from, rule.days)
    grace_until = None if ended is None else add_days(ended, rule.grace)
    if grace_until is not None:
        due_on = max(due_on, grace_until)
    earned = bisect_right(held, day, key=lambda credit: credit.earned_on)
    expires_on = held[earned - 1].expires_on if earned else date.min
    if expires_on <= duty_from:
        late_on = add_days(due_on, 1)
    elif grace_until is not None and expires_on < grace_until:
        late_on = add_days(grace_until, 1)
    else:
        return Kind.HELD, add_days(expires_on, -rule.window), expires_on
    return Kind.OPEN, add_days(late_on, -rule.warn), late_on
