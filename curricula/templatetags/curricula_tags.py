"""The help box, in the words of those who read the page."""

from __future__ import annotations

from typing import Any

from django import template
from django.core.cache import caches
from django.utils.translation import get_language

from curricula.enums import ReaderAudience
from curricula.models import HelpSettings
from curricula.models.settings import HelpBox, HelpLine

register = template.Library()

FIRST_LINES = 2
FOOTER_SECONDS = 60


@register.inclusion_tag("curricula/help_box.html", takes_context=True)
def help_box(context: dict[str, Any], readers: str = ReaderAudience.CAREGIVERS) -> dict[str, Any]:
    """Whom to call, and what to know before: for young people the text line comes first, in words of their own."""
    return {"box": _read_box(context, readers)}


@register.inclusion_tag("curricula/help_first.html", takes_context=True)
def help_first(context: dict[str, Any], readers: str = ReaderAudience.CAREGIVERS) -> dict[str, Any]:
    """The first numbers of the help box alone, for the top of a page whose box stands far below."""
    return {"lines": _read_box(context, readers).lines[:FIRST_LINES]}


def _read_box(context: dict[str, Any], readers: str) -> HelpBox:
    settings = HelpSettings.load(request_or_site=context.get("request"))
    language = (get_language() or "en").split("-")[0]
    return settings.box(youth=readers == ReaderAudience.YOUTH, language=language)


@register.simple_tag
def footer_help_lines() -> list[HelpLine]:
    """The first lines of the help box for the foot of every page, which asks for them once a minute."""
    language = (get_language() or "en").split("-")[0]
    key = f"footer-help-{language}"
    lines: list[HelpLine] | None = caches["copies"].get(key)
    if lines is None:
        settings = HelpSettings.objects.first()
        lines = settings.box(youth=False, language=language).lines[:FIRST_LINES] if settings else []
        caches["copies"].set(key, lines, FOOTER_SECONDS)
    return lines
