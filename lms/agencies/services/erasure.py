"""Removing the data of people who left."""

from __future__ import annotations

from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from lms.accounts.erasing import ErasureError, forget_person, why_not_forget
from lms.accounts.models import Person
from lms.accounts.selectors import identities
from lms.agencies.models import Agency, Employment, Grant, Invitation
from lms.agencies.permissions import user_can_erase

from .grants import close_grant


def why_not_erase(person: Person, *, today: date) -> str:
    """Return in words why the person's data can't be removed, or nothing."""
    own = identities(person)
    if Employment.objects.filter(person__in=own).filter(Q(valid_until=None) | Q(valid_until__gt=today)).exists():
        return _("%(person)s has a job here. End it first.") % {"person": person}
    if Agency.objects.filter(point_person__in=own).exists():
        return _("%(person)s is the point person of a unit. Name another one first.") % {"person": person}
    return why_not_forget(person)


@transaction.atomic
def erase_leaver(*, actor: Person | None, person: Person, reason: str, now: datetime, today: date) -> Person:
    """Remove what is known of somebody who left, beyond the facts of the record, and return the row (see
    ``forget_person``). Grants end; jobs stay as rows without a name.

    Raises PermissionDenied unless the actor may (none: the site itself), and ErasureError as ``why_not_erase`` says.
    """
    if actor is not None and not user_can_erase(actor, as_of=today):
        raise PermissionDenied
    if refusal := why_not_erase(person, today=today):
        raise ErasureError(refusal)
    own = list(identities(person))
    open_grants = Grant.objects.filter(person__in=own).filter(Q(valid_until=None) | Q(valid_until__gt=today))
    for grant in open_grants.select_related("person", "agency"):
        close_grant(grant, actor=actor, on=today, reason=reason)
    Invitation.objects.filter(person__in=own).update(address="")
    Invitation.objects.filter(person__in=own, accepted_at=None, withdrawn_at=None).update(withdrawn_at=now)
    Employment.objects.filter(person__in=own).update(employee_number="")
    return forget_person(actor=actor, person=person, reason=reason, now=now)
