"""What only real commits show: two who save one rule, many who open one link."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connections
from django.utils import timezone

from lms.accounts.models import Person
from lms.agencies.models import AgencyKind, Employment, JobRole
from lms.compliance.models import ObligationSpan, Requirement, RequirementCondition, RequirementCourse
from lms.compliance.selectors import get_fingerprint
from lms.compliance.services import RequirementChanged, change_requirement_as_read, join_list, make_list, verify
from tests.conftest import START, add_agency

from .conftest import make_course, make_requirement

pytestmark = pytest.mark.postgres
PEOPLE = 6


@pytest.fixture
def people(committing_db: None, django_db_blocker):  # type: ignore[no-untyped-def]
    """A supervisor and their people; committed."""
    with django_db_blocker.unblock():
        kind = AgencyKind.objects.create(code="probation", name="Probation")
        role = JobRole.objects.create(code="deputy", title="Deputy", kind=kind)
        home = add_agency("home", kind)
        boss, *people = [
            Person.objects.create_user(f"{n}@example.org", first_name="Pat", last_name=f"P{n}")
            for n in range(PEOPLE + 1)
        ]
        for person in people:
            Employment.objects.create(person=person, agency=home, job_role=role, supervisor=boss, valid_from=START)
        yield [boss, *people]


def at_once(acts: list[Callable[[], object]]) -> list[object]:
    together = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        try:
            together.wait(timeout=30)
            return act()
        except RequirementChanged as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_of_two_who_save_what_they_read_one_is_told(people: list[Person]) -> None:
    course = make_course("first")
    rule = make_requirement("rule", course)
    mark = get_fingerprint(Requirement.objects.get())

    def save(days: int) -> object:
        return change_requirement_as_read(
            actor=people[0],
            requirement=Requirement.objects.get(pk=rule.pk),
            accepted=[RequirementCourse(course=course)],
            conditions=[RequirementCondition()],
            mark=mark,
            days=days,
        ).days

    results = at_once([lambda: save(5), lambda: save(6)])
    [saved] = [result for result in results if not isinstance(result, RequirementChanged)]
    assert Requirement.objects.get().days == saved
    assert RequirementCondition.objects.count() == RequirementCourse.objects.count() == 1
    assert not list(verify([person.pk for person in people]))


def test_all_who_open_a_link_at_once_are_on_the_list_once(people: list[Person]) -> None:
    now = timezone.now()
    courses = [make_course("first"), make_course("second")]
    due_on = timezone.localdate(now) + timedelta(days=30)
    made = make_list(actor=people[0], name="Spring", courses=courses, people=[], due_on=due_on, now=now)
    acts = [lambda person=person: join_list(person=person, course_list=made, now=now) for person in people[1:] * 2]
    results = at_once(acts)
    assert sorted(map(str, results)) == ["False"] * PEOPLE + ["True"] * PEOPLE
    assert Requirement.objects.count() == 2
    assert RequirementCondition.objects.count() == 2 * PEOPLE
    assert ObligationSpan.objects.values("person").distinct().count() == PEOPLE
    assert not list(verify([person.pk for person in people]))
