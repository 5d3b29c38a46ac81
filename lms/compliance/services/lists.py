"""Supervisors' own lists: made, joined by their link, closed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from curricula.models import Course
from lms.accounts.models import Person
from lms.agencies.selectors import answerable_for
from lms.audit.services import record
from lms.compliance.models import CourseList, Requirement, RequirementCondition, RequirementCourse
from lms.compliance.selectors import is_on_list

from .requirements import RequirementRefused, add_requirement
from .spans import claim_rules, recompute_requirements

MOST = 20  # courses of a list


class ListRefused(ValueError):
    """A list that can't be; its text is for the person who wrote it."""


@transaction.atomic
def make_list(
    *,
    actor: Person,
    name: str,
    courses: Collection[Course],
    people: Collection[Person],
    due_on: date,
    now: datetime,
) -> CourseList:
    """Ask the people to complete the courses by the day, as an elective assignment of each, and return the list.

    Raises ListRefused without a course, for a day that is over, and for somebody whom the actor does not decide about.
    """
    today = timezone.localdate(now)
    if not 0 < len(courses) <= MOST:
        raise ListRefused(_("Choose at least one course, and at most %(most)s.") % {"most": MOST})
    if due_on < today:
        raise ListRefused(_("This day is over. Choose one to come."))
    own = set(answerable_for(actor, as_of=today).filter(pk__in=[one.pk for one in people]).values_list("pk", flat=True))
    if any(person.pk not in own for person in people):
        raise ListRefused(_("A list is for your own people."))
    course_list = CourseList.objects.create(owner=actor, name=name, due_on=due_on, created_at=now)
    record(
        actor=actor,
        action="list.made",
        target=course_list,
        detail={
            "courses": ", ".join(course.code for course in courses),
            "people": len(own),
            "due_on": due_on.isoformat(),
        },
    )
    course_list.courses.set(courses)
    if people:
        _assign(course_list, people, actor=actor, now=now)
    return course_list


def _assign(course_list: CourseList, people: Collection[Person], *, actor: Person, now: datetime) -> None:
    """Make each course of the list an elective requirement of the people, who are not on it yet."""
    today = timezone.localdate(now)
    standing = {
        row.course_id: row.requirement
        for row in RequirementCourse.objects.filter(requirement__course_list=course_list).select_related("requirement")
    }
    for course in course_list.courses.all():
        if course.pk not in standing:
            _add(course_list, course, people, today, actor)
    if standing:
        RequirementCondition.objects.bulk_create(
            RequirementCondition(requirement=rule, person=person) for rule in standing.values() for person in people
        )
        claim_rules()
        rules = Requirement.objects.filter(pk__in=[rule.pk for rule in standing.values()])
        recompute_requirements(requirements=rules, now=now, requested_by=actor)


def _add(course_list: CourseList, course: Course, people: Collection[Person], today: date, actor: Person) -> None:
    try:
        add_requirement(
            actor=actor,
            accepted=[RequirementCourse(course=course)],
            conditions=[RequirementCondition(person=person) for person in people],
            name=f"{course.title[:75]} ({course_list.name})",
            text=_("A list of %(name)s, to be done by %(day)s.")
            % {"name": course_list.owner, "day": date_format(course_list.due_on, "M j, Y")},
            mandatory=False,
            days=max((course_list.due_on - today).days, 0),
            starts_on=today,
            course_list=course_list,
        )
    except RequirementRefused as refusal:
        raise ListRefused(str(refusal)) from refusal


@transaction.atomic
def join_list(*, person: Person, course_list: CourseList, now: datetime) -> bool:
    """Put a person who opened the link on the list; False when they are on it already.

    Raises ListRefused when the list is closed, and for who is not one of its maker's people.
    """
    today = timezone.localdate(now)
    course_list = CourseList.objects.select_for_update().get(pk=course_list.pk)
    if course_list.closed_at is not None:
        raise ListRefused(_("This list is closed."))
    if not answerable_for(course_list.owner, as_of=today).filter(pk=person.pk).exists():
        raise ListRefused(_("This list is for the people of %(name)s.") % {"name": course_list.owner})
    if is_on_list(person, course_list):
        return False
    _assign(course_list, [person], actor=person, now=now)
    record(actor=person, action="list.joined", target=course_list, detail={"person": person.pk})
    return True


@transaction.atomic
def close_list(*, actor: Person, course_list: CourseList, now: datetime) -> None:
    """Ask for nothing any more from tomorrow on; what was done stays done."""
    course_list = CourseList.objects.select_for_update().get(pk=course_list.pk)
    if course_list.closed_at is not None:
        return
    course_list.closed_at = now
    course_list.save(update_fields=["closed_at"])
    rules = Requirement.objects.filter(course_list=course_list)
    rules.update(ends_on=timezone.localdate(now) + timedelta(days=1))
    claim_rules()
    record(actor=actor, action="list.closed", target=course_list)
    recompute_requirements(requirements=rules, now=now, requested_by=actor)
