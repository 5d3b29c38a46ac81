"""The proof: what is stored against what the ledger says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Sum

from lms.accounts.models import Person
from lms.compliance.models import ComplianceCount, CountedDay, Requirement
from lms.compliance.querysets import span_status
from lms.compliance.selectors import Key, get_counts, list_stored, replay

from .counts import one_moment
from .spans import lock_identities

CHUNK = 200


@dataclass(frozen=True)
class Difference:
    """A row, or a cell of the counts, that is not what it should be (none: it should not be, or is missing)."""

    where: Key | tuple[date, int | None, int]
    stored: object | None
    wanted: object | None


def verify(
    persons: Collection[int], *, report: Callable[[int, int], None] = lambda done, total: None
) -> Iterator[Difference]:
    """Yield every difference between the stored spans of the persons and a replay of their ledger, jobs and rules.

    Each chunk is locked as events lock it, so that an event under way is no difference.
    """
    people = sorted(persons)
    for start in range(0, len(people), CHUNK):
        report(start, len(people))
        with transaction.atomic():
            owner = lock_identities(people[start : start + CHUNK])
            requirements = Requirement.objects.all()
            wanted = replay(owner, requirements)
            stored = {key: row for key, (_pk, row) in list_stored(list(owner), requirements).items()}
        for key in sorted(stored.keys() | wanted.keys()):
            if stored.get(key) != wanted.get(key):
                yield Difference(key, stored.get(key), wanted.get(key))
    report(len(people), len(people))


def verify_counts(day: date) -> list[Difference]:
    """Return every cell of a counted day whose sum is not that of the spans; nothing for a day that is not counted."""
    statuses = list(span_status(day))
    sums = (
        ComplianceCount.objects.filter(as_of=day)
        .order_by()
        .values("unit", "requirement")
        .annotate(**{f"sum_{status}": Sum(status) for status in statuses})
        .values_list("unit", "requirement", *(f"sum_{status}" for status in statuses))
    )
    with one_moment():
        if not CountedDay.objects.filter(day=day).exists():
            return []
        stored = {
            (day, unit, requirement): Counter(dict(zip(statuses, numbers, strict=True)))
            for unit, requirement, *numbers in sums
        }
        wanted = get_counts(day)
    return [
        Difference(cell, stored.get(cell), wanted.get(cell))
        for cell in stored.keys() | wanted.keys()
        if stored.get(cell, Counter()) != wanted.get(cell, Counter())
    ]


def list_sample(size: int | None) -> list[int]:
    """Return the ids of so many persons at random (none: of all)."""
    people = Person.objects.order_by("?") if size is not None else Person.objects.order_by("pk")
    return list(people.values_list("pk", flat=True)[:size])
