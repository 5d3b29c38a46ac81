"""Who is qualified for something, until when, and where they work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models.functions import Coalesce

from lms.accounts.models import Person
from lms.agencies.models import Agency, Employment, ServiceArea
from lms.agencies.selectors import visible_to
from lms.compliance.calendar import add_days
from lms.compliance.enums import Status
from lms.compliance.evaluation import Kind, Span, fold_credits, status_on
from lms.compliance.models import QualifiedList
from lms.learning.models import Completion

_OWNER = Coalesce("person__merged_into__merged_into", "person__merged_into", "person")


@dataclass(frozen=True)
class Qualified:
    """A person with their jobs of the day. ``valid_until``: the first day on which they are not qualified any more
    (none: for good)."""

    person: Person
    jobs: Sequence[Employment]
    qualified_on: date
    valid_until: date | None
    status: Status


def list_qualified(
    user: Person,
    qualified: QualifiedList,
    *,
    as_of: date,
    today: date,
    unit: Agency | None = None,
    area: ServiceArea | None = None,
    expired: bool = False,
) -> list[Qualified]:
    """Return whom the user may see and who was qualified on the day (``expired``: who was once, and is not any more),
    by unit and name: those with a job at the unit or below it, or in the area, if one is asked for. Five queries."""
    people = visible_to(user, as_of=as_of, today=today)
    jobs = Employment.objects.on(as_of)
    if unit is not None:
        jobs = jobs.filter(agency__in=Agency.objects.subtree_on(unit, as_of).order_by().values("pk"))
    if area is not None:
        jobs = jobs.filter(agency__service_area=area)
    if unit is not None or area is not None:
        people = people.filter(pk__in=jobs.values_list(_OWNER))
    done: dict[int, list[date]] = {}
    completions = (
        Completion.objects.standing()
        .filter(course__in=qualified.courses.order_by().values("pk"), completed_on__lte=as_of)
        .annotate(owner=_OWNER)
        .filter(owner__in=people.order_by().values("pk"))
        .order_by()
    )
    for person, day in completions.values_list("owner", "completed_on"):
        done.setdefault(person, []).append(day)
    named = Person.objects.in_bulk(done)
    held: dict[int, list[Any]] = {}
    for job in (
        jobs.annotate(owner=_OWNER).filter(owner__in=list(done)).select_related("agency__service_area", "job_role")
    ):
        held.setdefault(job.owner, []).append(job)
    lines = [_line(named[person], held.get(person, []), days, qualified, as_of) for person, days in done.items()]
    wanted = [line for line in lines if (line.status == Status.EXPIRED) == expired]
    return sorted(wanted, key=_order)


def _line(
    person: Person, jobs: Sequence[Employment], days: list[date], qualified: QualifiedList, as_of: date
) -> Qualified:
    earned_on, expires_on = fold_credits(qualified.rule, days)[-1]
    span = Span(earned_on, date.max, Kind.HELD, add_days(expires_on, -qualified.window), expires_on)
    return Qualified(
        person=person,
        jobs=jobs,
        qualified_on=earned_on,
        valid_until=None if expires_on == date.max else expires_on,
        status=Status(status_on([span], as_of)),
    )


def _order(line: Qualified) -> tuple[bool, str, str]:
    job = line.jobs[0] if line.jobs else None
    area = job.agency.service_area if job else None
    return not (area and area.high_priority), job.agency.name.casefold() if job else "", line.person.sort_name
