"""What may be published or deleted, answered in words."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.models import Page

from curricula.enums import CourseLevel, ReviewKind
from curricula.models import Course, CoursePage, ModulePage, PreventionPage, ReviewRecord
from curricula.signals import records_counted


def why_not_publish(page: Page) -> str:
    """Return why the page may not be published yet, or nothing.

    Prevention pages, and courses of level awareness with their modules, need a recorded survivor review.
    """
    page = page.specific
    if isinstance(page, PreventionPage):
        reviewed = page
    elif isinstance(page, CoursePage | ModulePage):
        reviewed = page if isinstance(page, CoursePage) else page.get_parent().specific
        if reviewed.course.level != CourseLevel.AWARENESS:
            return ""
    else:
        return ""
    if ReviewRecord.objects.of_page(reviewed).filter(kind=ReviewKind.SURVIVOR).exists():
        return ""
    return _(
        "“%(title)s” can't be published yet: no survivor review is recorded. Record the review under Reviews, then "
        "publish. Your draft is saved."
    ) % {"title": reviewed.title}


def why_not_delete(page: Page) -> str:
    """Return why the page, with all pages below it, may not be deleted, or nothing."""
    courses = set(CoursePage.objects.descendant_of(page, inclusive=True).values_list("course", flat=True))
    modules = ModulePage.objects.descendant_of(page, inclusive=True).values_list("path", flat=True)
    parents = {path[: -Page.steplen] for path in modules}
    courses |= set(CoursePage.objects.filter(path__in=parents).values_list("course", flat=True))
    answers = records_counted.send(sender=Course, course_ids=sorted(courses)) if courses else []
    if count := sum(int(answer or 0) for _receiver, answer in answers):
        return ngettext(
            "“%(title)s” can't be deleted: %(count)d training record hangs on it, and records are kept. Unpublish it "
            "instead: readers no longer see it, and the record stands.",
            "“%(title)s” can't be deleted: %(count)d training records hang on it, and records are kept. Unpublish it "
            "instead: readers no longer see it, and the records stand.",
            count,
        ) % {"title": page.title, "count": count}
    if ReviewRecord.objects.filter(page__path__startswith=page.path).exists():
        return _("“%(title)s” can't be deleted: reviews of it are recorded. Unpublish it instead.") % {
            "title": page.title
        }
    return ""
