"""A course, and its completions as the ledger announces them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from django.db import transaction

from certificates.models import Certificate
from certificates.services import render_pending
from curricula.models import Course
from lms.accounts.models import Person
from lms.learning.models import Completion
from lms.learning.signals import completion_recorded, completion_voided

NOW = datetime(2026, 11, 20, 18, 30, tzinfo=UTC)
_keys = count(1)


@pytest.fixture
def course(db: None) -> Course:
    return Course.objects.create(
        code="csec-101",
        kind="core",
        title="CSEC awareness (101)",
        current_version=1,
        hours=Decimal("1.25"),
        valid_months=24,
    )


def complete(person: Person, course: Course, **fields: Any) -> Completion:
    """Write a completion as the ledger does, and announce it inside the transaction."""
    values = {
        "key": f"test-{next(_keys)}",
        "person_name": person.full_name,
        "course_code": course.code,
        "course_title": course.title,
        "version": 1,
        "language": "en",
        "hours": course.hours,
        "score": Decimal("91.67"),
        "source": "online",
        "mode": "online",
        "started_on": date(2026, 11, 1),
        "completed_on": date(2026, 11, 20),
        "recorded_at": NOW,
        **fields,
    }
    with transaction.atomic():
        completion = Completion.objects.create(person=person, course=course, **values)
        completion_recorded.send(sender=Completion, completion_ids=[completion.pk])
    return completion


def void(completion: Completion, *, reason: str, by: Person) -> Completion:
    """Write the voiding row of a completion, and announce it."""
    copied = ("person_name", "course_code", "course_title", "version", "language", "hours", "source", "mode")
    days = ("started_on", "completed_on")
    with transaction.atomic():
        voiding = Completion.objects.create(
            person=completion.person,
            course=completion.course,
            key=f"void-{completion.key}",
            recorded_at=NOW,
            recorded_by=by,
            voids=completion,
            reason=reason,
            **{name: getattr(completion, name) for name in copied + days},
        )
        completion_voided.send(sender=Completion, completion_ids=[completion.pk])
    return voiding


@pytest.fixture
def issue(course: Course) -> Callable[..., Certificate]:
    """Complete the course for a person and make the certificate's file."""

    def issue(person: Person, **fields: Any) -> Certificate:
        completion = complete(person, course, **fields)
        render_pending(now=NOW)
        return Certificate.objects.get(completion=completion)

    return issue
