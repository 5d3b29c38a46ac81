"""What pages and mails of other apps show of duties."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import template
from django.utils import timezone
from django.utils.translation import gettext as _

from lms.accounts.models import Person
from lms.agencies.enums import MANAGING_KINDS, NAMING_KINDS
from lms.agencies.permissions import user_can_manage_agency
from lms.agencies.selectors import answerable_for, list_grants, visible_to
from lms.compliance import feed
from lms.compliance.readiness import Readiness
from lms.compliance.selectors import list_readiness

register = template.Library()
register.filter("explain", feed.explain)


@register.inclusion_tag("compliance/readiness_badge.html")
def readiness_badge(readiness: Readiness | None) -> dict[str, Readiness | None]:
    """Show whether somebody, or a facility, is ready for placements and since when; nothing where no rule asks."""
    return {"readiness": readiness}


@register.inclusion_tag("compliance/person_readiness.html")
def person_readiness(person: Person, day: date) -> dict[str, Readiness | None]:
    """The same under a heading for one person, looked up: for a person's own page, not for a list."""
    return {"readiness": list_readiness([person], as_of=day).get(person.pk)}


@register.inclusion_tag("compliance/links.html", takes_context=True)
def compliance_links(context: dict[str, Any]) -> dict[str, Any]:
    """Show the ways to rules, readiness, contracts and lists that the reader may take."""
    request = context["request"]
    user, today = request.user, timezone.localdate()
    kinds = {grant.kind for grant in list_grants(user, as_of=today)}
    manages = user.is_superuser or not kinds.isdisjoint(MANAGING_KINDS)
    names_people = user.is_superuser or not kinds.isdisjoint(NAMING_KINDS)
    leads = names_people or visible_to(user, as_of=today).exists()
    ways = [
        (manages, "compliance:rules", _("Rules")),
        (leads, "compliance:readiness", _("Ready for placements")),
        (names_people, "compliance:contracts", _("Providers’ contracts")),
        (leads, "compliance:qualified-lists", _("Who is qualified")),
        (answerable_for(user, as_of=today).exists(), "compliance:course-lists", _("My lists of courses")),
        (user_can_manage_agency(user, None, as_of=today), "compliance:reminders", _("Reminders")),
    ]
    return {"request": request, "links": [(name, words) for open_to, name, words in ways if open_to]}
