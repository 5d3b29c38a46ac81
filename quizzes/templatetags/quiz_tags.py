"""Words of the results' pages."""

from __future__ import annotations

from django import template

from quizzes.results import name_flag

register = template.Library()
register.filter("name_flag", name_flag)
