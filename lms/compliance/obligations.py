"""One line of what a person owes (pure: values in, values out)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from .enums import Status
from .evaluation import Kind, Span, status_on

if TYPE_CHECKING:
    from curricula.models import Course
    from lms.agencies.models import Employment
    from lms.learning.models import Completion, Enrollment

    from .models import Requirement, RequirementCondition

OWED = {Status.NOT_STARTED, Status.IN_PROGRESS, Status.DUE_SOON, Status.OVERDUE, Status.EXPIRED}


@dataclass(frozen=True)
class Standing:
    """Where a duty stands on a day. ``due_on`` is the last good day; ``valid_until`` the first day not covered."""

    status: Status
    due_on: date | None = None
    valid_until: date | None = None


def stand(span: Span, *, as_of: date, begun: bool, mandatory: bool) -> Standing:
    """Return where a duty stands on a day that the span covers. What is not ``mandatory`` is never due."""
    status = status_on([span], as_of)
    late_on = span.late_on if span.late_on != date.max else None
    if span.kind == Kind.WAIVED:
        return Standing(Status.WAIVED)
    if span.kind == Kind.HELD:
        due_on = late_on - timedelta(days=1) if late_on and status == "expired" else None
        return Standing(Status(status), due_on=due_on, valid_until=late_on)
    if status == "open" or not mandatory:
        status_shown = Status.IN_PROGRESS if begun else Status.NOT_STARTED
    else:
        status_shown = Status(status)
    return Standing(status_shown, due_on=late_on - timedelta(days=1) if late_on and mandatory else None)


@dataclass(frozen=True)
class Reason:
    """A condition of the rule, and the job that meets it on the day."""

    condition: RequirementCondition
    employment: Employment
    words: str


@dataclass(frozen=True)
class Obligation:
    """A requirement that applies to a person on a day, and how it stands.

    ``because``: each condition with each of the person's jobs that meets it. ``soon_on``: the first day of the call to
    do it, or to renew it (nothing: none). ``also_counts``: what would satisfy it in place of the course.
    """

    requirement: Requirement
    course: Course
    standing: Standing
    online: bool
    because: tuple[Reason, ...]
    soon_on: date | None = None
    completion: Completion | None = None
    enrollment: Enrollment | None = None
    opens_after: tuple[Course, ...] = field(default=())
    also_counts: tuple[Course, ...] = field(default=())

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
    def comes_with(self) -> str:
        """The first reason in words."""
        return self.because[0].words if self.because else ""

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
