"""Bodies from the starter file, and a person's own licenses."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import yaml
from django.db import transaction

from certificates.models import CreditBody, License
from lms.accounts.models import Person
from lms.accounts.selectors import resolve_person
from lms.agencies.models import JobRole
from lms.audit.services import record

BODIES = Path(__file__).resolve().parents[1] / "starter" / "bodies.yaml"


@transaction.atomic
def load_bodies() -> list[CreditBody]:
    """Add the bodies of the starter file that the site does not have yet, and return them; what stands stays."""
    added = []
    for fields in yaml.safe_load(BODIES.read_text())["bodies"]:
        roles = fields.pop("job_roles", [])
        if CreditBody.objects.filter(code=fields["code"]).exists():
            continue
        body = CreditBody(**fields)
        body.full_clean(exclude=["job_roles"])
        body.job_roles = list(JobRole.objects.filter(code__in=roles))
        body.save()
        added.append(body)
    return added


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
