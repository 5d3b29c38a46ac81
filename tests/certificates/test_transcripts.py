from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.test import Client

from certificates.models import Certificate, Transcript
from certificates.selectors import list_transcript_entries
from certificates.services import issue_transcript, render_pending
from curricula.models import Course
from lms.accounts.models import Person
from tests.pdf.structure import check_accessible, kinds, open_pdf

from .conftest import NOW, complete, void

Issue = Callable[..., Certificate]
DAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def _same_day():
    with time_machine.travel(NOW, tick=False):
        yield


def make(person: Person, language: str = "en") -> Transcript:
    transcript = issue_transcript(person=person, actor=person, language=language, now=NOW)
    render_pending(now=NOW)
    transcript.refresh_from_db()
    return transcript


@pytest.fixture
def record(cast, course: Course) -> Person:
    """A record of every kind: online, live, outside."""
    complete(cast.learner, course)
    complete(cast.learner, course, source="session", mode="in_person", place="Hall 2", hours=Decimal("2.5"))
    complete(cast.learner, course, source="external", mode="outside", place="Elsewhere", hours=Decimal(3))
    return cast.learner


@pytest.mark.postgres
def test_it_works(record: Person) -> None:
    transcript = make(record)
    assert transcript.fields["hours"] == "6.75"
    assert [line["source"] for line in transcript.lines] == ["external", "session", "online"]
    with open_pdf(bytes(transcript.file.pdf)) as pdf:
        check_accessible(pdf, lang="en")
        assert {"/Table", "/TR", "/TH", "/TD"} <= set(kinds(pdf))
        assert len(pdf.pages) == 1


def test_in_spanish(record: Person) -> None:
    with open_pdf(bytes(make(record, "es").file.pdf)) as pdf:
        check_accessible(pdf, lang="es")


def test_many_lines_take_many_pages(cast, course: Course) -> None:
    for number in range(60):
        complete(cast.learner, course, source="attested", mode="outside", place=f"Place {number}")
    with open_pdf(bytes(make(cast.learner).file.pdf)) as pdf:
        assert len(pdf.pages) > 2
        check_accessible(pdf, lang="en")


def test_a_record_without_a_line(cast) -> None:
    transcript = make(cast.learner)
    assert transcript.lines == []
    with open_pdf(bytes(transcript.file.pdf)) as pdf:
        check_accessible(pdf, lang="en")


def test_asked_for_twice_it_is_made_once_until_something_changes(record: Person, course: Course) -> None:
    first = make(record)
    assert make(record) == first
    complete(record, course)
    assert make(record) != first


def test_what_was_voided_is_not_in_it(record: Person, cast) -> None:
    void(record.completions.get(source="online"), reason="Twice", by=cast.coordinator)
    assert [entry.source for entry in list_transcript_entries(record, as_of=DAY)] == ["external", "session"]


def test_it_holds_what_was_recorded_before_a_merge(record: Person, cast, course: Course) -> None:
    complete(cast.outsider, course)
    cast.outsider.merged_into = record
    cast.outsider.save()
    entries = list_transcript_entries(record, as_of=DAY)
    assert [entry.name for entry in entries].count("Otto Outsider") == 1
    assert len(entries) == 4


def test_anybody_checks_it_as_it_was_issued(record: Person, cast, course: Course) -> None:
    transcript = make(record)
    complete(record, course)
    record.last_name = "Lark"
    record.save()
    page = Client().get(f"/verify/{transcript.grouped_code}/")
    words = page.content.decode()
    assert page.status_code == 200
    assert "This transcript is as it was issued" in words
    assert "Lena Learner" in words
    assert "Lark" not in words
    assert "3 completions" in words
    assert transcript.file.sha256 in words
    assert record.email not in words
    assert "91.67" not in words
    assert "Cast Home" not in words
    assert "noindex" in page["X-Robots-Tag"]
    void(record.completions.filter(source="online").last(), reason="Sat by somebody else", by=cast.coordinator)
    words = Client().get(f"/verify/{transcript.grouped_code}/").content.decode()
    assert "1 line of this transcript was taken back since" in words
    assert "Sat by somebody else" not in words


def test_the_page_and_the_file(client: Client, record: Person) -> None:
    client.force_login(record)
    page = client.get("/my/transcript/").content.decode()
    assert "Lena Learner: 6.75 hours in all" in page
    assert "Hall 2" in page
    assert "being made" in client.post("/my/transcript/", follow=True).content.decode()
    render_pending(now=NOW)
    transcript = Transcript.objects.get()
    address = f"/transcripts/{transcript.grouped_code}/download/"
    assert address in client.get("/my/transcript/").content.decode()
    response = client.get(address)
    assert response.content == bytes(transcript.file.pdf)
    assert client.get(address, HTTP_IF_NONE_MATCH=response["ETag"]).status_code == 304


def test_a_manager_has_it_made(client: Client, record: Person, cast) -> None:
    client.force_login(cast.manager)
    assert client.post(f"/team/{record.pk}/transcript/").status_code == 302
    assert (Transcript.objects.get().person, Transcript.objects.get().asked_by) == (record, cast.manager)


def test_what_is_not_made_yet_has_no_page(record: Person) -> None:
    transcript = issue_transcript(person=record, actor=record, language="en", now=NOW)
    assert Client().get(f"/verify/{transcript.grouped_code}/").status_code == 404


def test_an_error_is_tried_again(record: Person, monkeypatch) -> None:
    record.last_name = "\U000f0001"
    record.save()
    transcript = make(record)
    assert transcript.issued_at is None
    assert transcript.last_error.startswith("MissingGlyphs")
    assert transcript.next_try_at == NOW + timedelta(minutes=1)


@pytest.mark.parametrize("number", [1, 12])
def test_listing_asks_the_same_number_of_queries(cast, course: Course, number: int, django_assert_num_queries) -> None:
    for _ in range(number):
        complete(cast.learner, course)
    with django_assert_num_queries(2):
        assert len(list_transcript_entries(cast.learner, as_of=DAY)) == number
