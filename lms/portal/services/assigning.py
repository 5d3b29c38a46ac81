"""Courses that a manager assigns to people by name, and waivers for several people at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from curricula.models import Course
from lms.accounts.models import Person
from lms.accounts.selectors import identities
from lms.audit.services import record
from lms.compliance.models import Requirement, RequirementCondition, RequirementCourse, Waiver
from lms.compliance.services import RequirementRefused, change_requirement, save_requirement, waive
from lms.portal.enums import ASSIGNED


@transaction.atomic
def assign_course(
    *,
    actor: Person,
    people: Sequence[Person],
    course: Course,
    due_on: date,
    owed: bool,
    key: UUID,
    today: date,
) -> Requirement:
    """Assign the course to the people and return the requirement that names them; ``due_on`` is the last good day.

    ``owed``: it falls due and counts in the figures; otherwise it is offered. ``key`` makes it safe to say twice.
    Raises RequirementRefused for a day that has passed.
    """
    if due_on < today:
        raise RequirementRefused(_("The day has passed. Choose today or a later day."))
    requirement, created = save_requirement(
        actor=actor,
        code=f"{ASSIGNED}{key}",
        name=_("Assigned: %(course)s") % {"course": course.title},
        text=_("Assigned by %(person)s on %(day)s.") % {"person": actor.full_name, "day": date_format(today)},
        mandatory=owed,
        days=(due_on - today).days,
        starts_on=today,
        courses=[course],
        conditions=[RequirementCondition(person=person) for person in people],
    )
    if created:
        for person in people:
            record(
                actor=actor,
                action="course.assigned",
                target=person,
                detail={"course": course.code, "until": due_on.isoformat()},
            )
    return requirement


@transaction.atomic
def take_back_assignment(*, actor: Person, requirement: Requirement, person: Person, today: date) -> None:
    """Let the person off an assignment from today on; what they completed stays.

    One that was made today is laid back by a day, since no rule may end before it begins: it then holds on no day from
    today on. Raises RequirementRefused for a rule that is no assignment to this person.
    """
    requirement = Requirement.objects.select_for_update().get(pk=requirement.pk)
    conditions = list(requirement.conditions.select_related("person"))
    own = set(identities(person).values_list("pk", flat=True))
    left = [condition for condition in conditions if condition.person_id not in own]
    if not requirement.code.startswith(ASSIGNED) or len(left) == len(conditions):
        raise RequirementRefused(_("This is no assignment that can be taken back."))
    fields: dict[str, object] = {}
    if not left:
        left = conditions
        fields = {"ends_on": today, "starts_on": min(requirement.starts_on, today - timedelta(days=1))}
    change_requirement(
        actor=actor,
        requirement=requirement,
        accepted=[
            RequirementCourse(course=row.course, minimum_version=row.minimum_version)
            for row in requirement.accepted_courses.select_related("course")
        ],
        conditions=[RequirementCondition(person=condition.person) for condition in left],
        **fields,
    )
    record(actor=actor, action="course.assignment_taken_back", target=person, detail={"name": requirement.name})


@transaction.atomic
def waive_for(
    *,
    actor: Person,
    people: Sequence[Person],
    requirement: Requirement,
    valid_from: date,
    valid_until: date | None,
    reason: str,
    approved_by: Person,
    now: datetime,
) -> list[Waiver]:
    """Waive the requirement for each of the people and return the new waivers; whoever has just this one keeps it.

    Raises WaiverRefused as ``lms.compliance.services.waive`` does, and then waives for nobody.
    """
    waivers = []
    for person in people:
        standing = Waiver.objects.standing().filter(person__in=identities(person), requirement=requirement)
        if standing.filter(valid_from=valid_from, valid_until=valid_until).exists():
            continue
        waivers.append(
            waive(
                actor=actor,
                person=person,
                requirement=requirement,
                valid_from=valid_from,
                valid_until=valid_until,
                reason=reason,
                approved_by=approved_by,
                now=now,
            )
        )
    return waivers
