"""What only a real commit shows, in a database of its own."""

import pytest
from django.db import DatabaseError, transaction

from lms.audit.append_only import allow_redaction, list_missing_triggers
from lms.audit.models import AuditEvent
from lms.audit.services import record

pytestmark = [pytest.mark.postgres, pytest.mark.usefixtures("committing_db")]


def test_redaction_needs_a_transaction() -> None:
    with pytest.raises(RuntimeError, match="transaction"), allow_redaction(AuditEvent):
        pass


def test_a_committed_event_stays_after_a_committed_redaction() -> None:
    record(actor=None, action="site.checked", target=None)
    with transaction.atomic(), allow_redaction(AuditEvent):
        AuditEvent.objects.update(actor_name="(removed)")
    with pytest.raises(DatabaseError, match="append-only"):
        AuditEvent.objects.all().delete()
    assert AuditEvent.objects.get().actor_name == "(removed)"
    assert list_missing_triggers("default") == []
