"""What pages and mails of other apps show of duties."""

from __future__ import annotations

from datetime import date

from django import template

from lms.accounts.models import Person
from lms.compliance import feed
from lms.compliance.readiness import Readiness
from lms.compliance.selectors import list_readiness

register = template.Library()
register.filter("explain", feed.explain)


@register.inclusion_tag("compliance/readiness_badge.html")
def readiness_badge(readiness: Readiness | None) -> dict[str, Readiness | None]:
    """Show whether somebody, or a facility, is ready for placements and since when; nothing where no rule asks."""
    return {"readiness": readiness}


@register.inclusion_tag("compliance/readiness_badge.html")
def person_readiness(person: Person, day: date) -> dict[str, Readiness | None]:
    """The same for one person, looked up: for a person's own page, not for a list."""
    return {"readiness": list_readiness([person], as_of=day).get(person.pk)}
