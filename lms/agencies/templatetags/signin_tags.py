"""What the sign-in page offers because of an agency."""

from __future__ import annotations

from django import template

from lms.agencies.selectors import is_registration_open

register = template.Library()
register.simple_tag(is_registration_open, name="registration_is_open")
