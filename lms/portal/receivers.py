"""What leaves with a record, and with a person; inside the transaction that removes it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Q
from django.dispatch import receiver

from lms.accounts.signals import person_erased
from lms.learning.signals import completions_removed

from .enums import ChangeState
from .models import RecordChange

ERASED = "–"


@receiver(completions_removed, dispatch_uid="portal.completions_removed")
def remove_changes(*, completion_ids: Collection[int], **_kwargs: Any) -> None:
    RecordChange.objects.filter(Q(completion__in=completion_ids) | Q(replaces__in=completion_ids)).delete()


@receiver(person_erased, dispatch_uid="portal.erase")
def remove_what_was_asked(*, person_ids: Collection[int], **_kwargs: Any) -> None:
    """Remove the changes that never came to the ledger, and the words of those that did."""
    about = RecordChange.objects.filter(person__in=person_ids)
    about.exclude(state=ChangeState.APPROVED).delete()
    about.update(place="", instructor="", reason=ERASED, decision="")
