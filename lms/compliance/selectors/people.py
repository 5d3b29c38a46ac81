"""The names behind a figure: who is late, due or expiring, page by page."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from operator import or_
from typing import Any, Literal, NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from lms.accounts.models import Person
from lms.agencies.models import Agency, Employment
from lms.compliance.evaluation import DayStatus, Kind, Span, status_on
from lms.compliance.models import ObligationSpan, Requirement
from lms.compliance.querysets import span_status

from .scopes import Scope

PAGE = 50
LATE: frozenset[DayStatus] = frozenset({"overdue", "expired"})
OWED: frozenset[DayStatus] = frozenset({"open", "due_soon"})
HELD: frozenset[DayStatus] = frozenset({"complete", "renew_soon"})

Order = Literal["date", "name"]
# Where a page ended: the day and row, or the name and person, of its last line.
Cursor = tuple[date | str, int]


class BadCursor(ValueError):
    """A cursor that no page ended at."""


@dataclass(frozen=True)
class Duty:
    """A person and a requirement, on the day of the scope. ``late_on``: the first day it is, or was, late (overdue or
    expired; nothing: never)."""

    span_id: int
    person: Person
    requirement: Requirement
    unit: Agency
    status: DayStatus
    soon_on: date | None
    late_on: date | None

    @property
    def due_on(self) -> date | None:
        """The last good day."""
        return self.late_on - timedelta(days=1) if self.late_on else None


@dataclass(frozen=True)
class Page:
    """One page of duties, and where the next one begins (nothing: this is the last)."""

    lines: Sequence[Duty]
    next: Cursor | None


def list_duties(
    scope: Scope,
    *,
    statuses: Collection[DayStatus],
    order: Order = "date",
    after: Cursor | None = None,
    size: int = PAGE,
    **narrowed: Any,
) -> Page:
    """Return a page of who has one of the statuses on the scope's day, one line for each person and requirement.

    ``order`` by ``date``: the first to be late first, ``size`` lines a page; by ``name``: ``size`` people a page with
    all their lines. ``narrowed``: as of ``count_duties``. Three queries, whatever the page: it begins at a place of an
    index, and nothing is counted. Raises BadCursor.
    """
    found = _choose(scope, statuses, **narrowed)
    if order == "name":
        return _page_by_name(found, scope.as_of, after, size)
    return _page_by_date(found, scope.as_of, after, size)


class DutyRow(NamedTuple):
    """A ``Duty`` as plain values; ``job_role_id``: of the person's job at the unit (none: it is under the row of a
    merged identity)."""

    span_id: int
    person_id: int
    first_name: str
    last_name: str
    unit_id: int
    requirement_id: int
    kind: str
    soon_on: date
    late_on: date
    job_role_id: int | None


_DUTY_COLUMNS = (
    *("pk", "person_id", "person__first_name", "person__last_name"),
    *("unit_id", "requirement_id", "kind", "soon_on", "late_on", "held_role"),
)


def read_duties(
    scope: Scope, *, statuses: Collection[DayStatus], size: int, **narrowed: Any
) -> Iterator[Sequence[DutyRow]]:
    """Yield all lines of ``list_duties`` by date, so many at a time: a query each, which begins at a place of an index,
    and no instance of a model, for files of any length."""
    jobs = Employment.objects.on(scope.as_of).filter(person=OuterRef("person"), agency=OuterRef("unit"))
    role = Subquery(jobs.order_by("valid_from", "pk").values("job_role")[:1])
    lines = _choose(scope, statuses, **narrowed).lines.annotate(held_role=role).order_by("late_on", "pk")
    page = lines
    while rows := [DutyRow._make(row) for row in page.values_list(*_DUTY_COLUMNS)[:size]]:
        yield rows
        if len(rows) < size:
            return
        late_on, last = rows[-1].late_on, rows[-1].span_id
        page = lines.filter(_after(late_on, last), late_on__gte=late_on)


def list_duty_spans(scope: Scope, *, statuses: Collection[DayStatus], **narrowed: Any) -> QuerySet[ObligationSpan]:
    """Return the spans of all lines of ``list_duties``, in no order."""
    lines: QuerySet[ObligationSpan] = _choose(scope, statuses, **narrowed).lines
    return lines


def _after(late_on: date, last: int) -> Q:
    return Q(late_on__gt=late_on) | Q(late_on=late_on, pk__gt=last)


def count_duties(scope: Scope, *, statuses: Collection[DayStatus], up_to: int, **narrowed: Any) -> int:
    """Return how many lines ``list_duties`` has in all, ``up_to`` at the most: two queries.

    ``within``: late so many days after that day, or sooner (LATE needs none). ``search``: words that the name must
    contain. ``requirements``, ``level`` (of an accepted course), ``units``, ``job_role`` and ``staff_level`` (of a job
    at the duty's unit) narrow it; ``mandatory`` false takes electives too.
    """
    found = _choose(scope, statuses, **narrowed)
    return found.lines.order_by()[:up_to].count()


@dataclass(frozen=True)
class _Found:
    """Spans that are asked for, their requirements, and the people whose names match (none: everybody's do)."""

    spans: Any
    lines: Any  # one of the spans for each person and requirement
    rules: dict[int, Requirement]
    names: Any


def _choose(
    scope: Scope,
    statuses: Collection[DayStatus],
    *,
    within: int | None = None,
    requirements: Collection[int] | None = None,
    level: str = "",
    units: Collection[int] | None = None,
    job_role: int | None = None,
    staff_level: str = "",
    search: str = "",
    mandatory: bool = True,
) -> _Found:
    day = scope.as_of
    asked = Requirement.objects.filter(mandatory=True) if mandatory else Requirement.objects.all()
    if requirements is not None:
        asked = asked.filter(pk__in=requirements)
    if level:
        asked = asked.filter(accepted_courses__course__level=level).distinct()
    rules = asked.in_bulk()
    spans = ObligationSpan.objects.on(day).filter(_having(statuses, day), requirement__in=list(rules))
    if within is not None:
        spans = spans.filter(late_on__lte=day + timedelta(days=within))
    if day >= scope.today - timedelta(days=2):
        # What is marked as over ended before these days; the index of what is late leaves it out.
        spans = spans.filter(closed=False)
    where = scope.spans() if units is None else scope.spans() & Q(unit__in=units)
    if job_role is not None or staff_level:
        spans = spans.filter(_holding_a_job(day, job_role, staff_level))
    spans = spans.filter(where)
    # A person of several units has a line for the one with the lowest number only.
    same = ObligationSpan.objects.on(day).filter(
        where, person=OuterRef("person"), requirement=OuterRef("requirement"), unit__lt=OuterRef("unit")
    )
    names = _matching(search) if search.strip() else None
    lines = spans.filter(~Exists(same))
    return _Found(spans, lines if names is None else lines.filter(person__in=names), rules, names)


def _holding_a_job(day: date, job_role: int | None, staff_level: str) -> Q:
    """Condition on spans: the person held a job of that role or level at the unit on the day, under whichever row."""
    jobs = Employment.objects.on(day).filter(agency=OuterRef("unit"))
    if job_role is not None:
        jobs = jobs.filter(job_role=job_role)
    if staff_level:
        jobs = jobs.filter(job_role__level=staff_level)
    ways = ("person", "person__merged_into", "person__merged_into__merged_into")
    return reduce(or_, (Q(Exists(jobs.filter(**{way: OuterRef("person")}))) for way in ways))


def _having(statuses: Collection[DayStatus], day: date) -> Q:
    """Condition of one of the statuses; who is late, or not yet, in words that the index of what is late knows."""
    conditions = span_status(day)
    if not statuses:
        return Q(pk__in=())
    condition = reduce(or_, (conditions[status] for status in statuses))
    if not set(statuses) - LATE:
        condition &= Q(late_on__lte=day)
    elif not set(statuses) & {*LATE, "waived"}:
        condition &= Q(late_on__gt=day)
    return condition


def _matching(search: str) -> Any:
    people = Person.objects.unmerged()
    for word in search.casefold().split():
        people = people.filter(sort_name__contains=word)
    return people


def _page_by_date(found: _Found, day: date, after: Cursor | None, size: int) -> Page:
    spans = found.lines
    if after is not None:
        late_on, last = after
        if not isinstance(late_on, date):
            raise BadCursor(after)
        spans = spans.filter(_after(late_on, last), late_on__gte=late_on)
    rows = list(spans.select_related("person", "unit").order_by("late_on", "pk")[: size + 1])
    lines = [_duty(row, row.person, found.rules, day) for row in rows[:size]]
    return Page(lines, (rows[size - 1].late_on, rows[size - 1].pk) if len(rows) > size else None)


def _page_by_name(found: _Found, day: date, after: Cursor | None, size: int) -> Page:
    names = Person.objects.unmerged() if found.names is None else found.names
    people = names.filter(Exists(found.spans.filter(person=OuterRef("pk")))).order_by("sort_name", "pk")
    if after is not None:
        name, last = after
        if not isinstance(name, str):
            raise BadCursor(after)
        people = people.filter(Q(sort_name__gt=name) | Q(sort_name=name, pk__gt=last), sort_name__gte=name)
    listed = list(people[: size + 1])
    shown = {person.pk: person for person in listed[:size]}
    rows: dict[int, list[Duty]] = {pk: [] for pk in shown}
    for row in found.lines.filter(person__in=list(shown)).select_related("unit").order_by("late_on", "pk"):
        rows[row.person_id].append(_duty(row, shown[row.person_id], found.rules, day))
    last_shown = listed[size - 1] if len(listed) > size else None
    return Page(
        [line for lines in rows.values() for line in lines],
        (last_shown.sort_name, last_shown.pk) if last_shown else None,
    )


def _duty(row: Any, person: Person, rules: dict[int, Requirement], day: date) -> Duty:
    span = Span(row.from_on, row.to_on, Kind(row.kind), row.soon_on, row.late_on)
    return Duty(
        span_id=row.pk,
        person=person,
        requirement=rules[row.requirement_id],
        unit=row.unit,
        status=status_on([span], day),
        soon_on=row.soon_on if row.soon_on != date.max else None,
        late_on=row.late_on if row.late_on != date.max else None,
    )


def list_late(scope: Scope, **options: Any) -> Page:
    """Return a page of who is overdue or expired on the scope's day; options as of ``list_duties``."""
    return list_duties(scope, statuses=LATE, **options)


def list_due(scope: Scope, *, within: int, **options: Any) -> Page:
    """Return a page of who owes something whose last good day is at most so many days after the scope's day."""
    return list_duties(scope, statuses=OWED, within=within + 1, **options)


def list_expiring(scope: Scope, *, within: int, **options: Any) -> Page:
    """Return a page of whose credit ends (first day not covered) at most so many days after the scope's day."""
    return list_duties(scope, statuses=HELD, within=within, **options)
