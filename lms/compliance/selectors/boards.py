"""Shares: by unit and requirement, by job role, level and service area, and month by month."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal, get_args

from django.db.models import Count, F, QuerySet

from curricula.enums import CourseLevel
from lms.accounts.models import Person
from lms.agencies.enums import NAMING_KINDS
from lms.agencies.models import Agency, JobRole, ServiceArea
from lms.agencies.querysets import holds_on
from lms.compliance.calendar import add_months
from lms.compliance.enums import ScopeKind
from lms.compliance.evaluation import status_within
from lms.compliance.models import CountedDay, ObligationSpan, Requirement, RequirementCourse, StoredShare
from lms.compliance.querysets import span_status
from lms.compliance.shares import Shares, add_up, add_up_by

from .counts import (
    Sums,
    count_by_status,
    get_sums_below,
    get_totals,
    in_chunks,
    list_holding_several,
    list_working_at_several,
)
from .scopes import Scope, list_scopes_on

Dimension = Literal["job_role", "level", "service_area"]
DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)
Counted = tuple[Any, int, Shares]  # key, requirement


@dataclass(frozen=True)
class Shown:
    """The requirements that count, with the level of the course that satisfies them first."""

    requirements: Sequence[Requirement]
    levels: Mapping[int, str]

    @property
    def ids(self) -> frozenset[int]:
        return frozenset(requirement.pk for requirement in self.requirements)


def list_counted_requirements(requirements: Collection[int] | None = None) -> Shown:
    """Return the mandatory requirements (of the given ones, if any) by name: two queries. Electives enter no share."""
    rows = Requirement.objects.filter(mandatory=True)
    if requirements is not None:
        rows = rows.filter(pk__in=requirements)
    levels: dict[int, str] = {}
    accepted = RequirementCourse.objects.filter(requirement__in=rows.order_by().values("pk")).order_by("pk")
    for requirement, level in accepted.values_list("requirement_id", "course__level"):
        levels.setdefault(requirement, level)
    return Shown(list(rows), levels)


@dataclass(frozen=True)
class Line:
    """The shares of one row by requirement. ``thing``: a unit, a job role, a service area, a day; nothing: in all."""

    thing: Any
    cells: Mapping[int, Shares]
    levels: Mapping[int, str] = field(repr=False)

    @property
    def sum(self) -> Shares:
        """All obligations."""
        return add_up(self.cells.values())

    @property
    def awareness(self) -> Shares:
        return self._of_level(CourseLevel.AWARENESS)

    @property
    def response(self) -> Shares:
        return self._of_level(CourseLevel.RESPONSE)

    @property
    def gap(self) -> float | None:
        """How much lower Trained % is for response than for awareness, as a part of 1; nothing if one has none."""
        awareness, response = self.awareness.trained_share, self.response.trained_share
        return None if awareness is None or response is None else awareness - response

    def _of_level(self, level: str) -> Shares:
        return add_up(shares for requirement, shares in self.cells.items() if self.levels.get(requirement) == level)


@dataclass(frozen=True)
class Board:
    """A scope on a day: ``total`` with the headline figures, a line for each unit right below the node (with all below
    it) and one for the node itself, and the requirements that somebody here has.

    A person who works in two of the units is counted in both lines and once in the total.
    """

    scope: Scope
    requirements: Sequence[Requirement]
    total: Line
    own: Line | None
    units: Sequence[Line]


def get_board(scope: Scope, *, requirements: Collection[int] | None = None) -> Board:
    """Return the shares of the scope on its day, of the mandatory requirements (of the given ones, if any).

    Six queries where the day's counts are kept, nine at most where the spans are read.
    """
    shown = list_counted_requirements(requirements)
    sums: Mapping[str | None, Sums]
    child_at: dict[str, int] = {}
    if scope.kind == ScopeKind.SUBTREE:
        length = len(scope.path) + Agency.steplen
        child_at = {path: unit for unit, path in scope.units.items() if len(path) == length}
        sums = get_sums_below(scope, requirements=shown.ids)
    else:
        sums = {None: get_totals([scope], requirements=shown.ids)[scope.as_of]}
    total = add_up_by(cell for cells in sums.values() for cell in cells.items())
    children = Agency.objects.select_related("service_area").in_bulk(child_at.values())
    own = None
    if scope.kind == ScopeKind.SUBTREE and scope.agency is not None and scope.units:
        own_scope = replace(scope, kind=ScopeKind.UNIT, units={scope.agency.pk: scope.path})
        own = Line(scope.agency, get_totals([own_scope], requirements=shown.ids)[scope.as_of], shown.levels)
    lines = [Line(children[unit], sums.get(path, {}), shown.levels) for path, unit in child_at.items()]
    return Board(
        scope=scope,
        requirements=[requirement for requirement in shown.requirements if requirement.pk in total],
        total=Line(None, total, shown.levels),
        own=own,
        units=sorted(lines, key=lambda line: str(line.thing).casefold()),
    )


def list_trend(
    user: Person,
    *,
    kind: ScopeKind,
    agency: Agency | None = None,
    as_of: date,
    today: date | None = None,
    months: int = 12,
    requirements: Collection[int] | None = None,
    kinds: Collection[str] = NAMING_KINDS,
) -> list[Line]:
    """Return a line for the first of each of so many months up to ``as_of``, and for ``as_of`` itself (``thing`` is
    the day), each by the tree of its day and by what the user may see of it.

    Six queries where the counts of the days are kept.
    """
    first = as_of.replace(day=1)
    days = sorted({*(add_months(first, -back) for back in range(months)), as_of})
    shown = list_counted_requirements(requirements)
    scopes = list_scopes_on(user, kind=kind, agency=agency, days=days, today=today or as_of, kinds=kinds)
    totals = get_totals(scopes, requirements=shown.ids)
    return [Line(day, totals[day], shown.levels) for day in days]


def list_shares_by(scope: Scope, dimension: Dimension, *, requirements: Collection[int] | None = None) -> list[Line]:
    """Return a line for each job role, level (``thing`` is its value) or service area (none: without one) that
    people of the scope have on its day; high-priority areas first.

    A person who holds two of them counts in both lines, and in each only once. Read from the spans and the jobs; today,
    for a node of very many people, as they were when the day was counted (``get_stored_at`` says when).
    """
    shown = list_counted_requirements(requirements)
    rows = _read_stored(scope, dimension) or count_shares_by(scope, dimension)
    lines: dict[Any, dict[int, Shares]] = defaultdict(dict)
    for (key, requirement), shares in add_up_by(
        ((key, requirement), shares) for key, requirement, shares in rows
    ).items():
        if requirement in shown.ids:
            lines[key][requirement] = shares
    things: Mapping[Any, Any] = {}
    if dimension == "job_role":
        things = JobRole.objects.in_bulk(lines)
    elif dimension == "service_area":
        things = ServiceArea.objects.in_bulk([key for key in lines if key is not None])
    ordered = [key for key in things if key in lines] if things else sorted(lines, key=str)
    ordered += [key for key in lines if key not in ordered]
    return [Line(things.get(key, key), lines[key], shown.levels) for key in ordered]


def get_stored_at(scope: Scope, dimension: Dimension) -> datetime | None:
    """Return when the shares that ``list_shares_by`` returns were counted; nothing when it counts them itself."""
    if not _list_stored(scope, dimension).exists():
        return None
    return CountedDay.objects.filter(day=scope.as_of).values_list("counted_at", flat=True).first()


def _list_stored(scope: Scope, dimension: Dimension) -> QuerySet[StoredShare]:
    if scope.kind != ScopeKind.SUBTREE or not scope.units:
        return StoredShare.objects.none()
    return StoredShare.objects.filter(as_of=scope.as_of, agency=scope.agency, dimension=dimension)


def _read_stored(scope: Scope, dimension: Dimension) -> list[Counted]:
    statuses = list(span_status(scope.as_of))
    rows = _list_stored(scope, dimension).values_list("key", "requirement_id", *statuses)
    return [
        (key if dimension == "level" else int(key) if key else None, requirement, Shares(*numbers))
        for key, requirement, *numbers in rows
    ]


def count_shares_by(scope: Scope, dimension: Dimension) -> list[Counted]:
    """Return key, requirement and shares of each line of ``list_shares_by`` from the spans, some in several parts."""
    day = scope.as_of
    spans = ObligationSpan.objects.on(day).order_by().filter(scope.spans())
    units = None if scope.persons is not None or scope.whole_site else list(scope.units)
    if dimension == "service_area":
        several = list_working_at_several(day, units).values_list("person")
        return _count_by(spans, "unit__service_area", day, several)
    key = "job_role" if dimension == "job_role" else "job_role__level"
    ways = ["person__employments__"]
    if Person.objects.exclude(merged_into=None).exists():
        # Jobs of merged identities count for the survivor.
        ways += ["person__merged_persons__employments__", "person__merged_persons__merged_persons__employments__"]
    several = list_holding_several(day, units).values_list("person")
    counted: list[Counted] = []
    for way in ways:
        held = spans.filter(holds_on(day, way), **{f"{way}agency": F("unit")})
        counted += _count_by(held, f"{way}{key}", day, several)
    return counted


def _count_by(spans: Any, key: str, day: date, several: Iterable[tuple[int]]) -> list[Counted]:
    """Count the spans by the key, and take off who stands there more than once: ``several`` are all who may.

    Counting each person once in the database would have it sort all rows for each status.
    """
    numbers = count_by_status(spans, day, key, "requirement")
    counted: list[Counted] = [(thing, rule, Shares(**shares)) for (thing, rule), shares in numbers]
    for persons in in_chunks(sorted(person for (person,) in several)):
        twice = (
            spans.filter(person__in=persons)
            .values("person", key, "requirement", "kind", "soon_on", "late_on")
            .annotate(times=Count("pk"))
            .filter(times__gt=1)
            .values_list(key, "requirement", "kind", "soon_on", "late_on", "times")
        )
        for thing, rule, kind, soon_on, late_on, times in twice:
            counted.append((thing, rule, Shares(**{status_within(kind, soon_on, late_on, day): 1 - times})))
    return counted
