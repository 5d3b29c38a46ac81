"""Who works where, and who may see whom. Every query about people starts at ``visible_to``."""

from __future__ import annotations

from datetime import date

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q

from lms.accounts.models import Person, PersonQuerySet
from lms.accounts.selectors import identities

from .models import Employment
from .querysets import DatedQuerySet


def visible_to(user: Person | AnonymousUser, *, as_of: date) -> PersonQuerySet:
    """Return the people whose training the user may see, as of a day: their direct reports on that day.

    Never the user, never a person who was merged into another one; nobody for a visitor or for who leads nobody.
    """
    if not isinstance(user, Person) or not user.is_active:
        return Person.objects.none()
    own = identities(user)
    reports = Employment.objects.on(as_of).filter(supervisor__in=own)
    reported = reports.values("person")
    return (
        Person.objects.unmerged()
        .exclude(pk__in=own.values("pk"))
        .filter(Q(pk__in=reported) | Q(merged_persons__in=reported) | Q(merged_persons__merged_persons__in=reported))
        .distinct()
    )


def list_employments(person: Person, *, as_of: date) -> DatedQuerySet:
    """Return the jobs that the person holds on the day, with agency and job role."""
    return (
        Employment.objects.on(as_of)
        .filter(person__in=identities(person))
        .select_related("agency__kind", "agency__service_area", "job_role", "supervisor")
        .order_by("valid_from", "pk")
    )
