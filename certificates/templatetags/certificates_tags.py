"""What other apps' pages show of certificates without importing them."""

from typing import Any

from django import template

from certificates.models import Certificate
from lms.learning.models import Completion

register = template.Library()


@register.inclusion_tag("certificates/completion_certificate.html")
def completion_certificate(completion: Completion) -> dict[str, Any]:
    """Show the way to a completion's certificate, or that it is being made; nothing where there is none.

    A page that lists completions prefetches ``certificates``, so that this asks the database nothing.
    """
    certificates: list[Certificate] = sorted(completion.certificates.all(), key=lambda one: one.pk)
    return {"certificate": certificates[-1] if certificates else None, "completion": completion}
