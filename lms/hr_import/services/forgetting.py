"""What imports keep of a person whose data is removed."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.db.models import Q

from lms.accounts.models import Person
from lms.hr_import.models import Evidence, PlanRow


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


def _without(act: Any, emails: Collection[str]) -> Any:
    """The act with nobody where one of the addresses stood."""
    if isinstance(act, dict):
        return {name: _without(value, emails) for name, value in act.items()}
    if isinstance(act, list):
        return [_without(value, emails) for value in act]
    return None if isinstance(act, str) and act in emails else act
