"""Quizzes in the CMS."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.snippets.models import register_snippet

from .models import Quiz
from .viewsets import QuizViewSet

register_snippet(QuizViewSet)


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
