"""A transcript is asked for, written as a row, and made from it."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from certificates.models import Transcript
from certificates.selectors import list_transcript_entries
from curricula.models import HelpSettings
from lms.accounts.models import Person
from lms.accounts.selectors import resolve_person
from lms.audit.services import record
from lms.jobs.services import wake

from .issuing import new_code


@transaction.atomic
def issue_transcript(*, person: Person, actor: Person, language: str, now: datetime) -> Transcript:
    """Write a pending transcript of the person's record as it stands, and return it.

    Where the last one says the same already (same day, same lines, same language), that one is returned.
    """
    person = resolve_person(person)
    today = timezone.localdate(now)
    entries = list_transcript_entries(person, as_of=today)
    fields = {
        "name": person.full_name,
        "as_of": today.isoformat(),
        "language": language,
        "issuer": settings.SITE_NAME,
        "agency": HelpSettings.load().agency_name,
        "hours": str(sum((entry.hours for entry in entries), Decimal(0))),
        "lines": [entry.to_json() for entry in entries],
    }
    digest = hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()
    last = Transcript.objects.filter(person=person).first()
    if last is not None and last.digest == digest:
        return last
    transcript = Transcript.objects.create(
        person=person,
        asked_by=actor,
        asked_at=now,
        code=new_code(),
        fields=fields,
        digest=digest,
        next_try_at=now,
    )
    record(actor=actor, action="transcript.asked_for", target=transcript, detail={"person": person.pk})
    wake()
    return transcript
