"""The catalog's filters: what they show, what they do with values they don't know, and what they cost."""

from __future__ import annotations

import html

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from curricula.models import CatalogPage
from lms.agencies.models import AgencyKind

from .factories import CourseFactory, CoursePageFactory

UNKNOWN = "does not know"


@pytest.fixture
def courses(db: None) -> None:
    """Four courses online: for staff of one agency, for staff of any, for caregivers, for trainers."""
    kind = AgencyKind.objects.create(code="test-schools", name="Schools of tests")
    staff = CourseFactory(code="staff", title="Signs at school", kind="agency-response")
    staff.agency_kinds.add(kind)
    AgencyKind.objects.create(code="test-courts", name="Courts of tests")
    for course in (
        staff,
        CourseFactory(code="all-staff", title="Shared words", kind="core", level="manager", summary="For day one."),
        CourseFactory(code="carers", title="A safe home", kind="caregiver"),
        CourseFactory(code="teach", title="Train others", kind="trainer", level="trainer"),
    ):
        CoursePageFactory(course=course)
    CoursePageFactory(course=CourseFactory(code="draft", title="Not written yet"), draft=True)


def look(client: Client, query: str = "") -> str:
    response = client.get(f"/courses/{query}")
    assert response.status_code == 200
    return " ".join(html.unescape(response.content.decode()).split())


TITLES = ("Signs at school", "Shared words", "A safe home", "Train others")


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", TITLES),
        ("?audience=staff", ("Signs at school", "Shared words")),
        ("?audience=caregivers", ("A safe home",)),
        ("?audience=trainers", ("Train others",)),
        ("?agency=test-schools", TITLES),
        ("?agency=test-courts", ("Shared words", "A safe home", "Train others")),
        ("?agency=test-schools&audience=staff&level=response", ("Signs at school",)),
        ("?level=manager", ("Shared words",)),
        ("?q=home", ("A safe home",)),
        ("?q=one+DAY", ("Shared words",)),
        ("?q=+++", TITLES),
    ],
)
def test_it_shows_what_was_asked_for(courses: None, client: Client, query: str, shown: tuple[str, ...]) -> None:
    page = look(client, query)
    assert tuple(title for title in TITLES if f">{title}</a>" in page) == shown
    assert "Not written yet" not in page
    assert UNKNOWN not in page


@pytest.mark.parametrize("query", ["?level=x", "?agency=nobody", "?audience='%20OR%201", "?level=response&agency=x"])
def test_an_unknown_value_is_left_out_in_words(courses: None, client: Client, query: str) -> None:
    page = look(client, query)
    assert UNKNOWN in page
    assert ">Signs at school</a>" in page


@pytest.mark.parametrize("query", ["?page=99", "?page=x", "?page=-1", "?color=blue", "?q=" + "a " * 500])
def test_strange_addresses_still_answer(courses: None, client: Client, query: str) -> None:
    look(client, query)


def test_the_choice_stays_in_the_address_and_in_the_form(courses: None, client: Client) -> None:
    page = look(client, "?audience=staff&agency=test-schools&level=response&q=signs")
    for value in ("staff", "test-schools", "response"):
        assert f'<option value="{value}" selected>' in page
    assert 'name="q" value="signs"' in page


def test_turning_the_page_keeps_the_filters(courses: None, client: Client) -> None:
    for number in range(51):
        CoursePageFactory(course=CourseFactory(code=f"more-{number}", kind="caregiver"))
    assert "?audience=caregivers&page=2" in look(client, "?audience=caregivers")
    assert "?audience=caregivers&page=1" in look(client, "?audience=caregivers&page=2")


def test_nothing_found_says_so_and_leads_back(courses: None, client: Client) -> None:
    page = look(client, "?q=astronomy")
    assert "No course matches" in page
    assert 'href="/courses/"' in page


def test_words_are_shown_as_words(courses: None, client: Client) -> None:
    answer = client.get("/courses/", {"q": '"><script>x()</script>'}).content.decode()
    assert "<script>x()" not in answer


def test_more_courses_cost_no_more_queries(courses: None, client: Client) -> None:
    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            look(client)
        return len(queries)

    count()
    few = count()
    for number in range(20):
        course = CourseFactory(code=f"more-{number}")
        course.agency_kinds.set(AgencyKind.objects.all())
        CoursePageFactory(course=course, parent=CatalogPage.objects.get())
    assert count() == few
    assert few <= 12
