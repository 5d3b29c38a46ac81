"""What a page offers because of an agency or a right."""

from __future__ import annotations

from django import template
from django.template import Context
from django.utils import timezone

from lms.agencies.permissions import user_can_erase
from lms.agencies.selectors import is_registration_open

register = template.Library()
register.simple_tag(is_registration_open, name="registration_is_open")


@register.simple_tag(takes_context=True)
def may_erase(context: Context) -> bool:
    """Whether the reader may remove the data of people who left."""
    return user_can_erase(context["request"].user, as_of=timezone.localdate())
