"""A text that leaked is taken back: a mark stays, and the trail says who did it and why, but not what it was."""

from __future__ import annotations

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction

from lms.audit.models import AuditEvent
from lms.audit.redaction import RedactionError, redact_text
from lms.learning.models import Completion
from lms.learning.services import void_completion
from tests.conftest import Cast
from tests.learning.conftest import make_course
from tests.learning.test_ledger import NOW, record

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
DAY = date(2026, 11, 26)
LEAK = "seen with Jordan B., case 4711"


@pytest.fixture
def voided(cast: Cast) -> Completion:
    completion = record(cast.learner, make_course(quiz=False))
    return void_completion(actor=cast.manager, completion=completion, reason=LEAK, now=NOW)


def test_the_text_goes_and_a_mark_stays(cast: Cast, voided: Completion) -> None:
    facts = Completion.objects.filter(pk=voided.pk).values()[0]
    del facts["reason"]
    stub = redact_text(actor=cast.coordinator, row=voided, field="reason", reason="A child is named", today=DAY)
    after = Completion.objects.filter(pk=voided.pk).values()[0]
    assert after.pop("reason") == stub == "[removed on 2026-11-26]"
    assert after == facts
    event = AuditEvent.objects.get(action="text.redacted")
    assert event.actor == cast.coordinator
    assert event.detail == {
        "model": "learning.completion",
        "key": str(voided.pk),
        "field": "reason",
        "length": len(LEAK),
        "reason": "A child is named",
    }
    assert LEAK not in str(event.detail)


def test_the_ledger_is_closed_again_afterwards(cast: Cast, voided: Completion) -> None:
    redact_text(actor=None, row=voided, field="reason", reason="A child is named", today=DAY)
    with pytest.raises(DatabaseError), transaction.atomic():
        Completion.objects.filter(pk=voided.pk).update(reason="x")


@pytest.mark.parametrize(
    ("field", "reason", "words"),
    [
        ("nothing", "why", "no field"),
        ("key", "why", "no free text"),
        ("source", "why", "no free text"),
        ("completed_on", "why", "no free text"),
        ("reason", "  ", "Say why"),
        ("instructor", "why", "nothing to remove"),
    ],
)
def test_what_cannot_be_redacted_is_refused_in_words(voided: Completion, field: str, reason: str, words: str) -> None:
    with pytest.raises(RedactionError, match=words):
        redact_text(actor=None, row=voided, field=field, reason=reason, today=DAY)
    assert not AuditEvent.objects.filter(action="text.redacted").exists()


def test_by_command(cast: Cast, voided: Completion) -> None:
    arguments = ["learning.completion", str(voided.pk), "reason", "--reason", "A child is named"]
    call_command("redact_text", *arguments, "--by", cast.coordinator.email, stdout=(out := StringIO()))
    assert "[removed on" in out.getvalue()
    for wrong in (
        [*arguments, "--by", "nobody@example.org"],
        ["learning.nothing", *arguments[1:], "--by", cast.coordinator.email],
        ["learning.completion", "999999", *arguments[2:], "--by", cast.coordinator.email],
        ["learning.completion", "x", *arguments[2:], "--by", cast.coordinator.email],
    ):
        with pytest.raises(CommandError):
            call_command("redact_text", *wrong)
