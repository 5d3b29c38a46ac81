"""Reading a file and writing down, row by row, what it would change."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import NamedTuple, TypeVar

from django.db import transaction

from lms.hr_import.columns import places_of
from lms.hr_import.enums import ChangeKind, RunKind, RunState
from lms.hr_import.lines import BadLine, Remark, StaffLine, read_completion_line, read_named, read_staff_line
from lms.hr_import.models import ImportFile, ImportRun, PlanRow
from lms.hr_import.planning import Change, FileKeys, Places, StaffPlanner
from lms.hr_import.prior import PlannedRow, PriorPlanner
from lms.hr_import.selectors import (
    count_jobs,
    get_courses,
    get_numbers,
    get_places,
    get_record_snapshot,
    get_snapshot,
    get_snapshot_of,
    list_holders,
)
from lms.sheets.reading import Row, SheetError, read_sheet

from .bulk import encode, insert_rows

ROWS_AT_A_TIME = 1_000


class Planned(NamedTuple):
    """A row of the plan as it is written; the last three are JSON."""

    position: int
    number: int | None
    kind: str
    label: str
    person: int | None
    differences: str
    act: str | None
    notes: str


COLUMNS_OF_PLAN = ("run", *Planned._fields)

Report = Callable[[int, str], None]
T = TypeVar("T")


def no_report(_done: int, _message: str) -> None:
    """For who does not watch."""


def in_pieces(things: Iterable[T], size: int = ROWS_AT_A_TIME) -> Iterator[list[T]]:
    """The things, so many at a time."""
    iterator = iter(things)
    while piece := list(islice(iterator, size)):
        yield piece


def write_plan(*, run: ImportRun, report: Report = no_report) -> ImportRun:
    """Read the run's file and write its plan; afterwards the file is deleted.  Returns the run afresh.

    A run that is not being read is left as it is.  What a killed worker left of a plan is thrown away first.  A file
    that can't be read to its end leaves the run failed, with the reason in words.
    """
    if run.state != RunState.READING:
        return run
    PlanRow.objects.filter(run=run)._raw_delete(PlanRow.objects.db)
    content = bytes(ImportFile.objects.values_list("content", flat=True).get(run=run))
    counts: Counter[str] = Counter()
    ending = 0
    try:
        planned = _plan_staff if run.kind == RunKind.STAFF else _plan_completions
        for piece in in_pieces(planned(run, content)):
            with transaction.atomic():
                insert_rows(PlanRow, COLUMNS_OF_PLAN, [(run.pk, *row) for row, _ending in piece])
            counts.update(row.kind for row, _ending in piece)
            ending += sum(ends for _row, ends in piece)
            report(sum(counts.values()), "")
    except SheetError as error:
        PlanRow.objects.filter(run=run)._raw_delete(PlanRow.objects.db)
        return _close(run, RunState.FAILED, error=str(error)[:500])
    places = get_places(run.agency, as_of=run.as_of)
    return _close(
        run,
        RunState.PLANNED,
        counts={kind: counts[kind] for kind in ChangeKind.values if counts[kind]},
        ending=ending,
        jobs_before=count_jobs(places, as_of=run.as_of),
    )


@transaction.atomic
def _close(run: ImportRun, state: RunState, **fields: object) -> ImportRun:
    # Somebody may have set the run aside meanwhile.
    if ImportRun.objects.filter(pk=run.pk, state=RunState.READING).update(state=state, **fields):
        ImportFile.objects.filter(run=run).delete()
    else:
        PlanRow.objects.filter(run=run)._raw_delete(PlanRow.objects.db)
    run.refresh_from_db()
    return run


# --- staff


def _plan_staff(run: ImportRun, content: bytes) -> Iterator[tuple[Planned, int]]:
    """Two passes over the file, each row by row: who is in it, then what each row would change.

    Rows that seem to be about one person are planned together, at the end.
    """
    places = get_places(run.agency, as_of=run.as_of)
    keys = FileKeys(places.units)
    last = 0
    rows, columns = _read_rows(run, content)
    for row in rows:
        last = row.number
        keys.add(read_named(row, columns))
    numbers = get_numbers(places)
    planner = StaffPlanner(places, keys, as_of=run.as_of, full=run.full)

    def plan(groups: list[list[StaffLine]], bad: list[BadLine]) -> Iterator[Change]:
        lines = chain_lines(groups, bad)
        known = get_snapshot(lines, numbers=numbers, keys=keys, places=places)
        for line in bad:
            yield planner.refuse(line, known)
        for group in groups:
            yield from planner.plan(group, known)

    together: dict[str, list[StaffLine]] = defaultdict(list)

    def changes() -> Iterator[Change]:
        for piece in in_pieces(_read_staff(run, content)):
            single: list[list[StaffLine]] = []
            for line in piece:
                if isinstance(line, BadLine):
                    continue
                if (key := keys.key(line)) in keys.repeated:
                    together[key].append(line)
                else:
                    single.append([line])
            yield from plan(single, [line for line in piece if isinstance(line, BadLine)])
        for groups in in_pieces(together.values()):
            yield from plan(groups, [])
        for groups in in_pieces(planner.settle()):
            yield from plan(groups, [])
        if run.full:
            yield from _plan_missing(planner, places, run)

    for change in changes():
        if change.row is None:
            last += 1
        yield _write_change(change, last if change.row is None else change.row), change.ending


def chain_lines(groups: list[list[StaffLine]], bad: list[BadLine]) -> list[StaffLine | BadLine]:
    return [*bad, *(line for group in groups for line in group)]


def _read_staff(run: ImportRun, content: bytes) -> Iterator[StaffLine | BadLine]:
    rows, places = _read_rows(run, content)
    return (read_staff_line(row, places, order=run.date_order) for row in rows)


def _read_rows(run: ImportRun, content: bytes) -> tuple[Iterator[Row], dict[str, int]]:
    sheet = read_sheet(content, name=run.file_name)
    return sheet.rows, places_of(sheet.header, run.mapping)


def _plan_missing(planner: StaffPlanner, places: Places, run: ImportRun) -> Iterator[Change]:
    for piece in in_pieces(list_holders(places, as_of=run.as_of)):
        people = set(piece) - planner.mentioned
        known = get_snapshot_of(people, places=places)
        for person in sorted(people):
            yield from planner.plan_missing(person, known)
        # Who holds two jobs comes up twice.
        planner.mentioned |= people


def _write_change(change: Change, position: int) -> Planned:
    act = {
        name: value
        for name, value in (
            ("newcomer", change.newcomer),
            ("name", change.name),
            ("ends", change.ends),
            ("opens", change.opens),
            ("corrects", change.corrects),
        )
        if value
    }
    return Planned(
        position=position,
        number=change.row,
        kind=str(change.kind),
        label=change.label[:260],
        person=change.person,
        differences=encode(change.differences),
        act=encode(act) if act else None,
        notes=_write_remarks(change.remarks),
    )


def _write_remarks(remarks: Iterable[Remark]) -> str:
    return encode([(remark.note, remark.column, remark.values) for remark in remarks])


# --- prior completions


def _plan_completions(run: ImportRun, content: bytes) -> Iterator[tuple[Planned, int]]:
    scope = get_places(run.agency, as_of=run.as_of)
    numbers = get_numbers(scope)
    planner = PriorPlanner(get_courses(run.agency), when_known=run.when_known, as_of=run.as_of)
    rows, places = _read_rows(run, content)
    for piece in in_pieces(read_completion_line(row, places, order=run.date_order) for row in rows):
        good = [line for line in piece if not isinstance(line, BadLine)]
        known = get_record_snapshot(good, numbers=numbers, places=scope)
        for line in piece:
            yield _write_prior(planner.plan(line, known)), 0


def _write_prior(planned: PlannedRow) -> Planned:
    line = planned.line
    act = line and {
        "course": planned.course,
        "course_name": line.course,
        "provider": line.provider,
        "completed_on": line.completed_on,
        "hours": line.hours,
        "score": line.score,
    }
    return Planned(
        position=planned.row,
        number=planned.row,
        kind=str(planned.kind),
        label=planned.label[:260],
        person=planned.person,
        differences=encode(planned.differences),
        act=encode(act) if act and planned.kind != ChangeKind.UNCHANGED else None,
        notes=_write_remarks(planned.remarks),
    )
