"""The private addresses of calendars."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import transaction

from lms.accounts.models import Person
from lms.audit.services import record
from lms.compliance.models import CalendarFeed


@transaction.atomic
def make_feed(*, person: Person, now: datetime) -> CalendarFeed:
    """Give the person a new address for their calendar and return it; the old one, if any, shows nothing any more."""
    feed, created = CalendarFeed.objects.update_or_create(
        person=person, defaults={"token": secrets.token_urlsafe(32), "made_at": now}
    )
    record(actor=person, action="calendar.made" if created else "calendar.renewed", target=person)
    return feed


@transaction.atomic
def close_feed(*, person: Person) -> None:
    """Take the address away."""
    gone, _by_model = CalendarFeed.objects.filter(person=person).delete()
    if gone:
        record(actor=person, action="calendar.closed", target=person)
