"""Removing what is known of a person beyond the facts of their training record."""

from __future__ import annotations

from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.db import transaction
from django.utils.translation import gettext as _

from lms.audit.models import AuditEvent
from lms.audit.redaction import redact_details
from lms.audit.services import record
from lms.outbox.models import Mail

from .models import Person
from .selectors import identities
from .signals import person_erased


class ErasureError(ValueError):
    """A person who can't be erased; its text is for whoever asked."""


def why_not_forget(person: Person) -> str:
    """Return in words why the person can't be erased, or nothing."""
    if person.erased_at is not None:
        return _("This was done already.")
    if person.merged_into_id is not None:
        return _("%(person)s was merged into another record. Erase that one.") % {"person": person}
    if person.is_staff or person.is_superuser or person.groups.exists():
        return _("%(person)s may open the CMS. Take that right away first.") % {"person": person}
    return ""


@transaction.atomic
def forget_person(*, actor: Person | None, person: Person, reason: str, now: datetime) -> Person:
    """Remove name, addresses, sign-in, sessions, mails and whatever other rooms hold beyond the record, and return the
    row afresh. The ledger and certificates stay, with the names that they copied; the audit trail keeps who did what,
    without addresses.

    Raises ErasureError as ``why_not_forget`` says.
    """
    person = Person.objects.select_for_update().get(pk=person.pk)
    if refusal := why_not_forget(person):
        raise ErasureError(refusal)
    rows = list(identities(person))
    keys = [row.pk for row in rows]
    addresses = {row.email for row in rows} | set(
        EmailAddress.objects.filter(user__in=keys).values_list("email", flat=True)
    )
    person_erased.send(sender=Person, person_ids=keys)
    for session in UserSession.objects.filter(user__in=keys):
        session.end()
    for model in (EmailAddress, Authenticator, SocialAccount):
        model._default_manager.filter(user__in=keys).delete()
    Mail.objects.filter(to__in=addresses).delete()
    for row in rows:
        row.email = f"erased-{row.pk}@invalid"
        row.first_name, row.last_name = "", _("Erased person")
        row.is_active = False
        row.erased_at = now
        row.set_unusable_password()
        row.save()
        row.user_permissions.clear()
    redact_details(AuditEvent.objects.filter(target_type=Person._meta.label_lower, target_id__in=map(str, keys)))
    person.refresh_from_db()
    record(actor=actor, action="person.erased", target=person, detail={"reason": reason})
    return person
