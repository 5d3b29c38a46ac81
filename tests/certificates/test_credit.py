"""Which bodies count a completion, what their lines say, and where a person stands in each cycle."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from certificates.credit_rules import Cycle, cycle_on, list_missing, mask, most_hours
from certificates.enums import CreditField
from certificates.layout import PAPERS
from certificates.models import Certificate, CourseCredit, CreditBody, CreditCategory, CreditEntry, License
from certificates.printed import CreditLine, Signer
from certificates.selectors import list_body_hours, list_credit_lines
from certificates.services import render_certificate, render_certificate_html, save_license
from certificates.validity import add_months
from curricula.models import Course
from lms.agencies.models import JobRole
from tests.pdf.structure import check_accessible, open_pdf

from .conftest import complete, void

Issue = Callable[..., Certificate]
DAY = date(2026, 11, 20)

# --- the arithmetic


@pytest.mark.parametrize(
    ("day", "months", "anchor", "starts", "ends"),
    [
        (date(2026, 11, 20), 12, date(2025, 7, 1), date(2026, 7, 1), date(2027, 7, 1)),
        (date(2026, 6, 30), 12, date(2025, 7, 1), date(2025, 7, 1), date(2026, 7, 1)),
        (date(2026, 7, 1), 12, date(2025, 7, 1), date(2026, 7, 1), date(2027, 7, 1)),
        (date(2020, 1, 1), 24, date(2025, 3, 1), date(2019, 3, 1), date(2021, 3, 1)),
        (date(2026, 2, 28), 1, date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)),
    ],
)
def test_the_cycle_of_a_day(day: date, months: int, anchor: date, starts: date, ends: date) -> None:
    assert cycle_on(day, months=months, anchor=anchor) == Cycle(starts, ends)


days = st.dates(min_value=date(1990, 1, 1), max_value=date(2080, 1, 1))


@given(days, st.integers(1, 60), days)
def test_every_day_lies_in_its_cycle_and_cycles_touch(day: date, months: int, anchor: date) -> None:
    cycle = cycle_on(day, months=months, anchor=anchor)
    assert cycle.holds(day)
    before = cycle_on(cycle.starts_on - timedelta(days=1), months=months, anchor=anchor)
    assert before.ends_on == cycle.starts_on
    assert add_months(anchor, 0) == anchor


@pytest.mark.parametrize(
    ("hours", "minutes", "most"), [("1.25", 60, "1.25"), ("1.25", 50, "1.5"), ("0.5", 50, "0.5"), ("0", 60, "0")]
)
def test_an_hour_of_fifty_minutes_gives_more_of_them(hours: str, minutes: int, most: str) -> None:
    assert most_hours(Decimal(hours), minutes_an_hour=minutes) == Decimal(most)


@pytest.mark.parametrize(
    ("number", "shown"), [("LCSW 123456", "•••456"), ("123456", "•••456"), ("12345", "•••"), ("", "•••")]
)
def test_a_license_number_for_strangers(number: str, shown: str) -> None:
    assert mask(number) == shown


def test_what_is_missing_in_the_order_asked() -> None:
    required = [CreditField.PROVIDER_NUMBER, CreditField.PLACE, CreditField.SIGNER]
    assert list_missing(required, {"provider_number": "1", "place": "  "}) == [CreditField.PLACE, CreditField.SIGNER]


# --- lines


def add_body(course: Course, **fields: Any) -> CreditBody:
    """A body that counts deputies' hours and approved the course."""
    values = {
        "code": "stc",
        "short_name": "STC",
        "name": "Standards and Training",
        "citation": "A rule",
        "cycle_anchor": date(2026, 7, 1),
        "provider_number": "P-77",
        **fields,
    }
    body = CreditBody(**values)
    body.job_roles = list(JobRole.objects.filter(code="cast-deputy"))
    body.save()
    CourseCredit.objects.create(
        course=course, body=body, hours=Decimal(1), course_number="C-1", valid_from=date(2026, 1, 1)
    )
    return body


def test_a_line_is_printed_and_counted(issue: Issue, cast, course: Course) -> None:
    body = add_body(
        course, provider_name="Lantern", provider_address="1 Main Street", statement="Approved by the body."
    )
    credit = CourseCredit.objects.get()
    credit.categories = [CreditCategory(name="Ethics", hours=Decimal("0.25"))]
    credit.save()
    certificate = issue(cast.learner)
    [line] = certificate.printed.lines
    assert line.text == (
        "STC: 1 hour (Ethics 0.25). Course C-1. Provider P-77, Lantern, 1 Main Street. Approved by the body."
    )
    assert line.text in render_certificate_html(certificate)
    assert line.text in Client().get(f"/verify/{certificate.grouped_code}/").content.decode()
    entry = CreditEntry.objects.get()
    assert (entry.completion, entry.body, entry.hours) == (certificate.completion, body, Decimal(1))


def test_one_completion_counts_with_several(issue: Issue, cast, course: Course) -> None:
    add_body(course)
    add_body(course, code="bar", short_name="Bar", cycle_months=36)
    assert [line.body for line in issue(cast.learner).printed.lines] == ["Bar", "STC"]
    with open_pdf(bytes(Certificate.objects.get().file.pdf)) as pdf:
        check_accessible(pdf, lang="en")


LONG = {
    "name": ("Maximiliana Konstantinopoulou de la Santísima Trinidad " * 3)[:120],
    "course": ("Recognizing and answering commercial sexual exploitation of children together " * 2)[:120],
}


@pytest.mark.parametrize("paper", ["letter", "a4"])
@pytest.mark.parametrize(
    ("statement", "number", "pages"), [("", 3, 1), ("A statement. " * 12, 2, 1), ("x " * 150, 4, 2)]
)
def test_lines_never_run_into_the_foot_of_the_sheet(
    issue: Issue, cast, settings, tmp_path: Path, paper: str, statement: str, number: int, pages: int
) -> None:
    """With the longest name and title; what is too much for the sheet stands legibly on a page of its own."""
    settings.CERTIFICATE_PAPER = paper
    certificate = issue(cast.learner)
    line = CreditLine("STC", Decimal(1), "P-1", course_number="C-1", statement=statement.strip())
    printed = replace(certificate.printed, **LONG, lines=(line,) * number, signers=(Signer("Wren Hazelwood"),))
    certificate.fields = printed.to_json()
    sheet = tmp_path / "sheet.pdf"
    sheet.write_bytes(render_certificate(certificate))
    with open_pdf(sheet.read_bytes()) as pdf:
        assert len(pdf.pages) == pages
        check_accessible(pdf, lang="en")
    said = ["pdftotext", "-bbox", "-l", "1", str(sheet), "-"]
    boxes = subprocess.run(said, check=True, capture_output=True, text=True).stdout
    words = re.findall(r'yMin="([\d.]+)" xMax="[\d.]+" yMax="([\d.]+)">([^<]*)<', boxes)
    foot = next(place for place, word in enumerate(words) if word[2] in {"Wren", "Number"})
    lowest = max(float(bottom) for _top, bottom, _word in words[:foot])
    square_code = PAPERS[paper].height - 26 - 29
    assert lowest / 72 * 25.4 < square_code


@pytest.mark.parametrize(
    ("required", "body", "words"),
    [
        ([], {"provider_number": ""}, "STC asks for more than is entered yet. Missing: the provider number."),
        ([], {"provider_until": date(2026, 11, 19)}, "the provider number"),
        (["provider_address"], {}, "the provider’s address"),
        (["license_number", "license_kind"], {}, "the kind of the learner’s license and the learner’s license number"),
        (["instructor"], {}, "the instructor"),
        (["signer"], {}, "a signature"),
        (["statement", "provider_name"], {}, "the provider’s name and the body’s statement"),
    ],
)
def test_a_line_that_lacks_something_is_refused_in_words(
    client: Client, issue: Issue, cast, course: Course, required: list[str], body: dict[str, Any], words: str
) -> None:
    add_body(course, required=required, **body)
    certificate = issue(cast.learner)
    assert certificate.printed.lines == ()
    assert not CreditEntry.objects.exists()
    client.force_login(cast.learner)
    assert words in client.get(f"/certificates/{certificate.number}/").content.decode()


def test_once_it_is_entered_the_certificate_can_be_issued_again_with_the_line(
    client: Client, issue: Issue, cast, course: Course
) -> None:
    body = add_body(course, required=["license_number"])
    certificate = issue(cast.learner)
    save_license(person=cast.learner, body=body, kind="RN", number="RN 123456", expires_on=None, actor=cast.learner)
    client.force_login(cast.learner)
    page = client.get(f"/certificates/{certificate.number}/").content.decode()
    assert "A credit line that was missing can be printed now" in page
    client.post(f"/certificates/{certificate.number}/reissue/", {"reason": "License entered"})
    again = Certificate.objects.get(state="pending")
    [line] = again.printed.lines
    assert "License RN RN 123456." in line.text
    assert "License RN •••456." in line.public_text
    assert CreditEntry.objects.get().completion == certificate.completion


def test_only_bodies_of_the_job_or_of_a_license(cast, course: Course) -> None:
    body = add_body(course)
    lead = complete(cast.manager, course)
    assert list_credit_lines(lead, signed=True) == ({}, [])
    License.objects.create(person=cast.manager, body=body)
    assert list(list_credit_lines(lead, signed=True)[0]) == [body.pk]


def test_an_approval_counts_from_its_day_on(cast, course: Course) -> None:
    add_body(course)
    CourseCredit.objects.update(valid_from=date(2026, 11, 21))
    assert list_credit_lines(complete(cast.learner, course), signed=True) == ({}, [])


def test_a_course_gives_no_more_hours_than_it_takes(course: Course) -> None:
    body = add_body(course)
    for hours, words in (("1.5", "The course takes 1.25 hours"), ("1.1", "quarter hours")):
        credit = CourseCredit(course=course, body=body, hours=Decimal(hours), valid_from=DAY)
        with pytest.raises(ValidationError, match=words):
            credit.full_clean()


# --- cycles


def test_hours_of_the_cycle_alone(issue: Issue, cast, course: Course) -> None:
    body = add_body(course, hours_required=24)
    issue(cast.learner, started_on=date(2026, 6, 1), completed_on=date(2026, 6, 30))
    issue(cast.learner, started_on=date(2026, 7, 1), completed_on=date(2026, 7, 1))
    [one] = list_body_hours(cast.learner, as_of=DAY)
    assert (one.body, one.hours, one.missing, one.last_day) == (body, Decimal(1), Decimal(23), date(2027, 6, 30))
    [before] = list_body_hours(cast.learner, as_of=date(2026, 6, 30))
    assert before.hours == Decimal(1)


def test_a_voided_completion_counts_no_more(issue: Issue, cast, course: Course) -> None:
    add_body(course)
    void(issue(cast.learner).completion, reason="Twice", by=cast.coordinator)
    assert [one.hours for one in list_body_hours(cast.learner, as_of=DAY)] == [Decimal(0)]


def test_a_cycle_that_runs_with_the_license(cast, course: Course) -> None:
    body = add_body(course, cycle_starts="license", cycle_anchor=None, cycle_months=24)
    [one] = list_body_hours(cast.learner, as_of=DAY)
    assert one.cycle is None
    save_license(person=cast.learner, body=body, kind="", number="", expires_on=date(2027, 3, 31), actor=cast.learner)
    [one] = list_body_hours(cast.learner, as_of=DAY)
    assert one.cycle == Cycle(date(2025, 4, 1), date(2027, 4, 1))
    assert one.last_day == date(2027, 3, 31)


def test_the_page_shows_the_rule_and_sends_to_the_board(client: Client, issue: Issue, cast, course: Course) -> None:
    add_body(course, hours_required=24, citation="15 CCR 1")
    issue(cast.learner)
    client.force_login(cast.learner)
    for address in ("/my/", "/my/hours/"):
        page = client.get(address).content.decode()
        assert "1 of 24 hours" in page
        assert "Rule: 15 CCR 1. Check with STC: it decides what counts." in page


def test_a_license_is_entered_and_changed(client: Client, cast, course: Course) -> None:
    body = add_body(course)
    client.force_login(cast.learner)
    given = {"body": body.pk, "kind": "RN", "number": "1", "expires_on": "2027-03-31"}
    for number in ("1", "2"):
        assert client.post("/my/hours/", {**given, "number": number}, follow=True).status_code == 200
    assert License.objects.get().number == "2"
    for wrong in ({"body": "x"}, {"expires_on": "soon"}, {"expires_on": "9999-12-31"}, {"number": "x" * 41}):
        assert client.post("/my/hours/", {**given, **wrong}).status_code == 422


def test_listing_asks_the_same_number_of_queries(
    issue: Issue, cast, course: Course, django_assert_max_num_queries
) -> None:
    for number in range(3):
        add_body(course, code=f"b{number}", short_name=f"B{number}")
    for day in (2, 3, 4):
        issue(cast.learner, completed_on=date(2026, 11, day))
    with django_assert_max_num_queries(4):
        assert len(list_body_hours(cast.learner, as_of=DAY)) == 3


# --- the starter file


def test_bodies_are_loaded_once_and_print_nothing_yet(issue: Issue, cast, course: Course) -> None:
    call_command("load_credit_bodies", stdout=StringIO())
    assert set(CreditBody.objects.values_list("code", flat=True)) == {"stc", "bbs", "rn", "bar", "caregiver"}
    assert not CreditBody.objects.exclude(provider_number="").exists()
    assert not CreditBody.objects.exclude(checked_on=None).exists()
    CreditBody.objects.filter(code="stc").update(name="As the editor wrote it")
    call_command("load_credit_bodies", stdout=StringIO())
    body = CreditBody.objects.get(code="stc")
    assert body.name == "As the editor wrote it"
    body.job_roles = list(JobRole.objects.filter(code="cast-deputy"))
    body.save()
    CourseCredit.objects.create(course=course, body=body, hours=1, course_number="C", valid_from=date(2026, 1, 1))
    assert issue(cast.learner).printed.lines == ()


def test_publishers_keep_the_rules(client: Client, cast) -> None:
    cast.editor.groups.set(Group.objects.filter(name__in=["Author", "Publisher"]))
    client.force_login(cast.editor)
    assert client.get("/cms/snippets/certificates/creditbody/add/").status_code == 200
    cast.editor.groups.set(Group.objects.filter(name="Author"))
    assert client.get("/cms/snippets/certificates/creditbody/").status_code == 200
    assert client.get("/cms/snippets/certificates/creditbody/add/").status_code == 302
