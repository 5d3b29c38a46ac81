"""Who may do what over which part of the tree."""

from __future__ import annotations

from datetime import date

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q

from lms.accounts.models import Person
from lms.accounts.selectors import identities

from .enums import MANAGING_KINDS, NAMING_KINDS, GrantKind
from .models import Agency, AgencyPlacement, Employment, Grant
from .querysets import GrantQuerySet


def user_has_grant(user: Person | AnonymousUser, *kinds: str, as_of: date) -> bool:
    """Whether the user holds a grant of one of the kinds on the day (of any kind, when none is named), over whichever
    node."""
    if not user.is_active:
        return False
    grants = Grant.objects.on(as_of).filter(person__in=identities(user))
    return grants.filter(kind__in=kinds).exists() if kinds else grants.exists()


def user_needs_second_factor(user: Person | AnonymousUser, *, as_of: date) -> bool:
    """Whether a password alone is not enough for the user: who may open the CMS, holds a grant of any kind on the day,
    or supervises somebody. One query."""
    opens_the_cms = (
        Q(is_staff=True) | Q(is_superuser=True) | Q(groups__isnull=False) | Q(user_permissions__isnull=False)
    )
    holds_a_grant = Exists(Grant.objects.on(as_of).filter(person=OuterRef("pk")))
    has_reports = Exists(Employment.objects.on(as_of).filter(supervisor=OuterRef("pk")))
    return identities(user).filter(opens_the_cms | holds_a_grant | has_reports).exists()


def user_can_erase(user: Person | AnonymousUser, *, as_of: date) -> bool:
    """Whether the user may remove the data of people who left: a coordinator of the whole site, or an administrator."""
    if isinstance(user, Person) and user.is_active and user.is_superuser:
        return True
    return _holds_over(user, (GrantKind.COORDINATOR,), None, as_of)


def user_can_import_staff(user: Person | AnonymousUser, *, as_of: date) -> bool:
    """Whether the user may bring in staff files: for which agencies says ``selectors.list_managed_agencies``."""
    return user_has_grant(user, *MANAGING_KINDS, as_of=as_of)


def user_can_give_grant(
    user: Person | AnonymousUser, *, kind: str, agency: Agency | None, person: Person | None = None, as_of: date
) -> bool:
    """Whether the user may give, or take back, such a grant (to that person).

    Nobody but a site administrator (superuser) gives a grant to themself. An administrator gives any, which is how a
    new site gets its first coordinator; a coordinator any within what they coordinate; a manager lends the right to
    read, within what they manage.
    """
    if not isinstance(user, Person) or not user.is_active:
        return False
    if user.is_superuser:
        return True
    if person is not None and identities(user).filter(pk=person.pk).exists():
        return False
    kinds = MANAGING_KINDS if kind == GrantKind.READER else (GrantKind.COORDINATOR,)
    return _holds_over(user, kinds, agency, as_of)


def user_can_manage_agency(user: Person | AnonymousUser, agency: Agency | None, *, as_of: date) -> bool:
    """Whether the user may change this unit, those below it and their jobs (None: the top of the tree)."""
    if isinstance(user, Person) and user.is_active and user.is_superuser:
        return True
    return _holds_over(user, MANAGING_KINDS, agency, as_of)


def user_can_see_names(user: Person | AnonymousUser, agency: Agency, *, as_of: date) -> bool:
    """Whether a grant lets the user see by name who works at this unit. A site administrator needs one too: it leaves
    its row."""
    return _holds_over(user, NAMING_KINDS, agency, as_of)


def user_can_open_agencies(user: Person | AnonymousUser, *, as_of: date) -> bool:
    """Whether there is anything in the tree that the user may open."""
    if isinstance(user, Person) and user.is_active and user.is_superuser:
        return True
    return user_has_grant(user, *NAMING_KINDS, as_of=as_of)


def _holds_over(user: Person | AnonymousUser, kinds: tuple[str, ...], agency: Agency | None, as_of: date) -> bool:
    """Whether a grant of one of the kinds covers the node on the day (None: the whole site); a unit that does not
    stand yet is judged by its first place."""
    if not user.is_active:
        return False
    grants = Grant.objects.on(as_of).of_kinds(kinds).filter(person__in=identities(user))
    if agency is None:
        return grants.filter(agency=None).exists()
    if agency.placements.granted(grants, as_of).exists():
        return True
    first = agency.placements.order_by("valid_from").first()
    return first is not None and first.valid_from > as_of and _covers(grants, first)


def _covers(grants: GrantQuerySet, place: AgencyPlacement) -> bool:
    return place.agency.placements.granted(grants, place.valid_from).exists()
