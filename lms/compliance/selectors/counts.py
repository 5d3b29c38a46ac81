"""How many have which status where on a day: from the spans, or from the counts that are kept of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from functools import cached_property
from itertools import groupby
from typing import Any

from django.db.models import Count, Exists, F, FilteredRelation, Max, Min, OuterRef, Q, QuerySet, Sum, Value
from django.db.models.functions import Left

from lms.accounts.models import Person
from lms.agencies.models import Agency, AgencyPlacement, Employment
from lms.agencies.querysets import holds_on
from lms.compliance.audience import Place, correct_units
from lms.compliance.enums import ScopeKind
from lms.compliance.evaluation import DayStatus, Kind, split_by_status, status_within
from lms.compliance.models import ComplianceCount, CountedDay, ObligationSpan, SettledTotal
from lms.compliance.querysets import span_status
from lms.compliance.shares import Shares, add_up_by

from .scopes import LISTED_UNITS, Scope

Cell = tuple[date, int | None, int]  # day, unit, requirement
Tally = dict[Cell, Counter[str]]
IDS_AT_ONCE = 10_000  # SQLite takes some 32,000 parameters


def get_counts(day: date, *, scope: Scope | None = None) -> Tally:
    """Return the counts of the day as the spans give them, at the units of a scope (none: everywhere).

    A person who owes the same at several of the units is counted at each of them, and taken off at the places above
    them, so that each sum over a subtree counts them once.
    """
    tally: Tally = defaultdict(Counter)
    spans = ObligationSpan.objects.on(day).order_by()
    if scope is not None:
        spans = spans.filter(scope.spans())
    for (unit, requirement), counts in count_by_status(spans, day, "unit", "requirement"):
        tally[day, unit, requirement].update(counts)
    if scope is not None and scope.kind == ScopeKind.UNIT:
        return tally
    tree = Tree()
    for (units, requirement, one_status), times in Counter(_list_several(day, spans, scope)).items():
        for unit_above in tree.list_corrections(day, units):
            tally[day, unit_above, requirement][one_status] -= times
    return tally


def count_by_status(spans: Any, day: date, *by: str) -> Iterator[tuple[tuple[Any, ...], dict[DayStatus, int]]]:
    """Yield how many of the spans, which all cover the day, have which status; each group of ``by`` once for each
    kind of span."""
    # Cheaper for the database than a condition for each status.
    counted = (
        spans.values(*by, "kind")
        .annotate(
            number=Count("*"),
            soon=Count("soon_on", filter=Q(soon_on__lte=day)),
            late=Count("late_on", filter=Q(late_on__lte=day)),
        )
        .values_list(*by, "kind", "number", "soon", "late")
    )
    for *group, kind, number, soon, late in counted:
        yield tuple(group), split_by_status(Kind(kind), number, soon, late)


class Tree:
    """Where units stood, day by day: all of them, or the given ones and what stood above them. One query, when it is
    first asked."""

    def __init__(self, units: Collection[int] | None = None) -> None:
        self._only = units
        self._days: dict[date, tuple[dict[int, str], dict[str, int]]] = {}

    @cached_property
    def _places(self) -> list[tuple[int, Place]]:
        placements = AgencyPlacement.objects.all()
        if self._only is not None:
            own = AgencyPlacement.objects.filter(agency__in=self._only)
            placements = placements.filter(Exists(own.filter(path__startswith=OuterRef("path"))))
        rows = placements.values_list("agency_id", "path", "valid_from", "valid_until")
        return [(unit, Place(path, begin, end or date.max)) for unit, path, begin, end in rows]

    def list_corrections(self, day: date, units: Iterable[int]) -> list[int | None]:
        """Return the units at which one is taken off for a person counted at all of the given ones (none: above
        all)."""
        if day not in self._days:
            paths = {unit: place.path for unit, place in self._places if place.from_on <= day < place.to_on}
            self._days[day] = paths, {path: unit for unit, path in paths.items()}
        paths, standing = self._days[day]
        above = correct_units([paths[unit] for unit in units if unit in paths], Agency.steplen)
        return [standing.get(path) for path in above]


def list_working_at_several(day: date, units: Collection[int] | None = None) -> Any:
    """Return the ids of all who hold jobs at more than one of the units (none: of all) on the day, and of all into whom
    somebody was merged, since those may."""
    several = _jobs_by_person(day, units).annotate(first=Min("agency"), last=Max("agency")).filter(first__lt=F("last"))
    return several.values("person").union(_list_survivors())


def list_holding_several(day: date, units: Collection[int] | None = None) -> Any:
    """Return the ids of all who hold more than one job at the units, as ``list_working_at_several`` does."""
    several = _jobs_by_person(day, units).annotate(jobs=Count("pk")).filter(jobs__gt=1)
    return several.values("person").union(_list_survivors())


def _jobs_by_person(day: date, units: Collection[int] | None) -> Any:
    jobs = Employment.objects.on(day)
    if units is not None:
        jobs = jobs.filter(agency__in=units)
    return jobs.order_by().values("person")


def _list_survivors() -> Any:
    return Person.objects.exclude(merged_into=None).order_by().values("merged_into")


def in_chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Yield the ids in parts that a query of SQLite takes as parameters."""
    for start in range(0, len(ids), IDS_AT_ONCE):
        yield ids[start : start + IDS_AT_ONCE]


def _list_several(day: date, spans: Any, scope: Scope | None) -> Iterator[tuple[tuple[int, ...], int, DayStatus]]:
    """Yield units, requirement and status of each person who owes the same at several units on the day."""
    if scope is not None and scope.persons is not None:
        persons = sorted(scope.persons)
    else:
        # Jobs are fewer than spans; and a list of ids has the few rows found by their index, a subquery does not.
        units = None if scope is None or scope.whole_site else list(scope.units)
        persons = sorted(person for (person,) in list_working_at_several(day, units).values_list("person"))
    for chunk in in_chunks(persons):
        rows: Iterable[tuple[int, int, int, str, date, date]] = (
            spans.filter(person__in=chunk)
            .order_by("person_id", "requirement_id")
            .values_list("person_id", "requirement_id", "unit_id", "kind", "soon_on", "late_on")
        )
        for (_person, requirement), found in groupby(rows, key=lambda row: row[:2]):
            at = list(found)
            if len(at) > 1:
                yield tuple(row[2] for row in at), requirement, status_within(*at[0][3:], day)


def list_counted_days() -> list[date]:
    """Return the days whose counts are kept."""
    return list(CountedDay.objects.order_by("day").values_list("day", flat=True))


Sums = dict[int, Shares]  # by requirement


def get_totals(scopes: Sequence[Scope], *, requirements: Collection[int]) -> dict[date, Sums]:
    """Return for the day of each scope the sums over all its people: from the counts where they are kept, else from the
    spans. For kept days one query, whatever their number, unless the node was moved between them."""
    totals: dict[date, Sums] = {scope.as_of: {} for scope in scopes}
    kept = _list_kept(scopes)
    days_of: dict[tuple[Agency | None, str, bool], list[date]] = defaultdict(list)
    if reports := [scope for scope in scopes if scope.persons]:
        totals |= _read_spans_of_reports(reports, requirements)
    for scope in scopes:
        if scope.persons is not None:
            continue
        if scope.as_of not in kept:
            totals[scope.as_of] = add_up_by(
                (requirement, shares) for _unit, requirement, shares in _read_spans(scope, requirements)
            )
        elif scope.units:
            days_of[scope.agency, scope.path, len(scope.units) > LISTED_UNITS].append(scope.as_of)
    for (agency, path, large), days in days_of.items():
        summed = _read_settled_totals(agency, path, days) if large else {}
        for day, requirement, shares in sum_counts(path, [day for day in days if day not in summed]):
            summed.setdefault(day, {})[requirement] = shares
        for day, sums in summed.items():
            totals[day] = {requirement: shares for requirement, shares in sums.items() if requirement in requirements}
    return totals


def list_counts(path: str, days: Collection[date]) -> QuerySet[ComplianceCount]:
    """Return the kept counts of the days at and below the path (empty: of the whole site), where it was on each."""
    counts = ComplianceCount.objects.filter(as_of__in=days).order_by()
    if not path:
        return counts
    there = Q(unit__placements__valid_until=None) | Q(unit__placements__valid_until__gt=F("as_of"))
    return counts.filter(there, unit__placements__path__startswith=path, unit__placements__valid_from__lte=F("as_of"))


def sum_counts(path: str, days: Collection[date], **settled: bool) -> Iterator[tuple[date, int, Shares]]:
    """Yield day, requirement and sum of the counts, of all or of the settled ones; of no day nothing, unasked."""
    if not days:
        return
    for day, requirement, *numbers in _sum(list_counts(path, days).filter(**settled), "as_of", "requirement"):
        yield day, requirement, Shares(*numbers)


def _read_settled_totals(agency: Agency | None, path: str, days: Collection[date]) -> dict[date, Sums]:
    """Return the sums of those of the days whose settled counts are added up, with what events added since.

    One query, so that a count which ends meanwhile is read before or after, not both.
    """
    columns = "as_of", "requirement", *span_status(date.min), "is_total"
    totals = SettledTotal.objects.filter(agency=agency, as_of__in=days).order_by().annotate(is_total=Value(True))
    added = list_counts(path, days).filter(settled=False).annotate(is_total=Value(False))
    rows = list(totals.values_list(*columns).union(added.values_list(*columns), all=True))
    known = {day for day, *_rest, is_total in rows if is_total}
    cells = ((day, requirement, Shares(*numbers)) for day, requirement, *numbers, _is_total in rows if day in known)
    sums: dict[date, Sums] = {day: {} for day in known}
    for (day, requirement), shares in add_up_by(
        ((day, requirement), shares) for day, requirement, shares in cells
    ).items():
        sums[day][requirement] = shares
    return sums


def get_sums_below(scope: Scope, *, requirements: Collection[int]) -> dict[str | None, Sums]:
    """Return the sums of each unit right below the node of a scope, with all below it, by the unit's path. The sums of
    what is at the node or above it, or was taken off there, stand under a shorter path or none: with these, all
    together are the total."""
    length = len(scope.path) + Agency.steplen
    sums: dict[str | None, Sums] = defaultdict(dict)
    if not _list_kept([scope]):
        below = (
            ((scope.units.get(unit, "")[:length] if unit is not None else None, requirement), shares)
            for unit, requirement, shares in _read_spans(scope, requirements)
        )
        for (path, requirement), shares in add_up_by(below).items():
            sums[path][requirement] = shares
    elif scope.units:
        counts = ComplianceCount.objects.filter(as_of=scope.as_of, requirement__in=requirements).annotate(
            placed=FilteredRelation("unit__placements", condition=holds_on(scope.as_of, "unit__placements__"))
        )
        if not scope.whole_site:
            counts = counts.filter(placed__path__startswith=scope.path)
        for path, requirement, *numbers in _sum(
            counts.annotate(top=Left("placed__path", length)), "top", "requirement"
        ):
            sums[path][requirement] = Shares(*numbers)
    return sums


def _list_kept(scopes: Iterable[Scope]) -> set[date]:
    # What is taken off at a unit for those counted below it is wrong for the unit alone, and for some people.
    summed = [scope.as_of for scope in scopes if scope.kind == ScopeKind.SUBTREE]
    return set(CountedDay.objects.filter(day__in=summed).values_list("day", flat=True)) if summed else set()


def _read_spans(scope: Scope, requirements: Collection[int]) -> Iterator[tuple[int | None, int, Shares]]:
    for (_day, unit, requirement), counts in get_counts(scope.as_of, scope=scope).items():
        if requirement in requirements:
            yield unit, requirement, Shares(**counts)


def _read_spans_of_reports(scopes: Sequence[Scope], requirements: Collection[int]) -> dict[date, Sums]:
    """Return what ``get_totals`` does for people by name: few enough to read the spans of all the days at once."""
    persons = frozenset[int]().union(*(scope.persons or () for scope in scopes))
    first, last = min(scope.as_of for scope in scopes), max(scope.as_of for scope in scopes)
    columns = "person_id", "requirement_id", "kind", "soon_on", "late_on", "from_on", "to_on"
    rows = list(
        ObligationSpan.objects.filter(
            person__in=persons, requirement__in=requirements, from_on__lte=last, to_on__gt=first
        )
        .order_by()
        .values_list(*columns)
    )
    totals: dict[date, Sums] = {}
    for scope in scopes:
        day, asked = scope.as_of, scope.persons or frozenset()
        # Who owes the same at several units has a row for each, all of one status.
        status_of = {
            (person, requirement): status_within(kind, soon_on, late_on, day)
            for person, requirement, kind, soon_on, late_on, from_on, to_on in rows
            if from_on <= day < to_on and person in asked
        }
        counts: dict[int, Counter[str]] = defaultdict(Counter)
        for (_person, requirement), status in status_of.items():
            counts[requirement][status] += 1
        totals[day] = {requirement: Shares(**numbers) for requirement, numbers in counts.items()}
    return totals


def _sum(counts: Any, *by: str) -> Any:
    """Rows of what the counts are grouped by, and the sum of each status."""
    sums = {f"sum_{status}": Sum(status) for status in span_status(date.min)}
    return counts.order_by().values(*by).annotate(**sums).values_list(*by, *sums)
