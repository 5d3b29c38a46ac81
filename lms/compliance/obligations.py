"""One line of what a person owes, and the rule behind its status (pure: values in, values out)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from .calendar import add_months
from .enums import Status

if TYPE_CHECKING:
    from curricula.models import Course
    from lms.learning.models import Completion, Enrollment

    from .models import Requirement

OWED = {Status.NOT_STARTED, Status.IN_PROGRESS, Status.DUE_SOON, Status.OVERDUE, Status.EXPIRED}


@dataclass(frozen=True)
class Standing:
    """Where a duty stands on a day. ``due_on`` is the last good day; ``valid_until`` the first day not covered."""

    status: Status
    due_on: date | None = None
    valid_until: date | None = None


def stand(
    *,
    as_of: date,
    duty_from: date,
    days: int,
    months: int | None,
    window: int,
    warn: int,
    completed_on: date | None,
    begun: bool,
    mandatory: bool = True,
) -> Standing:
    """Return where a duty that began on ``duty_from`` stands on ``as_of``, given the latest completion.

    ``days`` to complete, renewal after ``months`` (``None``: once for good), ``window`` days before the end of
    validity in which a renewal is called for, ``warn`` days before the due date in which it is called soon. What is
    not ``mandatory`` is never due.
    """
    if completed_on is not None and (months is None or add_months(completed_on, months) > duty_from):
        if months is None:
            return Standing(Status.COMPLETE)
        valid_until = add_months(completed_on, months)
        if as_of >= valid_until:
            return Standing(Status.EXPIRED, due_on=valid_until - timedelta(days=1), valid_until=valid_until)
        soon = as_of >= valid_until - timedelta(days=window)
        return Standing(Status.RENEW_SOON if soon else Status.COMPLETE, valid_until=valid_until)
    if not mandatory:
        return Standing(Status.IN_PROGRESS if begun else Status.NOT_STARTED)
    due_on = duty_from + timedelta(days=days)
    if as_of > due_on:
        return Standing(Status.OVERDUE, due_on=due_on)
    if as_of > due_on - timedelta(days=warn):
        return Standing(Status.DUE_SOON, due_on=due_on)
    return Standing(Status.IN_PROGRESS if begun else Status.NOT_STARTED, due_on=due_on)


def duty_began(periods: Iterable[tuple[date, date]], *, as_of: date) -> date | None:
    """Return the first day of the unbroken stretch of half-open ``periods`` that covers ``as_of`` (``None``: none).

    Abutting periods are one stretch, so that a transfer restarts no clock.
    """
    start, end = date.min, date.min
    for begin, finish in sorted(periods):
        if begin > as_of:
            break
        if begin > end:
            start, end = begin, finish
        else:
            end = max(end, finish)
    return start if start <= as_of < end else None


@dataclass(frozen=True)
class Obligation:
    """A requirement that applies to a person on a day, and how it stands."""

    requirement: Requirement
    course: Course
    standing: Standing
    comes_with: str
    online: bool
    completion: Completion | None = None
    enrollment: Enrollment | None = None
    opens_after: tuple[Course, ...] = field(default=())

    @property
    def status(self) -> Status:
        return self.standing.status

    @property
    def due_on(self) -> date | None:
        return self.standing.due_on

    @property
    def valid_until(self) -> date | None:
        return self.standing.valid_until

    @property
    def mandatory(self) -> bool:
        return self.requirement.mandatory

    @property
    def owed(self) -> bool:
        """Whether something is left to do now."""
        return self.status in OWED

    @property
    def shown_status(self) -> str:
        """The status as a screen shows it: a duty that can't be begun yet says so, unless it is late."""
        if self.status in {Status.NOT_STARTED, Status.DUE_SOON} and not self.online:
            return "not_online"
        if self.status == Status.NOT_STARTED and self.opens_after:
            return "opens_later"
        return self.status.value

    @property
    def can_begin(self) -> bool:
        return self.online and not self.opens_after and (self.owed or self.status == Status.RENEW_SOON)
