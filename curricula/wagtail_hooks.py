"""Where Wagtail asks us: before deleting, before publishing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.admin import messages
from wagtail.models import Page
from wagtail.snippets.models import register_snippet

from curricula.permissions import why_not_delete, why_not_publish
from curricula.viewsets import CurriculumGroup

register_snippet(CurriculumGroup)


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
