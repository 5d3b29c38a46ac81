"""The ledger: rows are added, never changed, and each finished pass has one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal
from threading import Barrier

import pytest
from django.core import checks
from django.db import DatabaseError, connection, connections, transaction

from curricula.models import Course, CourseVersion
from lms.accounts.models import Person
from lms.audit.append_only import list_missing_triggers
from lms.audit.models import AuditEvent
from lms.learning.models import Completion, Enrollment
from lms.learning.selectors import get_progress
from lms.learning.services import enroll, finish_course, record_completion, record_section, void_completion
from lms.learning.signals import completion_recorded, completion_voided
from tests.conftest import Cast

from .conftest import make_course

NOW = datetime(2026, 11, 23, 18, tzinfo=UTC)
DAY = date(2026, 11, 23)


def record(person: Person, course: Course, key: str = "one", version: int | None = None) -> Completion:
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
        version=version,
        place="Room 4",
    )


def test_it_works(cast: Cast, course: Course) -> None:
    told: list[int] = []

    def listen(completion_ids: list[int], **kwargs: object) -> None:
        told.extend(completion_ids)

    completion_recorded.connect(listen)
    try:
        completion = record(cast.learner, course)
        record(cast.learner, course)
    finally:
        completion_recorded.disconnect(listen)
    assert told == [completion.pk]
    assert (completion.person_name, completion.course_code, completion.course_title) == (
        "Lena Learner",
        "small-course",
        "Small course",
    )
    completion.refresh_from_db()
    assert (completion.version, completion.hours, completion.place) == (1, Decimal("1.25"), "Room 4")
    assert AuditEvent.objects.get(action="completion.recorded").target_id == str(completion.pk)


def test_a_row_keeps_what_was_true(cast: Cast, course: Course) -> None:
    record(cast.learner, course)
    Person.objects.filter(pk=cast.learner.pk).update(last_name="Renamed")
    Course.objects.update(title="Another title", hours=9, current_version=7)
    completion = Completion.objects.get()
    assert (completion.person_name, completion.course_title, completion.hours, completion.version) == (
        "Lena Learner",
        "Small course",
        Decimal("1.25"),
        1,
    )


def test_the_hours_are_those_of_the_version(cast: Cast, course: Course) -> None:
    CourseVersion.objects.create(course=course, number=1, note="First", hours="1.25", published_at=NOW)
    course.current_version, course.hours = 2, Decimal("3.5")
    assert record(cast.learner, course, "old", version=1).hours == Decimal("1.25")
    assert record(cast.learner, course, "new").hours == Decimal("3.5")


@pytest.mark.postgres
def test_a_row_is_never_changed_or_deleted_through_the_orm(cast: Cast, course: Course) -> None:
    completion = record(cast.learner, course)
    for act in (
        lambda: Completion.objects.update(course_title="Another"),
        lambda: Completion.objects.bulk_update([Completion(pk=completion.pk, reason="Other")], ["reason"]),
        lambda: Completion.objects.filter(pk=completion.pk)._raw_delete(using="default"),
        completion.save,
        completion.delete,
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()
    assert Completion.objects.get().course_title == "Small course"


@pytest.mark.postgres
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE learning_completion SET score = 100",
        "DELETE FROM learning_completion",
        "TRUNCATE learning_completion CASCADE",
        "INSERT OR REPLACE INTO learning_completion SELECT * FROM learning_completion",
    ],
)
def test_a_row_is_never_changed_or_deleted_by_plain_sql(cast: Cast, course: Course, statement: str) -> None:
    record(cast.learner, course)
    # What one of the two databases does not know at all, it refuses as well.
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Completion.objects.get().score is None


@pytest.mark.postgres
def test_the_triggers_stand(db: None) -> None:
    assert list_missing_triggers("default") == []
    assert checks.run_checks(tags=["database"], databases=["default"]) == []
    with connection.cursor() as cursor:
        on_table = " ON learning_completion" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER learning_completion_no_update{on_table}")
    assert [problem.id for problem in checks.run_checks(tags=["database"], databases=["default"])] == ["audit.E001"]


@pytest.mark.postgres
def test_the_same_key_is_the_same_row(cast: Cast, course: Course) -> None:
    assert record(cast.learner, course) == record(cast.learner, course)
    assert Completion.objects.count() == 1


@pytest.mark.postgres
def test_a_void_is_a_row_with_a_reason(cast: Cast, course: Course) -> None:
    completion = record(cast.learner, course)
    with pytest.raises(ValueError, match="why"):
        void_completion(completion=completion, reason=" ", actor=cast.manager, now=NOW)
    told: list[int] = []

    def listen(completion_ids: list[int], **kwargs: object) -> None:
        told.extend(completion_ids)

    completion_voided.connect(listen)
    try:
        first = void_completion(completion=completion, reason=" Wrong person ", actor=cast.manager, now=NOW)
        assert void_completion(completion=completion, reason="Again", actor=cast.manager, now=NOW) == first
    finally:
        completion_voided.disconnect(listen)
    assert told == [completion.pk]
    assert (first.reason, first.recorded_by, first.place) == ("Wrong person", cast.manager, "Room 4")
    assert not Completion.objects.standing().exists()
    assert Completion.objects.count() == 2
    assert AuditEvent.objects.get(action="completion.voided").actor == cast.manager
    with pytest.raises(ValueError, match="itself"):
        void_completion(completion=first, reason="Back again", actor=cast.manager, now=NOW)


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


def finished_but_unrecorded(person: Person) -> Enrollment:
    """An enrollment whose every section is read, a moment before its completion is written."""
    enrollment = enroll(person=person, course=make_course(quiz=False), language="en", now=NOW)
    progress = get_progress(enrollment)
    assert progress is not None
    for place in progress.places:
        record_section(enrollment=enrollment, module=place.module.key, section=place.section.id, now=NOW)
    return enrollment


@pytest.mark.postgres
def test_concurrent_finishes_are_one_completion(committing_db: None, django_db_blocker) -> None:  # type: ignore[no-untyped-def]
    with django_db_blocker.unblock():
        person = Person.objects.create_user("two.tabs@example.org", first_name="Two", last_name="Tabs")
        enrollment = finished_but_unrecorded(person)
        together = Barrier(4)

        def finish(_number: int) -> int:
            try:
                together.wait(timeout=20)
                completion = finish_course(enrollment=enrollment, actor=person, now=NOW)
                assert completion is not None
                return completion.pk
            finally:
                connections.close_all()

        with ThreadPoolExecutor(4) as pool:
            keys = set(pool.map(finish, range(4)))
        assert len(keys) == 1
        assert Completion.objects.count() == 1
