"""How many people have which status where, for the days that boards show."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from lms.compliance.calendar import add_months
from lms.compliance.evaluation import DayStatus, Kind, Span, status_on
from lms.compliance.models import ComplianceCount, CountedDay, ObligationSpan, SettledTotal, StoredShare
from lms.compliance.selectors import (
    DIMENSIONS,
    Key,
    Row,
    Tally,
    Tree,
    count_shares_by,
    get_counts,
    list_large_scopes,
    sum_counts,
)
from lms.compliance.shares import add_up_by

BOARD_MONTHS = 36  # so far back the first of each month is counted
LIVE_PEOPLE = 30_000  # up to so many jobs at a node, pages count by role, level and area themselves


def list_board_days(today: date) -> list[date]:
    """Return the days whose counts are kept: the first of the month, of the 36 months before it, and today."""
    first = today.replace(day=1)
    days = [add_months(first, -months) for months in range(BOARD_MONTHS, -1, -1)]
    return days if today == first else [*days, today]


def adjust_counts(*, before: Mapping[Key, Row], after: Mapping[Key, Row], days: Sequence[date]) -> None:
    """Add to the counts what a recompute changed: a row for each cell, so that no two events wait for one row.

    An event of somebody who stands at several units and that looks at the tree in the moment in which it is changed may
    take them off at the wrong unit above; the night counts every day anew to which events added.
    """
    changed = {key[:2] for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    was, now = _lay_out(before, changed), _lay_out(after, changed)
    tree = Tree({key.unit_id for key in (*before, *after)})
    tally: Tally = defaultdict(Counter)
    for pair in changed:
        for day in days:
            units_before, units_after = _stand(was[pair], day), _stand(now[pair], day)
            if units_before != units_after:
                _count_once(tally, tree, day, pair[1], units_before, -1)
                _count_once(tally, tree, day, pair[1], units_after, 1)
    ComplianceCount.objects.bulk_create(_rows(tally, settled=False), batch_size=1000)


def _lay_out(
    rows: Mapping[Key, Row], pairs: Collection[tuple[int, int]]
) -> dict[tuple[int, int], list[tuple[int, Span]]]:
    spans: dict[tuple[int, int], list[tuple[int, Span]]] = {pair: [] for pair in pairs}
    for key, row in rows.items():
        if (laid := spans.get(key[:2])) is not None:
            laid.append((key.unit_id, Span(key.from_on, row.to_on, Kind(row.kind), row.soon_on, row.late_on)))
    return spans


def _stand(laid: Iterable[tuple[int, Span]], day: date) -> dict[int, DayStatus]:
    """The status on the day at each unit."""
    return {unit: status_on([span], day) for unit, span in laid if span.from_on <= day < span.to_on}


def _count_once(
    tally: Tally, tree: Tree, day: date, requirement: int, units: Mapping[int, DayStatus], times: int
) -> None:
    """Count a person so many times at each of their units, and take off above them what is counted twice."""
    for unit, status in units.items():
        tally[day, unit, requirement][status] += times
    if len(units) > 1:
        status = next(iter(units.values()))
        for unit_above in tree.list_corrections(day, units):
            tally[day, unit_above, requirement][status] -= times


def _rows(tally: Tally, *, settled: bool) -> list[ComplianceCount]:
    return [
        ComplianceCount(
            as_of=day,
            unit_id=unit,
            requirement_id=requirement,
            settled=settled,
            **{status: number for status, number in counts.items() if number},
        )
        for (day, unit, requirement), counts in tally.items()
        if any(counts.values())
    ]


def count_day(*, day: date, now: datetime) -> None:
    """Count the day anew from the spans, in place of what stood.

    What an event adds meanwhile is neither deleted nor counted, and stands beside the new rows, where it belongs.
    """
    with one_moment(claim=True):
        ComplianceCount.objects.filter(as_of=day).delete()
        tally = get_counts(day)
        ComplianceCount.objects.bulk_create(_rows(tally, settled=True), batch_size=1000)
        _add_up(day)
        CountedDay.objects.update_or_create(day=day, defaults={"counted_at": now})


def _add_up(day: date) -> None:
    """Keep the sums of the settled counts of the day at nodes with very many people."""
    SettledTotal.objects.filter(as_of=day).delete()
    for scope in list_large_scopes(day, people=LIVE_PEOPLE):
        SettledTotal.objects.bulk_create(
            SettledTotal(as_of=day, agency=scope.agency, requirement_id=requirement, **asdict(shares))
            for _day, requirement, shares in sum_counts(scope.path, [day], settled=True)
        )


def add_up_missing(*, today: date) -> None:
    """Add up the counted days that are not, as after a change of the tree, where somewhere people are so many."""
    if not list_large_scopes(today, people=LIVE_PEOPLE):
        return
    added_up = SettledTotal.objects.values("as_of")
    for day in CountedDay.objects.exclude(day__in=added_up).values_list("day", flat=True):
        with one_moment(claim=True):
            _add_up(day)


@transaction.atomic
def forget_totals() -> None:
    """Have the sums at large nodes added up anew by the night; until then pages do it."""
    _wait_for_count()
    SettledTotal.objects.all().delete()


def store_shares(*, day: date) -> None:
    """Count ahead what the pages show by job role, level and service area of nodes with very many people, in place of
    what stood."""
    with one_moment(claim=True):
        StoredShare.objects.all().delete()
        for scope in list_large_scopes(day, people=LIVE_PEOPLE):
            for dimension in DIMENSIONS:
                rows = count_shares_by(scope, dimension)
                sums = add_up_by(((key, requirement), shares) for key, requirement, shares in rows)
                StoredShare.objects.bulk_create(
                    [
                        StoredShare(
                            as_of=day,
                            agency=scope.agency,
                            dimension=dimension,
                            key="" if key is None else key,
                            requirement_id=requirement,
                            **asdict(shares),
                        )
                        for (key, requirement), shares in sums.items()
                    ],
                    batch_size=1000,
                )


@contextmanager
def one_moment(*, claim: bool = False) -> Iterator[None]:
    """A transaction whose queries all see the same moment; ``claim``: after everybody who held the counted days.

    Inside another transaction it is that one, and sees what that one sees.
    """
    own = connection.vendor == "postgresql" and not connection.in_atomic_block
    with transaction.atomic():
        if own:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        if claim:
            # Locking a table, unlike a query, does not choose the moment: that comes after the wait.
            _lock_counted_days("EXCLUSIVE")
        yield


def hold_counted_days() -> list[date]:
    """Return the days that are counted, and let no other one be counted until the end of the transaction.

    An event need not: it adjusts every day that may be counted.
    """
    _lock_counted_days("SHARE")
    return list(CountedDay.objects.values_list("day", flat=True))


def _wait_for_count() -> None:
    """Let a day that is being counted be done first, so that it is forgotten with the others, and none begin.

    In a statement of its own: Django's delete() reads which rows there are before it comes to wait.
    """
    _lock_counted_days("ROW EXCLUSIVE")


def _lock_counted_days(mode: str) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {connection.ops.quote_name(CountedDay._meta.db_table)} IN {mode} MODE")


@transaction.atomic
def forget_counts() -> None:
    """Have every day counted anew by the next tick; until then boards read the spans."""
    _wait_for_count()
    CountedDay.objects.all().delete()


def forget_counts_across(agency_ids: Collection[int]) -> None:
    """Forget the counts when somebody at one of these units has a duty at another unit too: who is counted at both is
    taken off once at the unit above them, and that may have become another one."""
    here = ObligationSpan.objects.filter(unit__in=agency_ids).order_by()
    if ObligationSpan.objects.filter(person__in=here.values("person")).exclude(unit__in=agency_ids).exists():
        forget_counts()


def refresh_counts(*, now: datetime) -> int:
    """Once a day: count today, what is not counted yet and what events added to; return how many days were counted.

    Marks the spans that are over, and drops the counts of a day that is neither today nor the first of a month. Called
    at every tick; the rest of the day it finds today counted and does nothing.
    """
    today = timezone.localdate(now)
    if CountedDay.objects.filter(day=today).exists():
        return 0
    days = list_board_days(today)
    dropped = CountedDay.objects.exclude(day__in=days)
    ComplianceCount.objects.exclude(as_of__in=days).delete()
    SettledTotal.objects.exclude(as_of__in=days).delete()
    dropped.delete()
    ObligationSpan.objects.filter(closed=False, to_on__lt=today - timedelta(days=2)).update(closed=True)
    first = ObligationSpan.objects.order_by("from_on").values_list("from_on", flat=True).first() or today
    settled = set(CountedDay.objects.values_list("day", flat=True))
    settled -= set(ComplianceCount.objects.filter(settled=False).values_list("as_of", flat=True))
    wanted = [day for day in days if day not in settled and (day >= first or day == today)]
    store_shares(day=today)
    for day in sorted(wanted, key=lambda day: day == today):
        # Today comes last: a count that was interrupted is taken up by the next tick.
        count_day(day=day, now=now)
    add_up_missing(today=today)
    return len(wanted)
