"""How many have which status where on a day: from the spans, or from the counts that are kept of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from itertools import groupby
from typing import Any

from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce

from lms.agencies.models import Agency, AgencyPlacement, Employment
from lms.compliance.audience import correct_units
from lms.compliance.enums import ScopeKind
from lms.compliance.models import ComplianceCount, CountedDay, ObligationSpan
from lms.compliance.querysets import span_status
from lms.compliance.shares import Shares

from .scopes import Scope

Cell = tuple[date, int | None, int]  # day, unit, requirement
Tally = dict[Cell, Counter[str]]


def get_counts(day: date, *, scope: Scope | None = None) -> Tally:
    """Return the counts of the day as the spans give them, at the units of a scope (none: everywhere).

    A person who owes the same at several of the units is counted at each of them, and taken off at the places above
    them, so that each sum over a subtree counts them once.
    """
    tally: Tally = defaultdict(Counter)
    spans = ObligationSpan.objects.on(day).order_by()
    if scope is not None:
        spans = spans.filter(scope.spans())
    statuses = span_status(day)
    counted = (
        spans.values("unit", "requirement")
        .annotate(**{status: Count("pk", filter=condition) for status, condition in statuses.items()})
        .values_list("unit", "requirement", *statuses)
    )
    for unit, requirement, *numbers in counted:
        tally[day, unit, requirement].update(dict(zip(statuses, numbers, strict=True)))
    if scope is not None and scope.kind == ScopeKind.UNIT:
        return tally
    tree = Tree(day)
    for requirement, status, units in _list_several(day, spans, scope):
        for unit_above in tree.list_corrections(units):
            tally[day, unit_above, requirement][status] -= 1
    return tally


class Tree:
    """Where each unit stood on a day; read when it is first asked for."""

    def __init__(self, day: date) -> None:
        self.day = day

    @cached_property
    def paths(self) -> dict[int, str]:
        return dict(AgencyPlacement.objects.on(self.day).values_list("agency_id", "path"))

    @cached_property
    def units(self) -> dict[str, int]:
        return {path: unit for unit, path in self.paths.items()}

    def list_corrections(self, units: Iterable[int]) -> list[int | None]:
        """Return the units at which one is taken off for a person counted at all of the given ones (none: above
        all)."""
        above = correct_units([self.paths[unit] for unit in units if unit in self.paths], Agency.steplen)
        return [self.units.get(path) for path in above]


def list_working_at_several(day: date, units: Collection[int] | None = None) -> Any:
    """Return the ids of the survivors who hold jobs at more than one of the units (none: of all) on the day."""
    jobs = Employment.objects.on(day)
    if units is not None:
        jobs = jobs.filter(agency__in=units)
    return (
        jobs.order_by()
        .values(survivor=Coalesce("person__merged_into__merged_into", "person__merged_into", "person"))
        .annotate(units=Count("agency", distinct=True))
        .filter(units__gt=1)
        .values("survivor")
    )


def _list_several(day: date, spans: Any, scope: Scope | None) -> Iterator[tuple[int, str, tuple[int, ...]]]:
    """Yield requirement, status and units of each person who owes the same at several units on the day."""
    several = spans.with_status(day)
    if scope is None or scope.persons is None:
        # Jobs are fewer than spans.
        units = None if scope is None or scope.whole_site else list(scope.units)
        several = several.filter(person__in=list_working_at_several(day, units))
    rows: Iterable[tuple[int, int, str, int]] = (
        several.order_by("person", "requirement", "unit")
        .values_list("person_id", "requirement_id", "status", "unit_id")
        .iterator()
    )
    for (_person, requirement, status), found in groupby(rows, key=lambda row: row[:3]):
        at = tuple(unit for *_rest, unit in found)
        if len(at) > 1:
            yield requirement, status, at


def list_counted_days() -> list[date]:
    """Return the days whose counts are kept."""
    return list(CountedDay.objects.order_by("day").values_list("day", flat=True))


def get_cells(
    scopes: Sequence[Scope], *, requirements: Collection[int]
) -> dict[date, dict[tuple[int | None, int], Shares]]:
    """Return for the day of each scope the shares by unit and requirement: from the counts where they are kept, else
    from the spans.

    For the same kept days one query, whatever their number. Above all units (none) stands what is taken off there.
    """
    cells: dict[date, dict[tuple[int | None, int], Shares]] = {scope.as_of: {} for scope in scopes}
    summed = [scope.as_of for scope in scopes if scope.kind == ScopeKind.SUBTREE]
    kept = set(CountedDay.objects.filter(day__in=summed).values_list("day", flat=True))
    by_units: dict[frozenset[int] | None, list[date]] = defaultdict(list)
    for scope in scopes:
        # What is taken off at a unit for those counted below it is wrong for the unit alone, and for some people.
        if scope.kind != ScopeKind.SUBTREE or scope.as_of not in kept:
            for (day, unit, requirement), counts in get_counts(scope.as_of, scope=scope).items():
                if requirement in requirements:
                    cells[day][unit, requirement] = Shares(**counts)
        elif scope.units:
            by_units[None if scope.whole_site else frozenset(scope.units)].append(scope.as_of)
    statuses = list(span_status(date.min))
    for units, days in by_units.items():
        where = Q(as_of__in=days, requirement__in=requirements)
        if units is not None:
            where &= Q(unit__in=units)
        rows = (
            ComplianceCount.objects.filter(where)
            .order_by()
            .values("as_of", "unit", "requirement")
            .annotate(**{f"sum_{status}": Sum(status) for status in statuses})
            .values_list("as_of", "unit", "requirement", *(f"sum_{status}" for status in statuses))
        )
        for day, unit, requirement, *numbers in rows:
            cells[day][unit, requirement] = Shares(*numbers)
    return cells


def add_up_by_requirement(cells: Mapping[tuple[int | None, int], Shares]) -> dict[int, Shares]:
    """Return the sum of the cells over all units, by requirement."""
    sums: dict[int, Shares] = {}
    for (_unit, requirement), shares in cells.items():
        sums[requirement] = sums.get(requirement, Shares()) + shares
    return sums
