"""A person's own licenses."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from certificates.models import CreditBody, License
from lms.accounts.models import Person
from lms.accounts.selectors import resolve_person
from lms.audit.services import record


@transaction.atomic
def save_license(
    *, person: Person, body: CreditBody, kind: str, number: str, expires_on: date | None, actor: Person
) -> License:
    """Enter the person's license with a body, or change the one that is entered."""
    license_, _created = License.objects.update_or_create(
        person=resolve_person(person),
        body=body,
        defaults={"kind": kind.strip(), "number": number.strip(), "expires_on": expires_on},
    )
    record(actor=actor, action="license.saved", target=license_, detail={"body": body.code})
    return license_
