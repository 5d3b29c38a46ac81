"""What imports keep of a person whose data is removed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from lms.accounts.models import Person
from lms.hr_import.enums import RunState
from lms.hr_import.models import Effect, Evidence, ImportFile, ImportRun, PlanRow


@transaction.atomic
def forget_people(*, person_ids: Collection[int]) -> None:
    """Remove what plans say of these people; a row that is not theirs only forgets them as supervisors.

    Such a row is left as it is when its import is undone. Evidence goes, unless it became a row of the record.
    """
    emails = {email.lower() for email in Person.objects.filter(pk__in=person_ids).values_list("email", flat=True)}
    named = Q(person__in=person_ids)
    for email in emails:
        named |= Q(act__icontains=f'"{email}"')
    changed = []
    for row in PlanRow.objects.filter(named).iterator():
        newcomer = (row.act or {}).get("newcomer")
        if row.person in person_ids or (newcomer and newcomer[0] in emails):
            row.label, row.person, row.differences, row.act, row.notes = "", None, [], None, []
        else:
            row.act = _without(row.act, emails)
        changed.append(row)
    PlanRow.objects.bulk_update(changed, ["label", "person", "differences", "act", "notes"], batch_size=100)
    Evidence.objects.filter(person__in=person_ids, completion=None).delete()


def remove_rows(*, sent_before: datetime, now: datetime, most: int) -> int:
    """Remove the rows of imports that were sent before a moment, of at most so many, and return of how many.

    What they wrote stays, and so do their counts, their audit row and evidence that still is to be matched; undoing
    needs the rows and is over. A run at work is left for another day.
    """
    at_work = [RunState.READING, RunState.APPLYING, RunState.UNDOING]
    runs = ImportRun.objects.exclude(state__in=at_work).filter(rows_removed_at=None, created_at__lt=sent_before)
    removed = 0
    for run in runs.order_by("pk")[:most]:
        removed += _remove_rows_of(run, now)
    return removed


@transaction.atomic
def _remove_rows_of(run: ImportRun, now: datetime) -> int:
    was = RunState(run.state)
    state = RunState.DISCARDED if was in {RunState.COLUMNS, RunState.PLANNED} else was
    # Somebody may give the word to apply or undo it at this moment.
    if not ImportRun.objects.filter(pk=run.pk, state=was, rows_removed_at=None).update(
        rows_removed_at=now, state=state
    ):
        return 0
    for model in (ImportFile, Effect, PlanRow):
        rows = model._default_manager.filter(run=run)
        rows._raw_delete(rows.db)
    return 1


def _without(act: Any, emails: Collection[str]) -> Any:
    """The act with nobody where one of the addresses stood."""
    if isinstance(act, dict):
        return {name: _without(value, emails) for name, value in act.items()}
    if isinstance(act, list):
        return [_without(value, emails) for value in act]
    return None if isinstance(act, str) and act in emails else act
