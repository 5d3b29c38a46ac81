"""What may be published or deleted, answered in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model, ProtectedError, RestrictedError
from django.db.models.deletion import Collector
from django.utils.text import capfirst, get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.models import Page

from curricula.models import Course, CoursePage, ModulePage, ReviewRecord, SurvivorReviewedPage
from curricula.signals import records_counted

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from lms.accounts.models import Person


def user_can_publish_version(user: Person | AnonymousUser) -> bool:
    """Whether the user may make what is online the next version of a course."""
    return user.has_perm("curricula.publish_version")


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


def why_not_delete_row(row: Model) -> str:
    """Return why a row that other rows point to may not be deleted, or nothing.

    What the database would refuse is refused here first, in words; and what it would let go in silence too: a course
    that loses its only kind of agency would be for everybody.
    """
    pointing = [*_protected(row), *_linked(row)]
    if not pointing:
        return ""
    counts: dict[str, int] = {}
    for other in pointing:
        name = str(other._meta.verbose_name)
        counts[name] = counts.get(name, 0) + 1
    listed = get_text_list([f"{name} ({number})" for name, number in sorted(counts.items())], _("and"))
    return _("“%(row)s” can't be deleted, because other entries point to it: %(listed)s.") % {
        "row": capfirst(str(row)),
        "listed": listed,
    }


def _protected(row: Model) -> Sequence[Model]:
    try:
        Collector(using=row._state.db or DEFAULT_DB_ALIAS, origin=row).collect([row])
    except ProtectedError as error:
        return list(error.protected_objects)
    except RestrictedError as error:
        return list(error.restricted_objects)
    return []


def _linked(row: Model) -> list[Any]:
    linked: list[Any] = []
    for relation in row._meta.related_objects:
        if relation.many_to_many:
            # By the field that points here: the way back has no name where the field asks for none.
            linked += relation.related_model._default_manager.filter(**{relation.field.name: row})
    return linked
