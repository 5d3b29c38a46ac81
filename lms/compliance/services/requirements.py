"""Rules: made, changed, and what follows for the people they reach."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any, TypeVar

from django.db import models, transaction
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.text import slugify
from django.utils.translation import gettext as _

from curricula.models import Course
from lms.accounts.models import Person
from lms.audit.services import record
from lms.compliance.models import Requirement, RequirementCondition, RequirementCourse
from lms.compliance.selectors import get_fingerprint

from .spans import claim_rules, recompute_requirements

T = TypeVar("T", bound=models.Model)


class RequirementRefused(ValueError):
    """A rule that can't be; its text is for the person who wrote it."""


class RequirementChanged(RequirementRefused):
    """Somebody changed the rule after it was read."""

    def __init__(self) -> None:
        super().__init__(
            _("Somebody changed this rule meanwhile. Your words are kept below; look at the rule, then go on.")
        )


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
def add_requirement(
    *,
    actor: Person,
    accepted: Sequence[RequirementCourse],
    conditions: Sequence[RequirementCondition],
    name: str,
    **fields: Any,
) -> Requirement:
    """Create a requirement, with a code made from its name. Raises RequirementRefused as ``change_requirement``
    does."""
    code = f"{slugify(name)[:60] or 'rule'}-{get_random_string(6).lower()}"
    requirement = Requirement(code=code, name=name, **fields)
    _set(requirement, accepted, conditions, actor, "requirement.created")
    return requirement


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
    audience is empty, no course satisfies it or one is named twice, nobody could ever begin one of them, or the rule
    ends before it starts.
    """
    for name, value in fields.items():
        setattr(requirement, name, value)
    _set(requirement, accepted, conditions, actor, "requirement.changed")
    return requirement


@transaction.atomic
def change_requirement_as_read(*, actor: Person, requirement: Requirement, mark: str, **changes: Any) -> Requirement:
    """Change the requirement, as ``change_requirement`` does, if it still is as ``mark`` (by ``get_fingerprint``) has
    it. Raises RequirementChanged, and what ``change_requirement`` raises."""
    standing = Requirement.objects.select_for_update().get(pk=requirement.pk)
    if get_fingerprint(standing) != mark:
        raise RequirementChanged
    return change_requirement(actor=actor, requirement=requirement, **changes)


def end_requirement(*, actor: Person, requirement: Requirement, ends_on: date) -> Requirement:
    """Let nobody owe the requirement from the day on; what was owed before stays on record. Raises RequirementRefused
    when it has not begun by then."""
    return change_requirement(
        actor=actor,
        requirement=requirement,
        accepted=_unsaved(requirement.accepted_courses.order_by("pk").select_related("course")),
        conditions=_unsaved(requirement.conditions.order_by("pk")),
        ends_on=ends_on,
    )


def _unsaved(rows: Iterable[T]) -> list[T]:
    copies = []
    for row in rows:
        row.pk = None
        row._state.adding = True
        copies.append(row)
    return copies


def check_rule(requirement: Requirement, accepted: Sequence[RequirementCourse], audience: Sequence[object]) -> None:
    """Raise RequirementRefused for a rule that can't be, as ``change_requirement`` says."""
    if not audience:
        raise RequirementRefused(_("Say whom the rule is for."))
    if not accepted:
        raise RequirementRefused(_("Choose a course that satisfies the rule."))
    if len({row.course_id for row in accepted}) < len(accepted):
        raise RequirementRefused(_("A course is named twice. Name it once."))
    if requirement.ends_on is not None and requirement.ends_on <= requirement.starts_on:
        raise RequirementRefused(_("The rule ends before it starts."))
    if circle := find_circle([row.course_id for row in accepted]):
        raise RequirementRefused(
            _("People could never begin “%(course)s”: what has to be completed before it asks for it first.")
            % {"course": circle}
        )


def find_circle(course_ids: Collection[int]) -> Course | None:
    """Return a course that has to be completed before itself, by whatever way round, of those that lead to the given
    ones; none when all can be begun."""
    needs: dict[int, set[int]] = {}
    asked = set(course_ids)
    while asked:
        needs |= {course: set() for course in asked}
        rows = Course.prerequisites.through._default_manager.filter(from_course__in=asked)
        for course, needed in rows.values_list("from_course", "to_course"):
            needs[course].add(needed)
        asked = {needed for several in needs.values() for needed in several} - needs.keys()
    # What needs nothing but what can be begun can be begun; what is left over goes round.
    while free := {course for course, needed in needs.items() if not needed & needs.keys()}:
        needs = {course: needed for course, needed in needs.items() if course not in free}
    return Course.objects.filter(pk__in=needs).order_by("pk").first() if needs else None


def _set(
    requirement: Requirement,
    accepted: Sequence[RequirementCourse],
    conditions: Sequence[RequirementCondition],
    actor: Person | None,
    action: str,
) -> None:
    check_rule(requirement, accepted, conditions)
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
