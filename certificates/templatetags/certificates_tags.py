"""What other apps' pages show of certificates without importing them."""

from datetime import date, datetime
from typing import Any

from django import template
from django.utils import timezone

from certificates.models import Certificate
from certificates.printed import write_day
from lms.learning.models import Completion

register = template.Library()


@register.inclusion_tag("certificates/completion_certificate.html")
def completion_certificate(completion: Completion) -> dict[str, Any]:
    """Show the way to a completion's certificate, or that it is being made; nothing where there is none.

    A page that lists completions prefetches ``certificates``, so that this asks the database nothing.
    """
    certificates: list[Certificate] = sorted(completion.certificates.all(), key=lambda one: one.pk)
    return {"certificate": certificates[-1] if certificates else None, "completion": completion}


@register.filter
def in_full(moment: date | datetime) -> str:
    """Return the day in full, as certificates write it."""
    return write_day(timezone.localtime(moment) if isinstance(moment, datetime) else moment)
