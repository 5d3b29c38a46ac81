"""Puts templates and credit rules into the menu of the CMS, and keeps pictures that a template shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from wagtail import hooks
from wagtail.admin import messages
from wagtail.images import get_image_model
from wagtail.images.models import AbstractImage
from wagtail.images.views.images import DeleteView
from wagtail.snippets.models import register_snippet

from curricula.permissions import why_not_delete_row

from .viewsets import CertificateGroup

register_snippet(CertificateGroup)


# Wagtail itself refuses once its index of references has caught up; until then it would answer with a 500.
@hooks.register("register_admin_urls", order=-1)
def guard_pictures() -> list[URLPattern]:
    return [path("images/<int:image_id>/delete/", delete_picture)]


def delete_picture(request: HttpRequest, image_id: int) -> HttpResponse:
    image = get_object_or_404(get_image_model(), pk=image_id)
    if request.method == "POST" and _refuse(request, [image]):
        return redirect("wagtailimages:edit", image_id)
    response: HttpResponse = DeleteView.as_view()(request, image_id=image_id)
    return response


@hooks.register("before_bulk_action")
def keep_pictures(
    request: HttpRequest, action_type: str, objects: Sequence[Any], action_class_instance: Any
) -> HttpResponse | None:
    images = [one for one in objects if isinstance(one, AbstractImage)]
    return redirect("wagtailimages:index") if action_type == "delete" and _refuse(request, images) else None


def _refuse(request: HttpRequest, images: Sequence[AbstractImage]) -> bool:
    reasons = [reason for image in images if (reason := why_not_delete_row(image))]
    for reason in reasons:
        messages.error(request, reason)
    return bool(reasons)
