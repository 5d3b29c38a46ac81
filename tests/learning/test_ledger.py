"""The ledger: rows are added, never changed, and each finished pass has one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from threading import Barrier

import pytest
from django.db import DatabaseError, connection, connections, transaction

from curricula.models import Course
from lms.accounts.models import Person
from lms.learning.models import Completion, Enrollment
from lms.learning.services import finish_course, record_completion, void_completion
from lms.learning.signals import completion_recorded
from tests.conftest import Cast

from .conftest import make_course

NOW = datetime(2026, 11, 23, 18, tzinfo=UTC)
DAY = date(2026, 11, 23)


def record(person: Person, course: Course, key: str = "one") -> Completion:
    return record_completion(
        person=person,
        course=course,
        started_on=DAY,
        completed_on=DAY,
        source="attested",
        mode="in_person",
        actor=None,
        now=NOW,
        key=key,
    )


@pytest.mark.postgres
def test_a_row_is_never_changed_or_deleted(cast: Cast, course: Course) -> None:
    completion = record(cast.learner, course)
    for act in (
        lambda: Completion.objects.update(course_title="Another"),
        lambda: Completion.objects.filter(pk=completion.pk)._raw_delete(using="default"),
        lambda: completion.save(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM learning_completion")
    assert Completion.objects.get().course_title == "Small course"


@pytest.mark.postgres
def test_the_same_key_is_the_same_row(cast: Cast, course: Course) -> None:
    assert record(cast.learner, course) == record(cast.learner, course)
    assert Completion.objects.count() == 1


@pytest.mark.postgres
def test_a_void_is_a_row_with_a_reason(cast: Cast, course: Course) -> None:
    completion = record(cast.learner, course)
    with pytest.raises(ValueError, match="why"):
        void_completion(completion=completion, reason=" ", actor=cast.manager, now=NOW)
    first = void_completion(completion=completion, reason="Wrong person", actor=cast.manager, now=NOW)
    assert void_completion(completion=completion, reason="Again", actor=cast.manager, now=NOW) == first
    assert not Completion.objects.standing().exists()
    assert Completion.objects.count() == 2


@pytest.mark.postgres
def test_a_receivers_error_takes_the_record_back(cast: Cast, course: Course) -> None:
    def fail(**kwargs: object) -> None:
        raise RuntimeError

    completion_recorded.connect(fail)
    try:
        with pytest.raises(RuntimeError):
            record(cast.learner, course)
    finally:
        completion_recorded.disconnect(fail)
    assert not Completion.objects.exists()


@pytest.mark.postgres
def test_concurrent_finishes_are_one_completion(committing_db: None, django_db_blocker) -> None:  # type: ignore[no-untyped-def]
    with django_db_blocker.unblock():
        person = Person.objects.create_user("two.tabs@example.org", first_name="Two", last_name="Tabs")
        enrollment = Enrollment.objects.create(
            person=person, course=make_course(), version=1, started_at=NOW, last_seen_at=NOW
        )
        together = Barrier(4)

        def finish(_number: int) -> int:
            try:
                together.wait(timeout=20)
                completion = finish_course(enrollment=enrollment, attempt=None, now=NOW)
                assert completion is not None
                return completion.pk
            finally:
                connections.close_all()

        with ThreadPoolExecutor(4) as pool:
            keys = set(pool.map(finish, range(4)))
        assert len(keys) == 1
        assert Completion.objects.count() == 1
