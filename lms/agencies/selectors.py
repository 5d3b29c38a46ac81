"""Who works where, and who may see whom. Every query about people starts at ``visible_to``."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django.db.models.functions import Coalesce

from lms.accounts.models import Person, PersonQuerySet
from lms.accounts.selectors import identities

from .enums import MANAGING_KINDS, NAMING_KINDS
from .models import Agency, AgencyPlacement, Employment, Grant
from .querysets import AgencyQuerySet, DatedQuerySet, GrantQuerySet, PlacementQuerySet


def visible_to(user: Person | AnonymousUser, *, as_of: date, today: date | None = None) -> PersonQuerySet:
    """Return the people whose training the user may see, as of a day: their direct reports on that day, and who worked
    on that day at or below a node of their grants, by the tree of that day.

    A grant must hold ``today``; a page that shows a past day passes both, so that a new manager sees the past of their
    agency and a former one sees nothing (none: the day shown is today). Never the user, never a person who was merged
    into another one; nobody for a visitor.
    """
    return _people_of(user, NAMING_KINDS, as_of=as_of, today=today or as_of)


def answerable_for(user: Person | AnonymousUser, *, as_of: date) -> PersonQuerySet:
    """Return the people about whose records the user decides: their direct reports on the day, and who works on that
    day at or below a node of their manager's and coordinator's grants. A reader only sees."""
    return _people_of(user, MANAGING_KINDS, as_of=as_of, today=as_of)


def _people_of(user: Person | AnonymousUser, kinds: Collection[str], *, as_of: date, today: date) -> PersonQuerySet:
    if not isinstance(user, Person) or not user.is_active:
        return Person.objects.none()
    own = identities(user)
    granted = _granted_places(user, kinds, as_of=as_of, today=today)
    jobs = Employment.objects.on(as_of).filter(Q(supervisor__in=own) | Q(agency__in=granted.values("agency")))
    survivors = jobs.values_list(Coalesce("person__merged_into__merged_into", "person__merged_into", "person"))
    return Person.objects.unmerged().exclude(pk__in=own.values("pk")).filter(pk__in=survivors)


def list_grants(person: Person | AnonymousUser, *, as_of: date) -> GrantQuerySet:
    """Return the grants that the person holds on the day, with their node and who gave them."""
    return (
        Grant.objects.on(as_of)
        .filter(person__in=identities(person))
        .select_related("agency", "granted_by")
        .order_by("kind", "valid_from", "pk")
    )


def list_managed_agencies(user: Person | AnonymousUser, *, as_of: date) -> AgencyQuerySet:
    """Return the agencies whose units and jobs the user may change on the day: the nodes of their manager's and
    coordinator's grants and all below, by the tree of that day."""
    return _granted_agencies(user, MANAGING_KINDS, as_of=as_of)


def list_readable_agencies(user: Person | AnonymousUser, *, as_of: date) -> AgencyQuerySet:
    """Return the agencies whose people the user may see by name on the day because of a grant."""
    return _granted_agencies(user, NAMING_KINDS, as_of=as_of)


def _granted_agencies(user: Person | AnonymousUser, kinds: Collection[str], *, as_of: date) -> AgencyQuerySet:
    places = _granted_places(user, kinds, as_of=as_of, today=as_of)
    agencies: AgencyQuerySet = Agency.objects.filter(pk__in=places.values("agency"))
    return agencies


def _granted_places(
    user: Person | AnonymousUser, kinds: Collection[str], *, as_of: date, today: date
) -> PlacementQuerySet:
    if not user.is_active:
        return AgencyPlacement.objects.none()
    grants = Grant.objects.on(today).of_kinds(kinds).filter(person__in=identities(user))
    return AgencyPlacement.objects.granted(grants, as_of)


def list_employments(person: Person, *, as_of: date) -> DatedQuerySet:
    """Return the jobs that the person holds on the day, with agency and job role."""
    return (
        Employment.objects.on(as_of)
        .filter(person__in=identities(person))
        .select_related("agency__kind", "agency__service_area", "job_role", "supervisor")
        .order_by("valid_from", "pk")
    )
