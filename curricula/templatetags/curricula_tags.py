"""The help box, in the words of those who read the page."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import get_language

from curricula.enums import ReaderAudience
from curricula.models import HelpSettings

register = template.Library()


@register.inclusion_tag("curricula/help_box.html", takes_context=True)
def help_box(context: dict[str, Any], readers: str = ReaderAudience.CAREGIVERS) -> dict[str, Any]:
    """Whom to call, and what to know before: for young people the text line comes first, in words of their own."""
    settings = HelpSettings.load(request_or_site=context.get("request"))
    language = (get_language() or "en").split("-")[0]
    return {"box": settings.box(youth=readers == ReaderAudience.YOUTH, language=language)}
