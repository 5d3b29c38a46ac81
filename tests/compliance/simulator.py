"""The evaluation rule walked day by day, as a person with a calendar would: no period is ever cut, merged or compared
with another one. Written from the text of the rule, not from ``lms.compliance.evaluation``, which it checks."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from lms.compliance.evaluation import Period, Rule

ONE_DAY = timedelta(days=1)


def months_later(day: date, months: int) -> date:
    """The same day of the month, months later, or the last one that the month has."""
    year, month = day.year, day.month
    for _step in range(months):
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    number = day.day
    while True:
        try:
            return date(year, month, number)
        except ValueError:
            number -= 1


class CreditBook:
    """What the completions so far are worth."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.anchor: date | None = None
        self.terms = 0
        self.expires_on: date | None = None

    def enter(self, day: date) -> None:
        if self.rule.months is None:
            self.expires_on = date.max
        elif self.anchor is None or self.expires_on is None:
            self._begin(day)
        elif self.expires_on - timedelta(days=self.rule.window) <= day < self.expires_on:
            self.terms += 1
            self.expires_on = months_later(self.anchor, self.terms * self.rule.months)
        elif months_later(day, self.rule.months) > self.expires_on:
            self._begin(day)

    def _begin(self, day: date) -> None:
        assert self.rule.months is not None
        self.anchor, self.terms = day, 1
        self.expires_on = months_later(day, self.rule.months)


def simulate(
    rule: Rule,
    *,
    duty: Collection[Period],
    credits: Collection[date],
    waivers: Collection[Period],
    first: date,
    last: date,
) -> dict[date, str]:
    """The status on each day; ``first`` is a day before everything but what is open at its start."""
    statuses: dict[date, str] = {}
    book = CreditBook(rule)
    assigned: date | None = None
    waiver_ended: date | None = None
    completed = set(credits)
    day = first
    while day <= last:
        if day in completed:
            book.enter(day)
        if not (rule.starts <= day < rule.ends and any(begin <= day < end for begin, end in duty)):
            assigned = None
            statuses[day] = "not_required"
        else:
            if assigned is None:
                assigned, waiver_ended = (date.min if day == first else day), None
            elif any(end == day and begin < end for begin, end in waivers):
                waiver_ended = day
            if any(begin <= day < end for begin, end in waivers):
                statuses[day] = "waived"
            else:
                statuses[day] = _owed(rule, day, assigned, waiver_ended, book.expires_on)
        day += ONE_DAY
    return statuses


def _owed(rule: Rule, day: date, assigned: date, waiver_ended: date | None, expires_on: date | None) -> str:
    due = assigned + timedelta(days=rule.days)
    grace_end = None
    if waiver_ended is not None:
        grace_end = waiver_ended + timedelta(days=rule.grace)
        due = max(due, grace_end)
    if expires_on is None:
        return _open(rule, day, due + ONE_DAY)
    if expires_on <= assigned:
        return _open(rule, day, max(expires_on, due + ONE_DAY))
    if grace_end is not None and expires_on < grace_end:
        return _open(rule, day, grace_end + ONE_DAY)
    if day >= expires_on:
        return "expired"
    if expires_on != date.max and day >= expires_on - timedelta(days=rule.window):
        return "renew_soon"
    return "complete"


def _open(rule: Rule, day: date, late: date) -> str:
    if day >= late:
        return "overdue"
    if day >= late - timedelta(days=rule.warn):
        return "due_soon"
    return "open"
