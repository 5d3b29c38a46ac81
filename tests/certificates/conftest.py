"""A course, and completions of it in the ledger."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

import pytest

from certificates.models import Certificate
from certificates.services import render_pending
from curricula.models import Course
from lms.accounts.models import Person
from lms.learning.models import Completion
from lms.learning.services import record_completion, void_completion

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
    """Record a completion in the ledger."""
    values = {
        "started_on": date(2026, 11, 1),
        "completed_on": date(2026, 11, 20),
        "source": "online",
        "mode": "online",
        "actor": None,
        "now": NOW,
        "key": f"test-{next(_keys)}",
        "score": Decimal("91.67"),
        **fields,
    }
    return record_completion(person=person, course=course, **values)


def void(completion: Completion, *, reason: str, by: Person) -> Completion:
    """Void a completion in the ledger."""
    return void_completion(completion=completion, reason=reason, actor=by, now=NOW)


@pytest.fixture
def issue(course: Course) -> Callable[..., Certificate]:
    """Complete the course for a person and make the certificate's file."""

    def issue(person: Person, **fields: Any) -> Certificate:
        completion = complete(person, course, **fields)
        render_pending(now=NOW)
        return Certificate.objects.get(completion=completion)

    return issue
