"""A staff file of so many rows, from its bytes to jobs on record, against the bulk insert of the same rows."""

from __future__ import annotations

import io
import resource
import time
from collections.abc import Callable, Iterator
from datetime import date
from itertools import islice

from django.db import transaction
from django.test import override_settings
from django.utils import timezone

from lms.accounts.models import Person
from lms.agencies.models import Agency, AgencyKind, AgencyPlacement, Employment, JobRole
from lms.hr_import.enums import RunKind
from lms.hr_import.models import ImportRun
from lms.hr_import.services import apply_run, open_run, start_apply, start_undo, undo_run, write_plan

from .measure import Row

UNITS = 40
LEAST_ROWS = 2_000
AT_A_TIME = 1_000
BEGAN = date(2026, 1, 5)
# What the plan keeps in memory: who is in the file, and one piece of it.
MOST_MEGABYTES = 150


def make_units() -> list[Agency]:
    kind = AgencyKind.objects.order_by("pk")[0]
    top = Agency.add_root(code="bench", name="Bench", kind=kind)
    units = [top] + [
        top.add_child(code=f"bench-{number}", name=f"Bench {number}", kind=kind) for number in range(UNITS)
    ]
    AgencyPlacement.objects.bulk_create(
        AgencyPlacement(agency=unit, path=unit.path, valid_from=BEGAN) for unit in units
    )
    return units


def name(number: int) -> str:
    """Ten share a supervisor, who stands among them: before half of them, after the others."""
    return str(number // 10 * 10 + 5)


def make_file(size: int, role: JobRole) -> bytes:
    stream = io.StringIO()
    stream.write(
        "employee_number,email,first_name,last_name,agency_code,job_role,supervisor_employee_number,start_on,end_on\r\n"
    )
    for number in range(size):
        boss = name(number) if name(number) != str(number) and int(name(number)) < size else ""
        stream.write(
            f"{number},bench{number}@harbor.example,First{number},Last{number},bench-{number % UNITS},{role.code},"
            f"{boss},2026-01-05,\r\n"
        )
    return stream.getvalue().encode()


def bulk_insert(size: int, units: list[Agency], role: JobRole) -> None:
    """The least that writes these rows: two tables, a thousand rows at a time, nothing looked up."""

    def people() -> Iterator[Person]:
        for number in range(size):
            yield Person(
                email=f"floor{number}@harbor.example",
                first_name=f"First{number}",
                last_name=f"Last{number}",
                sort_name=f"last{number}, first{number}",
                password=f"!{number:040d}",
            )

    source = people()
    while piece := list(islice(source, AT_A_TIME)):
        with transaction.atomic():
            Person.objects.bulk_create(piece)
            Employment.objects.bulk_create(
                Employment(
                    person=person,
                    agency=units[1 + person.pk % UNITS],
                    job_role=role,
                    supervisor=piece[0] if person is not piece[0] else None,
                    employee_number=str(person.pk),
                    valid_from=BEGAN,
                )
                for person in piece
            )


def megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def seconds(call: Callable[[], object]) -> tuple[float, float]:
    """Return the time on the clock and the processor's."""
    clock, cpu = time.perf_counter(), time.process_time()
    call()
    return time.perf_counter() - clock, time.process_time() - cpu


def read_and_plan(content: bytes, top: Agency) -> ImportRun:
    run = open_run(
        actor=None,
        kind=RunKind.STAFF,
        agency=top,
        content=content,
        file_name="staff.csv",
        now=timezone.now(),
        in_background=False,
    )
    return write_plan(run=run)


# Duties that follow from the jobs are later work, by job rows of their own.
@override_settings(TICK_WORK=[])
def run(size: int) -> list[Row]:
    size = max(size, LEAST_ROWS)
    units, role = make_units(), JobRole.objects.order_by("pk")[0]
    content = make_file(size, role)
    runs: list[ImportRun] = []
    # A round to warm up.
    first = start_apply(
        actor=None, run=read_and_plan(make_file(20, role), units[0]), now=timezone.now(), in_background=False
    )
    apply_run(run=first, actor=None, now=timezone.now())
    undo_run(
        run=start_undo(actor=None, run=first, now=timezone.now(), in_background=False), actor=None, now=timezone.now()
    )

    def bring() -> None:
        planned = read_and_plan(content, units[0])
        assert planned.counts == {"new": size}, planned.counts
        started = start_apply(actor=None, run=planned, now=timezone.now(), in_background=False)
        runs.append(apply_run(run=started, actor=None, now=timezone.now()))
        assert runs[0].effects.filter(kind="skipped").count() == 0

    def bring_again() -> None:
        assert read_and_plan(content, units[0]).counts == {"unchanged": size}

    def take_back() -> None:
        undoing = start_undo(actor=None, run=runs[0], now=timezone.now(), in_background=False)
        assert undo_run(run=undoing, actor=None, now=timezone.now()).state == "undone"

    before = megabytes()
    ours, ours_cpu = seconds(bring)
    grown = megabytes() - before
    floor, floor_cpu = seconds(lambda: bulk_insert(size, units, role))
    again, _again_cpu = seconds(bring_again)
    back, _back_cpu = seconds(take_back)
    return [
        Row("staff file: read, planned, applied, against a bulk insert", ours, floor, "s", size),
        Row("staff file: the same by the processor's clock", ours_cpu, floor_cpu, "s", size),
        Row("staff file: memory on top, at most", grown, MOST_MEGABYTES, "MB (budget)", size),
        Row("staff file: the same file again, against a bulk insert", again, floor, "s", size),
        Row("staff file: undone, against a bulk insert", back, floor, "s", size),
    ]
