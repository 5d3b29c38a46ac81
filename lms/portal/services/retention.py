"""Removes what the retention settings no longer keep: once a day, in small steps, each written down."""

from __future__ import annotations

import logging
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, ProtectedError, Q
from django.utils import timezone

from lms.accounts.erasing import ErasureError
from lms.accounts.models import Person
from lms.agencies.models import Employment
from lms.agencies.services.erasure import erase_leaver
from lms.audit.append_only import allow_redaction
from lms.audit.models import AuditEvent
from lms.audit.services import record
from lms.compliance.calendar import add_months
from lms.hr_import.services import remove_rows
from lms.learning.removal import list_expired, remove_expired
from lms.outbox.enums import MailState
from lms.outbox.models import Mail
from lms.portal.models import RetentionSettings

logger = logging.getLogger(__name__)
DONE = "retention.applied"
# As many as a night takes, so that no transaction is long and no tick is held up; the rest follows the next day.
MOST = 500


def apply_retention(*, now: datetime) -> bool:
    """Remove what is kept no longer, and return whether it was today's turn (the first call of a day)."""
    today = timezone.localdate(now)
    if AuditEvent.objects.filter(action=DONE, detail__day=today.isoformat()).exists():
        return False
    keep = RetentionSettings.load()
    counts = {
        "records": _remove_records(before=add_months(today, -12 * keep.records_years)),
        "people": _erase_leavers(left_before=today - timedelta(days=keep.leavers_days), now=now, today=today),
        "mails": _remove_mails(before=now - timedelta(days=keep.mails_days)),
        "imports": remove_rows(sent_before=now - timedelta(days=keep.imports_days), now=now, most=MOST),
        "events": _remove_events(before=add_months(today, -12 * keep.audit_years)),
    }
    record(actor=None, action=DONE, target=None, detail={"day": today.isoformat(), **counts})
    return True


def _remove_records(*, before: date) -> int:
    people = Person.objects.filter(pk__in=list_expired(before=before).values("person")).order_by("pk")[:MOST]
    removed = 0
    for person in people:
        try:
            removed += remove_expired(person=person, before=before)
        except ProtectedError:
            # Something new hangs on the record that nobody told to go: it stays until somebody does.
            logger.exception("The expired records of person %s are still referred to.", person.pk)
    return removed


def _erase_leavers(*, left_before: date, now: datetime, today: date) -> int:
    """Those whose last job ended before the day; who never had a job is nobody's leaver."""
    people = (
        Person.objects.unmerged()
        .filter(erased_at=None, is_staff=False, is_superuser=False)
        .exclude(Exists(Employment.objects.filter(person=OuterRef("pk"), valid_until=None)))
        .alias(left_on=Max("employments__valid_until"))
        .filter(left_on__lte=left_before)
        .filter(Q(last_login=None) | Q(last_login__date__lte=left_before))
        .order_by("pk")[:MOST]
    )
    erased = 0
    for person in people:
        try:
            erase_leaver(actor=None, person=person, reason="Retention", now=now, today=today)
        except ErasureError as error:
            logger.info("Person %s is not erased: %s", person.pk, error)
        else:
            erased += 1
    return erased


def _remove_mails(*, before: datetime) -> int:
    done = Mail.objects.filter(state__in=[MailState.SENT, MailState.FAILED], created_at__lt=before)
    return done.filter(pk__in=list(done.values_list("pk", flat=True)[: 10 * MOST])).delete()[0]


@transaction.atomic
def _remove_events(*, before: date) -> int:
    events = AuditEvent.objects.filter(at__date__lt=before)
    keys = list(events.order_by("pk").values_list("pk", flat=True)[: 10 * MOST])
    if not keys:
        return 0
    with allow_redaction(AuditEvent):
        return AuditEvent.objects.filter(pk__in=keys).delete()[0]
