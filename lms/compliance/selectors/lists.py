"""Supervisors' own lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from curricula.models import Course
from lms.accounts.models import Person, PersonQuerySet
from lms.accounts.selectors import identities
from lms.agencies.models import Employment
from lms.agencies.selectors import answerable_for, visible_to
from lms.compliance.models import CourseList, ObligationSpan, RequirementCondition

MET = ("complete", "renew_soon")


def list_own_people(user: Person, *, as_of: date) -> PersonQuerySet:
    """Return whom a list offers by name: the direct reports. Whoever else the user decides about joins by the link."""
    reports = Employment.objects.on(as_of).filter(supervisor__in=identities(user)).values("person")
    people: PersonQuerySet = answerable_for(user, as_of=as_of).filter(pk__in=reports).order_by("sort_name", "pk")
    return people


def is_on_list(person: Person, course_list: CourseList) -> bool:
    return RequirementCondition.objects.filter(
        requirement__course_list=course_list, person__in=identities(person)
    ).exists()


@dataclass(frozen=True)
class ListLine:
    """One of a list's people, with the status of each of its courses in order (a key of the status vocabulary)."""

    person: Person
    statuses: list[str]

    @property
    def done(self) -> bool:
        return all(status in {"complete", "waived"} for status in self.statuses)


def list_list_people(
    user: Person, course_list: CourseList, courses: Sequence[Course], *, as_of: date
) -> list[ListLine]:
    """Return a line for each of the list's people whom the user still sees, by name, with a status for each of the
    courses: three queries."""
    named = RequirementCondition.objects.filter(requirement__course_list=course_list).values("person")
    people = list(visible_to(user, as_of=as_of).filter(pk__in=named).order_by("sort_name", "pk"))
    spans: Any = ObligationSpan.objects.with_status(as_of).filter(
        requirement__course_list=course_list, person__in=people
    )
    rows = spans.values_list("person", "requirement__accepted_courses__course", "status")
    known = {(person, course): status for person, course, status in rows}
    return [ListLine(person, [_word(known.get((person.pk, course.pk))) for course in courses]) for person in people]


def _word(status: str | None) -> str:
    """What is chosen is never late."""
    if status is None:
        return "not_required"
    if status in MET:
        return "complete"
    return "waived" if status == "waived" else "not_started"
