"""Imports from the command line."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from lms.accounts.models import Person
from lms.agencies.models import Agency, Employment
from lms.hr_import.models import ImportRun, PlanRow
from lms.learning.models import Completion
from tests.conftest import Cast
from tests.learning.conftest import make_course

from .conftest import LENA, everything, make_csv, staff

pytestmark = pytest.mark.django_db


def run(command: str, tmp_path: Path, content: bytes, *arguments: str) -> str:
    file = tmp_path / "file.csv"
    file.write_bytes(content)
    said = io.StringIO()
    call_command(command, str(file), *arguments, stdout=said)
    return said.getvalue()


def test_it_works(home: Agency, tmp_path: Path) -> None:
    said = run("import_staff", tmp_path, make_csv(staff("1"), staff("2", job_role="pilot")), "--agency", "cast-home")
    assert "1 new, 1 refused" in said
    assert "Row 3, refused, First2 Last2: job_role: There is no job role with this code." in said
    assert Person.objects.filter(email="staff1@example.org").exists()
    assert ImportRun.objects.get().state == "applied"


def test_a_dry_run_changes_nothing(home: Agency, tmp_path: Path) -> None:
    before = everything()
    said = run("import_staff", tmp_path, make_csv({**LENA, "agency_code": "cast-north"}), "--dry-run")
    assert "Row 2, moved, Lena Learner: agency_code: Cast Home -> Cast North" in said
    assert "Nothing was changed." in said
    assert everything() == before
    assert not PlanRow.objects.exists()


def test_many_ends_need_a_word(home: Agency, tmp_path: Path, cast: Cast) -> None:
    before = everything()
    full = ("--agency", "cast-home", "--full")
    with pytest.raises(CommandError, match="more than one in ten"):
        run("import_staff", tmp_path, make_csv(LENA), *full)
    assert everything() == before
    run("import_staff", tmp_path, make_csv(LENA), *full, "--confirm-ends")
    assert Employment.objects.get(person=cast.trainer).valid_until is not None


def test_columns_dates_and_all_or_nothing(home: Agency, tmp_path: Path) -> None:
    header = ["Dept", *(name for name in LENA if name != "agency_code")]
    content = make_csv({**staff("1"), "Dept": "cast-home", "start_on": "02/03/2026"}, header=header)
    with pytest.raises(CommandError, match="--column"):
        run("import_staff", tmp_path, content)
    run("import_staff", tmp_path, content, "--dates", "mdy", *named(header))
    assert Employment.objects.filter(employee_number="1").exists()
    with pytest.raises(CommandError, match="all or nothing"):
        run("import_staff", tmp_path, make_csv(staff("5"), staff("6", job_role="x")), "--all-or-nothing")
    assert not Employment.objects.filter(employee_number="5").exists()


def named(header: list[str]) -> list[str]:
    pairs = [f"agency_code={header[0]}", *(f"{name}={name}" for name in header[1:])]
    return [argument for pair in pairs for argument in ("--column", pair)]


def test_wrong_arguments(home: Agency, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no unit with the code"):
        run("import_staff", tmp_path, make_csv(staff("1")), "--agency", "nowhere")
    with pytest.raises(CommandError, match="can't be read"):
        call_command("import_staff", str(tmp_path / "missing.csv"))
    with pytest.raises(CommandError, match="no column"):
        run("import_staff", tmp_path, make_csv(staff("1")), "--column", "shoe=size")
    with pytest.raises(CommandError, match="quotation mark"):
        run("import_staff", tmp_path, make_csv(staff("1")) + b'2,"lost\r\n3\r\n')


def test_prior_completions(home: Agency, tmp_path: Path, cast: Cast) -> None:
    make_course("csec-1", quiz=False)
    header = ["employee_number", "course", "completed_on", "hours"]
    content = make_csv(
        {"employee_number": "L1", "course": "csec-1", "completed_on": "2024-05-06", "hours": "2"}, header=header
    )
    assert "Nothing was changed." in run("import_completions", tmp_path, content, "--dry-run")
    run("import_completions", tmp_path, content)
    assert Completion.objects.get().person == cast.learner
    assert "1 unchanged" in run("import_completions", tmp_path, content)
