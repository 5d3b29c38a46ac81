"""What may be published or deleted, answered in words."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.models import Page

from curricula.models import Course, CoursePage, ModulePage, ReviewRecord, SurvivorReviewedPage
from curricula.signals import records_counted


def why_not_publish(page: Page) -> str:
    """Return why the page may not be published yet, or nothing.

    A survivor review is missing (see SurvivorReviewedPage), or a module has nothing to show.
    """
    page = page.specific
    if isinstance(page, SurvivorReviewedPage) and (reason := page.why_unreviewed()):
        return reason
    if isinstance(page, ModulePage) and not page.body:
        return _("“%(title)s” can't be published yet: it has no section yet. Your draft is saved.") % {
            "title": page.title
        }
    return ""


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
