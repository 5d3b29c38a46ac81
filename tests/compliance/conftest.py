"""Rules and completions in few words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from curricula.models import Course
from lms.accounts.models import Person
from lms.agencies.models import Employment
from lms.agencies.signals import employment_changed
from lms.compliance.models import Requirement, RequirementCondition
from lms.compliance.services import save_requirement
from lms.learning.models import Completion
from lms.learning.services import record_completion
from tests.conftest import START, Cast

Require = Callable[..., Requirement]
NOW = datetime(2026, 1, 20, 12, tzinfo=UTC)


@pytest.fixture
def course(db: None) -> Course:
    return make_course("cast-101")


def make_course(code: str, **fields: object) -> Course:
    return Course.objects.create(
        **{"code": code, "kind": "core", "level": "awareness", "title": "First course", **fields}
    )


@pytest.fixture
def require(course: Course) -> Require:
    def make(
        code: str = "rule", *, course: Course = course, conditions: list[dict[str, object]] | None = None, **fields
    ) -> Requirement:
        return make_requirement(code, course, conditions, **fields)

    return make


def make_requirement(
    code: str, course: Course, conditions: list[dict[str, object]] | None = None, **fields
) -> Requirement:
    return save_requirement(
        actor=None,
        code=code,
        courses=[course],
        conditions=[RequirementCondition(**condition) for condition in ([{}] if conditions is None else conditions)],
        **{"name": code, "days": 30, "starts_on": START, **fields},
    )[0]


def complete(person: Person, course: Course, on: date, **fields) -> Completion:
    return record_completion(
        **{
            "person": person,
            "course": course,
            "started_on": on,
            "completed_on": on,
            "source": "attested",
            "mode": "in_person",
            "actor": None,
            "now": NOW,
            "key": f"test:{person.pk}:{course.pk}:{on}",
            "version": 1,
            **fields,
        }
    )


def change_jobs(person: Person, *, pk: int | None = None, **fields: object) -> None:
    """Rewrite the person's jobs (or the one), as no service does, and say so."""
    jobs = Employment.objects.filter(person=person)
    (jobs if pk is None else jobs.filter(pk=pk)).update(**fields)
    employment_changed.send(sender=Employment, person_ids=[person.pk])


def employ_many(cast: Cast, number: int) -> list[Person]:
    """Employ so many people as the learner is, without telling anybody."""
    job = Employment.objects.get(person=cast.learner)
    people = Person.objects.bulk_create(
        [
            Person(email=f"{n}@example.org", first_name="P", last_name=str(n), sort_name=f"p{n:04}")
            for n in range(number)
        ]
    )
    Employment.objects.bulk_create(
        [
            Employment(
                person=person,
                agency=job.agency,
                job_role=job.job_role,
                supervisor=cast.manager,
                valid_from=START,
            )
            for person in people
        ]
    )
    return people
