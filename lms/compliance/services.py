"""Every write of the compliance side."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction

from curricula.models import Course
from lms.accounts.models import Person
from lms.audit.services import record

from .models import Requirement, RequirementCondition


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
    """
    requirement, created = Requirement.objects.get_or_create(code=code, defaults={"starts_on": starts_on, **fields})
    if created:
        for course in courses:
            requirement.accepted_courses.create(course=course)
        for condition in conditions:
            condition.requirement = requirement
        RequirementCondition.objects.bulk_create(conditions)
        record(actor=actor, action="requirement.created", target=requirement)
    return requirement, created
