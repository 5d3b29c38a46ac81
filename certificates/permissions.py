"""Who may have a certificate issued again, or share it."""

from __future__ import annotations

from datetime import date

from lms.accounts.models import Person
from lms.accounts.selectors import resolve_person
from lms.agencies.selectors import answerable_for

from .models import Certificate


def user_is_holder(user: Person, certificate: Certificate) -> bool:
    """Whether the certificate tells of the user, under whichever of their merged rows."""
    return resolve_person(certificate.completion.person) == resolve_person(user)


def user_can_reissue(user: Person, certificate: Certificate, *, as_of: date) -> bool:
    """Whether the user may have it issued again: the holder, and who decides about the holder's records."""
    holder = resolve_person(certificate.completion.person)
    return user_is_holder(user, certificate) or answerable_for(user, as_of=as_of).filter(pk=holder.pk).exists()
