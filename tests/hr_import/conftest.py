"""Two agencies with people, and files as somebody would send them."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from lms.accounts.models import Person
from lms.agencies.enums import GrantKind
from lms.agencies.models import Agency, Employment, JobRole
from lms.agencies.services import give_grant
from lms.hr_import.columns import COLUMNS
from lms.hr_import.enums import RunKind
from lms.hr_import.models import ImportRun, PlanRow
from lms.hr_import.services import apply_run, open_run, start_apply, start_undo, undo_run, write_plan
from tests.conftest import START, Cast, add_agency

OURS = [column.name for column in COLUMNS[RunKind.STAFF]]


def make_csv(*rows: dict[str, Any], header: list[str] | None = None, delimiter: str = ",") -> bytes:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, header or OURS, restval="", delimiter=delimiter, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue().encode()


def staff(number: str, **fields: Any) -> dict[str, Any]:
    """A row about somebody new at the cast's home, unless the fields say otherwise."""
    return {
        "employee_number": number,
        "email": f"staff{number}@example.org",
        "first_name": f"First{number}",
        "last_name": f"Last{number}",
        "agency_code": "cast-home",
        "job_role": "cast-deputy",
        "start_on": "2026-02-02",
        **fields,
    }


LENA = {
    "employee_number": "L1",
    "email": "lena.learner@example.org",
    "first_name": "Lena",
    "last_name": "Learner",
    "agency_code": "cast-home",
    "job_role": "cast-deputy",
    "supervisor_employee_number": "M1",
    "start_on": START.isoformat(),
}


@pytest.fixture
def home(cast: Cast) -> Agency:
    """The cast's agency with employee numbers, a unit below it, and its manager's grant."""
    home = Agency.objects.get(code="cast-home")
    add_agency("cast-north", home.kind, home)
    for person, number in ((cast.learner, "L1"), (cast.manager, "M1"), (cast.trainer, "T1")):
        Employment.objects.filter(person=person).update(employee_number=number)
    give(cast.manager, home)
    return Agency.objects.get(code="cast-home")


def give(person: Person, agency: Agency | None, kind: str = GrantKind.MANAGER) -> None:
    give_grant(
        actor=None, person=person, kind=kind, agency=agency, valid_from=START, reason="Test", today=timezone.localdate()
    )


def plan(content: bytes, agency: Agency | None, **fields: Any) -> ImportRun:
    values = {"actor": None, "kind": RunKind.STAFF, "file_name": "staff.csv", "in_background": False, **fields}
    run = open_run(content=content, agency=agency, now=timezone.now(), **values)
    return write_plan(run=run)


def apply(run: ImportRun, actor: Person | None = None, **fields: Any) -> ImportRun:
    run = start_apply(actor=actor, run=run, now=timezone.now(), in_background=False, **fields)
    return apply_run(run=run, actor=actor, now=timezone.now())


def undo(run: ImportRun, actor: Person | None = None) -> ImportRun:
    run = start_undo(actor=actor, run=run, now=timezone.now(), in_background=False)
    return undo_run(run=run, actor=actor, now=timezone.now())


def bring(content: bytes, agency: Agency | None, **fields: Any) -> ImportRun:
    """Plan and apply."""
    return apply(plan(content, agency, **fields), ends_confirmed=True)


def told(run: ImportRun) -> list[tuple[int | None, str, list[str]]]:
    """Row, kind and notes of the plan."""
    return [(row.number, row.kind, [note[0] for note in row.notes]) for row in PlanRow.objects.filter(run=run)]


def jobs_of(person: Person) -> list[tuple[str, str, date, date | None]]:
    rows = Employment.objects.filter(person=person).order_by("valid_from", "pk")
    return [
        (job.agency.code, job.job_role.code, job.valid_from, job.valid_until)
        for job in rows.select_related("agency", "job_role")
    ]


def everything() -> dict[str, list[Any]]:
    """All that an import can write, for comparing before and after."""
    return {
        "people": list(
            Person.objects.order_by("pk").values_list("pk", "email", "first_name", "last_name", "sort_name")
        ),
        "jobs": list(Employment.objects.order_by("pk").values_list()),
        "roles": list(JobRole.objects.values_list("pk")),
        "units": list(Agency.objects.values_list("pk")),
    }
