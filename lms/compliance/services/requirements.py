"""Rules: made, changed, and what follows for the people they reach."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from curricula.models import Course
from lms.accounts.models import Person
from lms.audit.services import record
from lms.compliance.models import Requirement, RequirementCondition, RequirementCourse

from .spans import claim_rules, recompute_requirements


class RequirementRefused(ValueError):
    """A rule that can't be; its text is for the person who wrote it."""


@transaction.atomic
def save_requirement(
    *,
    actor: Person | None,
    code: str,
    courses: Sequence[Course],
    conditions: Sequence[RequirementCondition],
    starts_on: date,
    **fields: Any,
) -> tuple[Requirement, bool]:
    """Create the requirement with this code, or leave the one that stands.

    Returns the requirement and whether it was created. ``conditions`` are unsaved rows; their union is the audience.
    Raises RequirementRefused as ``change_requirement`` does.
    """
    standing = Requirement.objects.filter(code=code).first()
    if standing is not None:
        return standing, False
    requirement = Requirement(code=code, starts_on=starts_on, **fields)
    _set(
        requirement, [RequirementCourse(course=course) for course in courses], conditions, actor, "requirement.created"
    )
    return requirement, True


@transaction.atomic
def change_requirement(
    *,
    actor: Person | None,
    requirement: Requirement,
    accepted: Sequence[RequirementCourse],
    conditions: Sequence[RequirementCondition],
    **fields: Any,
) -> Requirement:
    """Give the requirement its new fields, accepted courses and audience (unsaved rows, in place of those that stand).

    Everybody's spans follow: here for a few people, by a job for many. Raises RequirementRefused when the
    audience is empty, no course satisfies it, or it ends before it starts.
    """
    for name, value in fields.items():
        setattr(requirement, name, value)
    _set(requirement, accepted, conditions, actor, "requirement.changed")
    return requirement


def _set(
    requirement: Requirement,
    accepted: Sequence[RequirementCourse],
    conditions: Sequence[RequirementCondition],
    actor: Person | None,
    action: str,
) -> None:
    if not conditions:
        raise RequirementRefused(_("Say whom the rule is for."))
    if not accepted:
        raise RequirementRefused(_("Choose a course that satisfies the rule."))
    if requirement.ends_on is not None and requirement.ends_on <= requirement.starts_on:
        raise RequirementRefused(_("The rule ends before it starts."))
    requirement.save()
    requirement.accepted_courses.all().delete()
    requirement.conditions.all().delete()
    for course in accepted:
        course.requirement = requirement
    for condition in conditions:
        condition.requirement = requirement
    RequirementCourse.objects.bulk_create(accepted)
    RequirementCondition.objects.bulk_create(conditions)
    claim_rules()
    record(
        actor=actor,
        action=action,
        target=requirement,
        detail={
            "rule": {
                name: getattr(requirement, name)
                for name in ("name", "mandatory", "before_placement", "days", "months", "window", "warn", "grace")
            },
            "starts_on": requirement.starts_on.isoformat(),
            "ends_on": requirement.ends_on.isoformat() if requirement.ends_on else None,
            "courses": {row.course.code: row.minimum_version for row in accepted},
            "conditions": [str(row) for row in conditions],
        },
    )
    recompute_requirements(
        requirements=Requirement.objects.filter(pk=requirement.pk), now=timezone.now(), requested_by=actor
    )
