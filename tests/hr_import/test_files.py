"""Files as they come: each ends in a right import or in an error with its row and column."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import openpyxl
import pytest

from lms.accounts.models import Person
from lms.agencies.models import Agency, Employment
from lms.hr_import.models import ImportRun
from lms.hr_import.services import ImportRefused

from .conftest import OURS, bring, make_csv, plan, staff, told

pytestmark = pytest.mark.django_db

ROW = staff("1", first_name="Íñigo", last_name="Núñez")
TEXT = make_csv(ROW).decode()


def workbook(*rows: dict[str, Any], **cells: str) -> bytes:
    book = openpyxl.Workbook()
    book.active.append(OURS)
    for row in rows:
        book.active.append([row.get(name, "") for name in OURS])
    for place, value in cells.items():
        book.active[place].value = value
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def notes(run: ImportRun) -> list[tuple[int | None, str, list[tuple[str, str]]]]:
    return [
        (row.number, row.kind, [(note["column"], note["text"]) for note in row.words])
        for row in run.rows.order_by("position")
    ]


GOOD = {
    "UTF-8": TEXT.encode(),
    "with a byte order mark": TEXT.encode("utf-8-sig"),
    "UTF-16": TEXT.encode("utf-16"),
    "UTF-16 without a mark": TEXT.encode("utf-16-le"),
    "Windows-1252": TEXT.encode("cp1252"),
    "semicolons": make_csv(ROW, delimiter=";"),
    "tabs": make_csv(ROW, delimiter="\t"),
    "line breaks of old": TEXT.replace("\r\n", "\n").encode(),
    "a quoted line break": make_csv({**ROW, "last_name": "Núñez\r\n"}),
    "reordered columns": make_csv(ROW, header=OURS[::-1]),
    "other columns between": make_csv({**ROW, "note": "=1+1"}, header=["note", *OURS, "more"]),
    "names in capitals": TEXT.replace(TEXT.split("\r\n")[0], TEXT.split("\r\n")[0].upper()).encode(),
    "without optional columns": make_csv(ROW, header=[*OURS[:6], "start_on"]),
    "a workbook": workbook(ROW),
    "a workbook with real dates": workbook({**ROW, "start_on": date(2026, 2, 2)}),
    "a formula in a column that is not ours": workbook(ROW, J1="note", J2="=1+1"),
    "a text as a spreadsheet keeps it": make_csv({**ROW, "employee_number": '="1"', "start_on": '="2026-02-02"'}),
    "another form of the day": make_csv({**ROW, "start_on": "Feb 2, 2026"}),
    "codes and address in capitals": make_csv(
        {**ROW, "agency_code": "CAST-HOME", "job_role": "Cast-Deputy", "email": "STAFF1@Example.ORG"}
    ),
}


@pytest.mark.parametrize("case", GOOD)
def test_a_right_import(home: Agency, case: str) -> None:
    run = bring(GOOD[case], home)
    assert run.counts == {"new": 1}
    person = Person.objects.get(email="staff1@example.org")
    assert person.full_name == "Íñigo Núñez"
    assert Employment.objects.get(person=person).valid_from == date(2026, 2, 2)
    assert plan(GOOD[case], home).counts == {"unchanged": 1}


AMBIGUOUS = "This day can be read in two ways"
BAD = {
    "an ambiguous day": (make_csv({**ROW, "start_on": "02/03/2026"}), "start_on", AMBIGUOUS),
    "no day": (make_csv({**ROW, "end_on": "soon"}), "end_on", "This is no day"),
    "a cell of a megabyte": (make_csv({**ROW, "last_name": "x" * 1_000_000}), "", "more than 32767 characters"),
    "a long cell": (make_csv({**ROW, "last_name": "x" * 40_000}), "last_name", "more than 32767 characters"),
    "a name too long": (make_csv({**ROW, "last_name": "x" * 121}), "last_name", "more than 120 characters"),
    "a formula": (workbook(ROW, D2='=CONCAT("a","b")'), "last_name", "holds a formula"),
    "the text of a formula": (make_csv({**ROW, "last_name": "=A1&B1"}), "last_name", "like a formula"),
    "an error cell": (workbook(ROW, D2="#N/A"), "last_name", "shows an error (#N/A)"),
    "no e-mail": (make_csv({**ROW, "email": "nobody"}), "email", "no e-mail address"),
    "an empty cell": (make_csv({**ROW, "agency_code": ""}), "agency_code", "This cell is empty"),
    "nobody": (make_csv({**ROW, "email": "", "employee_number": ""}), "employee_number", "This cell is empty"),
    "signs that are no text": (make_csv({**ROW, "first_name": "a\x00b"}), "first_name", "no text"),
    "a lost quotation mark": (TEXT.replace("Íñigo", '"Íñigo"x').encode(), "", "quotation mark"),
    "too many cells": (make_csv({**ROW, "end_on": "2026-12-31"}).strip() + b",x\r\n", "", "10 cells for 9 columns"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_row_error_with_row_and_column(home: Agency, case: str) -> None:
    content, column, words = BAD[case]
    [(row, kind, [(place, text)])] = notes(plan(content, home))
    assert (row, kind, place) == (2, "refused", column)
    assert words in text
    assert "Núñez" not in text


@pytest.mark.parametrize("case", BAD)
def test_valid_rows_are_not_lost_for_a_bad_one(home: Agency, case: str) -> None:
    content, _column, _words = BAD[case]
    good = staff("2")
    if content.startswith(b"PK"):
        book = openpyxl.load_workbook(io.BytesIO(content))
        book.active.append([good.get(name, "") for name in OURS])
        stream = io.BytesIO()
        book.save(stream)
        content = stream.getvalue()
    else:
        content += make_csv(good).split(b"\r\n", 1)[1]
    run = bring(content, home)
    assert run.counts == {"refused": 1, "new": 1}
    assert Person.objects.filter(email="staff2@example.org").exists()
    assert not Person.objects.filter(email="staff1@example.org").exists()


def test_addresses_that_differ_by_case_are_one(home: Agency) -> None:
    run = plan(make_csv(ROW, {**ROW, "email": "Staff1@Example.org"}, staff("2", email="STAFF1@example.org")), home)
    assert told(run) == [(2, "new", []), (3, "refused", ["same_row"]), (4, "refused", ["other_number_in_file"])]


@pytest.mark.parametrize(("order", "day"), [("mdy", date(2026, 2, 3)), ("dmy", date(2026, 3, 2))])
def test_a_day_in_the_order_that_was_said(home: Agency, order: str, day: date) -> None:
    bring(make_csv({**ROW, "start_on": "02/03/2026"}), home, date_order=order)
    assert Employment.objects.get(employee_number="1").valid_from == day


def test_the_last_day_is_worked(home: Agency) -> None:
    bring(make_csv({**ROW, "end_on": "2026-02-02"}), home)
    assert Employment.objects.get(employee_number="1").valid_until == date(2026, 2, 3)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"PK\x03\x04broken", "can't be read"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel file"),
        (b"a,a\n", "Two columns"),
    ],
)
def test_what_is_no_sheet_is_refused_at_the_door(home: Agency, content: bytes, words: str) -> None:
    with pytest.raises(ImportRefused, match=words):
        plan(content, home)
    assert not ImportRun.objects.exists()


def test_a_file_that_breaks_off_changes_nothing(home: Agency) -> None:
    run = plan(TEXT.encode() + b'2,"lost\r\n' + make_csv(staff("3")).split(b"\r\n", 1)[1], home)
    assert (run.state, run.counts, run.rows.count()) == ("failed", {}, 0)
    assert "Row 3 can't be read" in run.error
