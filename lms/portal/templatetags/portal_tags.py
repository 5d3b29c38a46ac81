"""Addresses of the manager's area."""

from __future__ import annotations

from collections.abc import Mapping

from django import template
from django.urls import reverse

from lms.compliance.models import Requirement, Waiver
from lms.portal.views.team import Asked

register = template.Library()


@register.simple_tag
def names_url(asked: Asked, query: Mapping[str, str | int] | None = None, **more: str | int) -> str:
    """Return where the names stand for the scope and the day of the page, narrowed by the query."""
    return f"{reverse('portal:people')}?{asked.query({**(query or {}), **more})}"


@register.simple_tag
def team_url(asked: Asked, query: Mapping[str, str | int] | None = None, **more: str | int) -> str:
    """Return where the overview stands for the scope and the day of the page, or for another scope."""
    return f"{reverse('portal:team')}?{asked.query({**(query or {}), **more})}"


@register.filter
def waiver_of(waivers: Mapping[int, Waiver], requirement: Requirement) -> Waiver | None:
    """Return the waiver of the requirement, if there is one."""
    return waivers.get(requirement.pk)
