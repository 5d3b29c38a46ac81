"""Removing records whose time is over: the only way in which rows leave the ledger."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from lms.accounts.models import Person
from lms.agencies.models import Employment
from lms.audit.append_only import allow_redaction
from lms.audit.services import record

from .models import Completion, CompletionQuerySet, ExternalCredit, ExternalProof
from .signals import completions_removed


def list_expired(*, before: date) -> CompletionQuerySet:
    """Return the rows of the ledger that were completed before the day by people who have had no job since: the record
    of present staff is kept however old it is."""
    same_person = (
        Q(person=OuterRef("person"))
        | Q(person=OuterRef("person__merged_into"))
        | Q(person=OuterRef("person__merged_into__merged_into"))
        | Q(person__merged_into=OuterRef("person"))
        | Q(person__merged_into__merged_into=OuterRef("person"))
        | Q(person__merged_into=OuterRef("person__merged_into"))
    )
    still_here = Employment.objects.filter(same_person).filter(Q(valid_until=None) | Q(valid_until__gte=before))
    return Completion.objects.filter(completed_on__lt=before).exclude(Exists(still_here))


@transaction.atomic
def remove_expired(*, person: Person, before: date) -> int:
    """Remove the person's rows that ``list_expired`` names, with what hangs on them, and return how many went.

    The audit event says how many and until which day, not what they were.
    """
    rows = list_expired(before=before).filter(person=person)
    # A row and the row that voids it go together.
    keys = set(rows.values_list("pk", flat=True)) | set(
        Completion.objects.filter(voids__in=rows).values_list("pk", flat=True)
    )
    if not keys:
        return 0
    gone = sorted(keys)
    completions_removed.send(sender=Completion, completion_ids=gone)
    ExternalProof.objects.filter(credit__completion__in=gone).delete()
    ExternalCredit.objects.filter(completion__in=gone).delete()
    with allow_redaction(Completion):
        Completion.objects.filter(pk__in=gone).exclude(voids=None).delete()
        Completion.objects.filter(pk__in=gone).delete()
    detail: dict[str, Any] = {"count": len(gone), "completed_before": before.isoformat()}
    record(actor=None, action="records.removed", target=person, detail=detail)
    return len(gone)
