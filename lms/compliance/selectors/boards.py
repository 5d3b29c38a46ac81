"""Shares: by unit and requirement, by job role, level and service area, and month by month."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal

from django.db.models import Count, F

from curricula.enums import CourseLevel
from lms.accounts.models import Person
from lms.agencies.enums import NAMING_KINDS
from lms.agencies.models import Agency, JobRole, ServiceArea
from lms.agencies.querysets import holds_on
from lms.compliance.calendar import add_months
from lms.compliance.enums import ScopeKind
from lms.compliance.models import ObligationSpan, Requirement, RequirementCourse
from lms.compliance.querysets import span_status
from lms.compliance.shares import Shares, add_up, add_up_by

from .counts import Sums, get_sums_below, get_totals, list_working_at_several
from .scopes import Scope, list_scopes_on

Dimension = Literal["job_role", "level", "service_area"]


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

    Six queries where the day's counts are kept, eight where the spans are read.
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

    A person who holds two of them counts in both lines, and in each only once. Read from the spans and the jobs.
    """
    shown = list_counted_requirements(requirements)
    spans = ObligationSpan.objects.on(scope.as_of).order_by().filter(scope.spans(), requirement__in=shown.ids)
    rows = _count_by_area(spans, scope) if dimension == "service_area" else _count_by_job(spans, scope, dimension)
    lines: dict[Any, dict[int, Shares]] = {}
    for key, requirement, shares in rows:
        cells = lines.setdefault(key, {})
        cells[requirement] = cells.get(requirement, Shares()) + shares
    things: Mapping[Any, Any] = {}
    if dimension == "job_role":
        things = JobRole.objects.in_bulk(lines)
    elif dimension == "service_area":
        things = ServiceArea.objects.in_bulk([key for key in lines if key is not None])
    ordered = [key for key in things if key in lines] if things else sorted(lines, key=str)
    ordered += [key for key in lines if key not in ordered]
    return [Line(things.get(key, key), lines[key], shown.levels) for key in ordered]


def _count_by_job(spans: Any, scope: Scope, dimension: Dimension) -> list[tuple[Any, int, Shares]]:
    """Count persons by what their job at the span's unit is; jobs of merged identities count for the survivor."""
    key = "job_role" if dimension == "job_role" else "job_role__level"
    rows: list[tuple[Any, int, Shares]] = []
    ways = ["person__employments__"]
    if Person.objects.exclude(merged_into=None).exists():
        ways += ["person__merged_persons__employments__", "person__merged_persons__merged_persons__employments__"]
    statuses = span_status(scope.as_of)
    for way in ways:
        counted = (
            spans.filter(holds_on(scope.as_of, way), **{f"{way}agency": F("unit")})
            .values(f"{way}{key}", "requirement")
            .annotate(
                **{status: Count("person", filter=condition, distinct=True) for status, condition in statuses.items()}
            )
            .values_list(f"{way}{key}", "requirement", *statuses)
        )
        rows += [(thing, requirement, Shares(*numbers)) for thing, requirement, *numbers in counted]
    return rows


def _count_by_area(spans: Any, scope: Scope) -> list[tuple[Any, int, Shares]]:
    """Count spans by the area of their unit, and take off who is counted at several units of one area."""
    statuses = span_status(scope.as_of)
    counted = (
        spans.values("unit__service_area", "requirement")
        .annotate(**{status: Count("pk", filter=condition) for status, condition in statuses.items()})
        .values_list("unit__service_area", "requirement", *statuses)
    )
    rows = [(area, requirement, Shares(*numbers)) for area, requirement, *numbers in counted]
    units = None if scope.persons is not None or scope.whole_site else list(scope.units)
    twice = (
        spans.with_status(scope.as_of)
        .filter(person__in=list_working_at_several(scope.as_of, units))
        .values("person", "unit__service_area", "requirement", "status")
        .annotate(units=Count("pk"))
        .filter(units__gt=1)
        .values_list("unit__service_area", "requirement", "status", "units")
    )
    rows += [(area, requirement, Shares(**{status: 1 - n})) for area, requirement, status, n in twice]
    return rows
