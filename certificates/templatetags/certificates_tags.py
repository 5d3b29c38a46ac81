"""What other apps' pages show of certificates without importing them."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.utils import timezone

from certificates.models import Certificate
from certificates.printed import write_day, write_quarters
from certificates.selectors import TranscriptEntry, list_body_hours
from lms.accounts.models import Person
from lms.learning.models import Completion

register = template.Library()


@register.inclusion_tag("certificates/completion_certificate.html")
def completion_certificate(completion: Completion) -> dict[str, Any]:
    """Show the way to a completion's certificate, or that it is being made; nothing where there is none.

    A page that lists completions prefetches ``certificates``, so that this asks the database nothing.
    """
    certificates: list[Certificate] = sorted(completion.certificates.all(), key=lambda one: one.pk)
    return {"certificate": certificates[-1] if certificates else None, "completion": completion}


@register.inclusion_tag("certificates/credit_hours.html")
def credit_hours(person: Person, day: date) -> dict[str, Any]:
    """Show the person's hours in each body's cycle, and the ways to licenses, transcript and outside training."""
    return {"bodies": list_body_hours(person, as_of=day)}


@register.filter
def in_full(moment: date | datetime) -> str:
    """Return the day in full, as certificates write it."""
    return write_day(timezone.localtime(moment) if isinstance(moment, datetime) else moment)


@register.filter
def day_in_full(day: str) -> str:
    """Return a stored day (2026-11-20) in full."""
    return write_day(date.fromisoformat(day))


@register.filter
def in_quarters(hours: Decimal | str) -> str:
    """Return hours as a number without idle zeros."""
    return write_quarters(Decimal(hours))


@register.filter
def as_pairs(entries: Iterable[TranscriptEntry]) -> list[tuple[TranscriptEntry, bool]]:
    """Return the entries of a record as it stands: none of them was taken back."""
    return [(entry, False) for entry in entries]
