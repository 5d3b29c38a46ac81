"""What may not be published or deleted is refused in words."""

from __future__ import annotations

from datetime import UTC, date, datetime

from django.test import Client

from curricula.models import Course, CoursePage, ReviewRecord
from curricula.permissions import why_not_delete, why_not_publish
from lms.learning.models import Enrollment
from tests.conftest import Cast
from tests.learning.conftest import make_course

NOW = datetime(2026, 11, 23, 18, tzinfo=UTC)


def awareness_page() -> CoursePage:
    course = make_course()
    Course.objects.filter(pk=course.pk).update(level="awareness")
    return CoursePage.objects.get(course=course)


def test_an_awareness_course_waits_for_survivor_review(db: None) -> None:
    page = awareness_page()
    assert "no survivor review is recorded" in why_not_publish(page)
    ReviewRecord.objects.create(page=page, kind="legal", reviewed_on=date(2026, 11, 1))
    assert why_not_publish(page)
    ReviewRecord.objects.create(page=page, kind="survivor", reviewed_on=date(2026, 11, 1))
    assert not why_not_publish(page)


def test_a_response_course_does_not(db: None) -> None:
    assert not why_not_publish(CoursePage.objects.get(course=make_course()))


def test_a_page_with_records_is_not_deleted(client: Client, cast: Cast) -> None:
    course = make_course()
    page = CoursePage.objects.get(course=course)
    assert not why_not_delete(page)
    Enrollment.objects.create(person=cast.learner, course=course, version=1, started_at=NOW, last_seen_at=NOW)
    assert "Unpublish it instead" in why_not_delete(page.get_parent())
    cast.editor.is_superuser = cast.editor.is_staff = True
    cast.editor.save()
    client.force_login(cast.editor)
    response = client.post(f"/cms/pages/{page.pk}/delete/", follow=True)
    assert "hangs on it" in response.content.decode()
    assert CoursePage.objects.filter(pk=page.pk).exists()
    client.post(f"/cms/bulk/wagtailcore/page/delete/?id={page.pk}")
    assert CoursePage.objects.filter(pk=page.pk).exists()
