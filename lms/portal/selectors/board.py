"""What the overview of a team shows: figures, the table of units, the breakdowns and the trend."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count
from django.db.models.functions import Coalesce
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from curricula.enums import CourseLevel
from lms.accounts.models import Person
from lms.agencies.enums import StaffLevel
from lms.agencies.models import Agency, Employment
from lms.compliance.enums import ScopeKind
from lms.compliance.models import ObligationSpan, Requirement
from lms.compliance.querysets import span_status
from lms.compliance.selectors import Board, Line, Scope, count_duties, list_trend
from lms.compliance.shares import Shares
from lms.portal.team_chart import Month
from lms.privacy.counts import suppress, suppress_one

from .names import STATUSES
from .scopes import name_scope

# Beyond so many people nobody is counted by name while a page waits, and no figure goes through every job.
LIVE_PEOPLE = 30_000
COUNTED_UP_TO = 1_000
DAYS_AHEAD = (30, 60, 90)
LOOKS = ((95, "h0"), (80, "h1"), (65, "h2"), (50, "h3"), (0, "h4"))
# What of the address a figure changes when it opens its names.
Query = Mapping[str, str | int]


def whole_percent(share: float | None) -> int | None:
    """Return the share in whole percent, rounded down: 100 means all."""
    return None if share is None else int(share * 100 + 1e-9)


@dataclass(frozen=True)
class Cell:
    """A share on the page: so many of so many. ``query``: what opens its names (nothing: no names).

    ``percent`` is nothing where nothing is required, and where it is ``hidden`` because few people stand behind it.
    """

    percent: int | None
    part: int = 0
    whole: int = 0
    query: Query | None = None
    hidden: bool = False

    @property
    def look(self) -> str:
        """The class of the cell: what needs work stands out."""
        return "" if self.percent is None else next(look for least, look in LOOKS if self.percent >= least)


@dataclass(frozen=True)
class Row:
    """A line of a table of shares: awareness, response and the gap between them, then each requirement."""

    label: str
    note: str
    awareness: Cell
    response: Cell
    others: Sequence[Cell] = ()
    query: Query | None = None
    total: bool = False

    @property
    def gap(self) -> int | None:
        """How many points response lies under awareness."""
        awareness, response = self.awareness.percent, self.response.percent
        return None if awareness is None or response is None else awareness - response


@dataclass(frozen=True)
class Ahead:
    """How many duties fall due, or run out, within so many days; ``more`` than could be counted at once."""

    days: int
    count: int
    query: Query

    @property
    def more(self) -> bool:
        return self.count >= COUNTED_UP_TO


def is_large(board: Board) -> bool:
    """Whether more people stand behind the board than are counted one by one; read off the most common duty."""
    return max((shares.required for shares in board.total.cells.values()), default=0) > LIVE_PEOPLE


def count_people(scope: Scope) -> int:
    """Return how many people the scope has: one query, or none."""
    if scope.persons is not None:
        return len(scope.persons)
    jobs = Employment.objects.on(scope.as_of)
    if not (scope.whole_site and scope.units):
        jobs = jobs.filter(agency__in=list(scope.units))
    survivor = Coalesce("person__merged_into__merged_into", "person__merged_into", "person")
    number: int = jobs.aggregate(people=Count(survivor, distinct=True))["people"]
    return number


def count_late_people(scope: Scope) -> int:
    """Return how many people of the scope have something overdue or expired; what is elective is never late."""
    statuses = span_status(scope.as_of)
    late = ObligationSpan.objects.on(scope.as_of).filter(
        scope.spans(),
        statuses["overdue"] | statuses["expired"],
        requirement__in=Requirement.objects.filter(mandatory=True).values("pk"),
    )
    number: int = late.aggregate(people=Count("person", distinct=True))["people"]
    return number


def list_ahead(scope: Scope, show: str, days: Sequence[int] = DAYS_AHEAD) -> list[Ahead]:
    """Return how many duties of the kind (``due`` or ``expiring``) come within each number of days: two queries each.

    The count stops at COUNTED_UP_TO, so that it costs the same for a county as for a team.
    """
    return [
        Ahead(
            number,
            count_duties(scope, statuses=STATUSES[show], within=number + (show == "due"), up_to=COUNTED_UP_TO),
            {"show": show, "within": number},
        )
        for number in days
    ]


def list_unit_rows(board: Board, *, named: bool) -> list[Row]:
    """Return the table of the board: the units below with all that is below them, the unit alone, and the total.

    Without names the requirements one by one are left out and small counts hidden, by the rule of ``lms.privacy``.
    """
    lines = [(line, {"scope": name_scope(ScopeKind.SUBTREE, line.thing)}) for line in board.units]
    if board.own is not None and board.own.cells and board.units:
        lines.append((board.own, {"scope": name_scope(ScopeKind.UNIT, board.own.thing)}))
    rows = _rows(lines, board, named=named, label=_say_unit)
    total = _row(board.total, {}, board.requirements if named else (), label=lambda _thing: (_("All"), ""), total=True)
    return [*rows, total if named else _hide_total(total, board, [line for line, _query in lines])]


def list_rows_by(lines: Sequence[Line], dimension: str, board: Board, *, named: bool) -> list[Row]:
    """Return the table of shares by job role, level or service area."""
    says: Mapping[str, tuple[Callable[[Any], tuple[str, str]], str]] = {
        "job_role": (_say_role, "job_role"),
        "level": (_say_level, "staff_level"),
        "service_area": (_say_area, "area"),
    }
    say, field = says[dimension]

    def key(thing: Any) -> str | int:
        return thing if isinstance(thing, str) else "none" if thing is None else thing.pk

    return _rows([(line, {field: key(line.thing)}) for line in lines], board, named=named, label=say, others=False)


def _rows(
    lines: Sequence[tuple[Line, Query]],
    board: Board,
    *,
    named: bool,
    label: Callable[[Any], tuple[str, str]],
    others: bool = True,
) -> list[Row]:
    if named:
        shown = board.requirements if others else ()
        return [_row(line, query, shown, label=label) for line, query in lines]
    awareness, response = (_hide([line for line, _query in lines], level) for level in _LEVELS)
    return [
        Row(*label(line.thing), awareness=first, response=second)
        for (line, _query), first, second in zip(lines, awareness, response, strict=True)
    ]


_LEVELS: Mapping[str, Callable[[Line], Shares]] = {
    CourseLevel.AWARENESS.value: lambda line: line.awareness,
    CourseLevel.RESPONSE.value: lambda line: line.response,
}


def _row(
    line: Line,
    query: Query,
    requirements: Sequence[Requirement],
    *,
    label: Callable[[Any], tuple[str, str]],
    total: bool = False,
) -> Row:
    return Row(
        *label(line.thing),
        awareness=_cell(line.awareness, {**query, "level": CourseLevel.AWARENESS.value}),
        response=_cell(line.response, {**query, "level": CourseLevel.RESPONSE.value}),
        others=[
            _cell(line.cells.get(requirement.pk, Shares()), {**query, "requirement": requirement.pk})
            for requirement in requirements
        ],
        query=query,
        total=total,
    )


def _cell(shares: Shares, query: Query) -> Cell:
    return Cell(whole_percent(shares.trained_share), shares.trained, shares.counted, {**query, "show": "counted"})


def count_behind(line: Line, level: str) -> tuple[int, int]:
    """Return how many people at least stand behind what is done at the level, and behind what is not.

    A share adds up duties: twelve may be those of two people. What counts is the requirement that most people have.
    """
    cells = [shares for requirement, shares in line.cells.items() if line.levels.get(requirement) == level]
    return (
        max((shares.trained for shares in cells), default=0),
        max((shares.counted - shares.trained for shares in cells), default=0),
    )


def _shown(shares: Shares, *, hidden: bool) -> Cell:
    """A cell without names; what is not required is not hidden."""
    if hidden and shares.counted:
        return Cell(None, hidden=True)
    return Cell(whole_percent(shares.trained_share), shares.trained, shares.counted)


def _hide(lines: Sequence[Line], level: str) -> list[Cell]:
    """The cells of a column as they may leave the house: hidden where few people did it, or few did not."""
    table = suppress([count_behind(line, level) for line in lines])
    return [
        _shown(_LEVELS[level](line), hidden=None in counts) for line, counts in zip(lines, table.cells, strict=True)
    ]


def _hide_total(total: Row, board: Board, lines: Sequence[Line]) -> Row:
    """The total without names, hidden where few people stand behind it or where it would lay open what a line hides."""
    cells = []
    for level in _LEVELS:
        laid_open = bool(lines) and None in suppress([count_behind(line, level) for line in lines]).column_totals
        few = None in {suppress_one(count) for count in count_behind(board.total, level)}
        cells.append(_shown(_LEVELS[level](board.total), hidden=laid_open or few))
    return Row(total.label, total.note, awareness=cells[0], response=cells[1], total=True)


def _say_unit(unit: Any) -> tuple[str, str]:
    return unit.name, _say_area(unit.service_area)[0] if unit.service_area_id else ""


def _say_role(role: Any) -> tuple[str, str]:
    return role.title, ""


def _say_level(level: Any) -> tuple[str, str]:
    return str(StaffLevel(level).label), ""


def _say_area(area: Any) -> tuple[str, str]:
    if area is None:
        return _("Without a service area"), ""
    return (_("%(area)s, high priority") % {"area": area} if area.high_priority else str(area)), ""


def list_months(
    user: Person,
    *,
    kind: ScopeKind,
    agency: Agency | None,
    as_of: date,
    today: date,
    kinds: Sequence[str],
    named: bool,
) -> list[Month]:
    """Return the trend of the twelve months up to the day; without names small counts are hidden."""
    lines = list_trend(user, kind=kind, agency=agency, as_of=as_of, today=today, kinds=kinds)

    def percent(line: Line, level: str) -> int | None:
        few = None in {suppress_one(count) for count in count_behind(line, level)}
        return None if few and not named else whole_percent(_LEVELS[level](line).trained_share)

    return [
        Month(
            date_format(line.thing, "M j, Y" if line.thing.day > 1 else "M Y"),
            date_format(line.thing, "M") if line.thing.day == 1 else date_format(line.thing, "j"),
            percent(line, CourseLevel.AWARENESS),
            percent(line, CourseLevel.RESPONSE),
        )
        for line in lines
    ]


def say_trend(months: Sequence[Month]) -> str:
    """Return what the trend shows, in words."""
    with_gap = [month for month in months if month.gap is not None]
    if len(with_gap) < 2:
        return _("The last twelve months")
    before, now = with_gap[0].gap or 0, with_gap[-1].gap or 0
    words = {"before": before, "now": now, "month": with_gap[0].label}
    if now < before:
        return _("The gap is closing: %(before)s points in %(month)s, %(now)s now") % words
    if now > before:
        return _("The gap is widening: %(before)s points in %(month)s, %(now)s now") % words
    return _("The gap stays at %(now)s points") % words
