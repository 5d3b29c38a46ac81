"""Quizzes in the CMS."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.admin.widgets import Button
from wagtail.snippets.models import register_snippet

from . import bank_views
from .models import Quiz
from .permissions import user_can_regrade
from .viewsets import QuizViewSet, list_buttons

if TYPE_CHECKING:
    from lms.accounts.models import Person

register_snippet(QuizViewSet)


@hooks.register("register_admin_urls")
def add_bank_addresses() -> list[URLPattern]:
    return [
        path("quizzes/<int:pk>/import/", bank_views.upload, name="quiz_import"),
        path("quizzes/<int:pk>/import/<uuid:token>/", bank_views.preview, name="quiz_preview"),
        path("quizzes/<int:pk>/export/", bank_views.export, name="quiz_export"),
        path("quizzes/<int:pk>/export/<slug:kind>/", bank_views.download, name="quiz_download"),
    ]


@hooks.register("register_snippet_listing_buttons")
def offer_files_and_keys(snippet: Model, user: Person, next_url: str | None = None) -> Iterator[Button]:
    """Questions in and out, and keys that were corrected, for who may change the quiz."""
    if isinstance(snippet, Quiz) and user_can_regrade(user):
        yield from list_buttons(snippet)


@hooks.register("before_delete_snippet")
def keep_quizzes(request: HttpRequest, instances: Sequence[Model]) -> HttpResponse | None:
    """Refuse in words what the database would refuse with an error: courses and answers point to quizzes."""
    if not any(isinstance(instance, Quiz) for instance in instances):
        return None
    messages.error(
        request,
        _("Quizzes are kept, because courses and answers point to them. Mark questions as no longer asked instead."),
    )
    return redirect("wagtailsnippets_quizzes_quiz:list")
