"""Filters over waivers and spans."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Self

from django.db import models
from django.db.models import Case, CharField, Q, Value, When

from .evaluation import DayStatus, Kind


def span_status(day: date) -> dict[DayStatus, Q]:
    """Condition of each status on a day that a span covers: ``evaluation.status_on`` in SQL."""
    late, soon = Q(late_on__lte=day), Q(soon_on__lte=day)
    owed, held = Q(kind=Kind.OPEN), Q(kind=Kind.HELD)
    return {
        "open": owed & ~late & ~soon,
        "due_soon": owed & ~late & soon,
        "overdue": owed & late,
        "complete": held & ~late & ~soon,
        "renew_soon": held & ~late & soon,
        "expired": held & late,
        "waived": Q(kind=Kind.WAIVED),
    }


class WaiverQuerySet(models.QuerySet[Any]):
    def standing(self) -> Self:
        """Waivers that count: neither voiding rows nor voided."""
        return self.filter(voids=None, voided_by=None)


class SpanQuerySet(models.QuerySet[Any]):
    def on(self, day: date) -> Self:
        """The rows that cover the day."""
        return self.filter(from_on__lte=day, to_on__gt=day)

    def with_status(self, day: date) -> Self:
        """The rows that cover the day, with ``status`` on it."""
        whens = [When(condition, then=Value(status)) for status, condition in span_status(day).items()]
        return self.on(day).annotate(status=Case(*whens, output_field=CharField()))

    def known_at(self, moment: datetime) -> Self:
        """The rows that stood at the moment: of the spans and of the replaced ones together, what was known then."""
        known = self.filter(known_from__lte=moment)
        return known.filter(known_to__gt=moment) if hasattr(self.model, "known_to") else known
