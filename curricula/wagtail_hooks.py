"""Where Wagtail asks us: before deleting, before publishing, and for buttons of our own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from django.db.models import Model, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.widgets import Button
from wagtail.log_actions import LogActionRegistry, LogFormatter
from wagtail.models import Page
from wagtail.permissions import page_permission_policy
from wagtail.query import PageQuerySet
from wagtail.snippets.models import register_snippet

from curricula.models import Course, CoursePage
from curricula.permissions import user_can_publish_version, why_not_delete, why_not_delete_row, why_not_publish
from curricula.viewsets import CurriculumGroup

if TYPE_CHECKING:
    from lms.accounts.models import Person

register_snippet(CurriculumGroup)


@hooks.register("construct_page_chooser_queryset")
def choose_among_what_one_sees(pages: PageQuerySet, request: HttpRequest) -> PageQuerySet:
    """A draft is offered to who may open it; Wagtail's choosers offer every page to everybody in the CMS."""
    own = page_permission_policy.explorable_instances(request.user)
    return pages.filter(Q(live=True) | Q(pk__in=own.values("pk")))


@hooks.register("before_delete_page")
def refuse_to_delete(request: HttpRequest, page: Page) -> HttpResponse | None:
    if reason := why_not_delete(page):
        _refuse_deletion(request, page, reason)
        return redirect("wagtailadmin_pages:edit", page.pk)
    return None


@hooks.register("before_publish_page")
def refuse_to_publish(request: HttpRequest, page: Page) -> HttpResponse | None:
    if reason := why_not_publish(page):
        messages.error(request, reason)
        return redirect("wagtailadmin_pages:edit", page.pk)
    return None


@hooks.register("before_bulk_action")
def refuse_in_bulk(
    request: HttpRequest, action_type: str, objects: list[Any], action_class_instance: Any
) -> HttpResponse | None:
    """One page that is refused stops the whole action: what was chosen together is done together, or not at all."""
    pages = [thing for thing in objects if isinstance(thing, Page)]
    refused = False
    if action_type == "delete":
        for page in pages:
            if reason := why_not_delete(page):
                _refuse_deletion(request, page, reason)
                refused = True
    elif action_type == "publish":
        for page in _carried_along(pages, with_descendants="include_descendants" in request.POST):
            if reason := why_not_publish(page.specific.get_latest_revision_as_object()):
                messages.error(request, reason)
                refused = True
    return redirect("wagtailadmin_explore_root") if refused else None


def _carried_along(pages: list[Page], *, with_descendants: bool) -> Iterator[Page]:
    for page in pages:
        yield page
        if with_descendants:
            yield from page.get_descendants().not_live()


def _refuse_deletion(request: HttpRequest, page: Page, reason: str) -> None:
    unpublish = messages.button(reverse("wagtailadmin_pages:unpublish", args=[page.pk]), _("Unpublish"))
    messages.error(request, reason, buttons=[unpublish] if page.live else [])


@hooks.register("before_delete_snippet")
def refuse_to_delete_rows(request: HttpRequest, instances: Sequence[Model]) -> HttpResponse | None:
    """Of every row that is edited as a snippet, one by one and in bulk: one refusal keeps all that were chosen."""
    refused = [reason for row in instances if (reason := why_not_delete_row(row))]
    for reason in refused:
        messages.error(request, reason)
    return redirect(type(instances[0]).snippet_viewset.get_url_name("list")) if refused else None  # type: ignore[attr-defined]


@hooks.register("register_page_header_buttons")
def offer_version_on_page(page: Page, user: Person, view_name: str, next_url: str | None = None) -> Iterator[Button]:
    page = page.specific
    if isinstance(page, CoursePage) and user_can_publish_version(user):
        yield _version_button(page.course_id)


@hooks.register("register_snippet_listing_buttons")
def offer_version_in_list(snippet: Model, user: Person, next_url: str | None = None) -> Iterator[Button]:
    if isinstance(snippet, Course) and user_can_publish_version(user):
        yield _version_button(snippet.pk)


def _version_button(course_id: int) -> Button:
    address = reverse("wagtailsnippets_curricula_course:publish_version", args=[course_id])
    return Button(_("Publish a version"), url=address, icon_name="upload", priority=55)


@hooks.register("register_log_actions")
def name_log_actions(actions: LogActionRegistry) -> None:
    @actions.register_action("curricula.publish_version")
    class VersionFormatter(LogFormatter):
        label = __("Publish a version")

        def format_message(self, log_entry: Any) -> str:
            return _("Version %(number)s published: %(note)s") % log_entry.data

        def format_comment(self, log_entry: Any) -> str:
            return ""
