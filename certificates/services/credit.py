"""Bodies from the starter file, and a person's own licenses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import yaml
from django.db import transaction
from django.utils.translation import gettext as _

from certificates.credit_rules import is_in_quarters, most_hours
from certificates.models import CreditBody, CreditEntry, License
from certificates.printed import write_quarters
from lms.accounts.models import Person
from lms.accounts.selectors import resolve_person
from lms.agencies.models import JobRole
from lms.audit.services import record
from lms.learning.enums import CompletionSource
from lms.learning.models import Completion

BODIES = Path(__file__).resolve().parents[1] / "starter" / "bodies.yaml"


class CreditRefused(Exception):
    """The hours can't count with the body; the text says why, in plain words."""


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


@transaction.atomic
def count_outside_hours(
    *, completion: Completion, hours: Mapping[CreditBody, Decimal], actor: Person, now: datetime
) -> list[CreditEntry]:
    """Count an outside training with bodies, by the hours that its proof names for each, and return what counts now.

    What was counted before stays as it was. Raises CreditRefused.
    """
    assert completion.source == CompletionSource.EXTERNAL
    entries = []
    for body, given in hours.items():
        if refusal := why_not_outside(body, given, completion.hours):
            raise CreditRefused(refusal)
        entry, added = CreditEntry.objects.get_or_create(
            completion=completion, body=body, defaults={"hours": given, "recorded_at": now}
        )
        if added:
            detail = {"body": body.code, "hours": str(given)}
            record(actor=actor, action="external.hours_counted", target=completion, detail=detail)
        entries.append(entry)
    return entries


def why_not_outside(body: CreditBody, given: Decimal, hours: Decimal) -> str:
    """Return in words why so many of an outside training's clock ``hours`` can't count, or nothing when they can."""
    if not body.counts_outside:
        return _("%(body)s does not count outside training.") % {"body": body.short_name}
    if not is_in_quarters(given):
        return _("Give quarter hours: 1, 1.25, 1.5, 1.75.")
    most = most_hours(hours, minutes_an_hour=body.minutes_an_hour)
    if given > most:
        return _("The training has %(most)s hours as %(body)s counts them.") % {
            "most": write_quarters(most),
            "body": body.short_name,
        }
    return ""
