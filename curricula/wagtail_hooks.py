"""Where Wagtail asks us: before deleting, before publishing."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from wagtail import hooks
from wagtail.models import Page
from wagtail.snippets.models import register_snippet

from curricula.permissions import why_not_delete, why_not_publish
from curricula.viewsets import CurriculumGroup

register_snippet(CurriculumGroup)


@hooks.register("before_delete_page")
def refuse_to_delete(request: HttpRequest, page: Page) -> HttpResponse | None:
    if reason := why_not_delete(page):
        messages.error(request, reason)
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
    ask = {"delete": why_not_delete, "publish": why_not_publish}.get(action_type)
    if ask is None:
        return None
    reasons = [reason for thing in objects if isinstance(thing, Page) and (reason := ask(thing))]
    for reason in reasons:
        messages.error(request, reason)
    return redirect("wagtailadmin_explore_root") if reasons else None
