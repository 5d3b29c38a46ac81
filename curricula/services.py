"""Publishing: a version is an explicit act."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from curricula.models import Course, CourseVersion
from curricula.selectors import preview_version
from curricula.signals import course_version_published
from lms.accounts.models import Person


class NothingToPublish(ValueError):
    """The course has no live page or no live module. Its text says so in words for the author."""


class VersionMovedOn(ValueError):
    """Another version was published since the author looked. Its text says so in words for the author."""


@transaction.atomic
def publish_version(
    *, course: Course, note: str, actor: Person | None, now: datetime, number: int | None = None
) -> CourseVersion:
    """Make what is live now the next version of the course, with its credit hours by the written rule.

    ``number`` is the version that the author meant to publish. Raises NothingToPublish when no module is live and
    VersionMovedOn when the next version is another one by now. Corrections publish pages without calling this.
    """
    course = Course.objects.select_for_update().get(pk=course.pk)
    preview = preview_version(course)
    if number is not None and number != preview.number:
        raise VersionMovedOn(
            _("Version %(number)d of “%(title)s” was published meanwhile. Look at what changed since, then decide.")
            % {"number": course.current_version, "title": course}
        )
    if not preview.contents:
        raise NothingToPublish(
            _(
                "“%s” has nothing to publish as a version yet: none of its modules is online. Publish its page and at "
                "least one module first, then come back."
            )
            % course
        )
    version = course.versions.create(
        number=preview.number,
        note=note,
        hours=preview.hours,
        contents=preview.contents,
        published_at=now,
        published_by=actor,
    )
    course.current_version, course.hours = version.number, version.hours
    course.save(update_fields=["current_version", "hours"])
    log(instance=course, action="curricula.publish_version", user=actor, data={"number": version.number, "note": note})
    course_version_published.send(sender=Course, course_ids=[course.pk])
    return version
