"""Publishing: a version is an explicit act."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from curricula.hours import credit_hours
from curricula.models import Course, CoursePage, CourseVersion
from curricula.outline import reading_load
from curricula.signals import course_version_published
from lms.accounts.models import Person


class NothingToPublish(ValueError):
    """The course has no live page or no live module."""


@transaction.atomic
def publish_version(*, course: Course, note: str, actor: Person | None, now: datetime) -> CourseVersion:
    """Make what is live now the next version of the course, with its credit hours by the written rule.

    Raises NothingToPublish when no module is live. Corrections publish pages without calling this.
    """
    course = Course.objects.select_for_update().get(pk=course.pk)
    page = CoursePage.objects.live().filter(course=course).order_by("locale_id").first()
    loads = [reading_load(module) for module in page.live_modules()] if page else []
    if not loads:
        raise NothingToPublish(_("No module of “%s” is online yet.") % course)
    hours = credit_hours(
        words=sum(load.words for load in loads),
        video_seconds=sum(load.video_seconds for load in loads),
        practice_minutes=sum(load.practice_minutes for load in loads),
        questions=course.quiz.questions.filter(retired=False).count() if course.quiz else 0,
    )
    version = course.versions.create(
        number=course.current_version + 1, note=note, hours=hours, published_at=now, published_by=actor
    )
    course.current_version, course.hours = version.number, hours
    course.save(update_fields=["current_version", "hours"])
    course_version_published.send(sender=Course, course_ids=[course.pk])
    return version
