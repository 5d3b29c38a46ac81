"""Library pages come from a rendered copy, and no reader sees an old one."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from wagtail.models import PageViewRestriction

from curricula.models import CoursePage, HelpSettings, PreventionPage
from curricula.stamp import content_stamp
from lms.accounts.models import Person

from .factories import CoursePageFactory, PreventionPageFactory, ReviewFactory, section

pytestmark = pytest.mark.django_db


def published(**fields: Any) -> PreventionPage:
    page = PreventionPageFactory(draft=True, **fields)
    ReviewFactory(page=page)
    page.save_revision().publish()
    page.refresh_from_db()
    return page


@pytest.fixture
def page() -> PreventionPage:
    return published(title="Someone is being nice to me", body=[section("Gifts")])


@pytest.fixture
def reader(page: PreventionPage) -> Client:
    """A browser that read the page twice: the second time, a copy was kept."""
    client = Client()
    client.get(page.url)
    client.get(page.url)
    return client


def test_a_copy_is_the_same_answer_for_one_query(
    page: PreventionPage, reader: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    fresh = Client().get(page.url)
    with django_assert_num_queries(1):
        copy = reader.get(page.url)
    assert copy.content == fresh.content
    assert dict(copy.headers) == dict(fresh.headers)
    assert not copy.cookies


def test_no_browser_is_to_store_a_library_page(page: PreventionPage, reader: Client) -> None:
    assert reader.get(page.url)["Cache-Control"] == "no-store"
    assert reader.get(page.get_parent().url)["Cache-Control"] == "no-store"


def test_a_correction_is_read_at_once(page: PreventionPage, reader: Client) -> None:
    page.title = "Someone is being too nice to me"
    page.save()
    assert b"too nice" in reader.get(page.url).content


def test_another_page_that_is_named_is_read_at_once(page: PreventionPage, reader: Client) -> None:
    published(title="When a friend vanishes", audience=page.audience)
    assert b"When a friend vanishes" in reader.get(page.url).content


def test_a_changed_help_line_is_read_at_once(page: PreventionPage, reader: Client) -> None:
    settings = HelpSettings.load()
    settings.phone_bill = "Calls can show on the phone bill."
    settings.save()
    assert b"phone bill" in reader.get(page.url).content


def test_a_page_taken_offline_is_gone_at_once(page: PreventionPage, reader: Client) -> None:
    page.unpublish()
    assert reader.get(page.url).status_code == 404


def test_a_moved_page_is_gone_from_its_old_address(page: PreventionPage, reader: Client) -> None:
    old = page.url
    page.slug = "somewhere-else"
    page.save()
    assert reader.get(old).status_code == 404


def test_a_page_closed_to_visitors_leaves_no_copy(page: PreventionPage, reader: Client, cast) -> None:
    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)
    assert reader.get(page.url).status_code == 302
    inside = Client()
    inside.force_login(cast.learner, backend="django.contrib.auth.backends.ModelBackend")
    for _reading in range(3):
        assert inside.get(page.url).status_code == 200
    assert Client().get(page.url).status_code == 302
    assert reader.get(page.url).status_code == 302


def test_an_address_with_a_query_has_no_copy(page: PreventionPage, reader: Client) -> None:
    assert reader.get(page.url, {"page": "2"}).status_code == 200
    assert reader.head(page.url).status_code == 200


def test_the_mark_stays_while_nothing_changes(page: PreventionPage) -> None:
    before = content_stamp()
    Person.objects.create_user("somebody@example.org")
    assert content_stamp() == before
    page.save()
    assert content_stamp() != before


def test_a_course_page_shows_a_change_of_its_course_at_once() -> None:
    page: CoursePage = CoursePageFactory(modules=1)
    client = Client()
    assert b"Module 1" in client.get(page.url).content
    page.course.valid_months = 24
    page.course.save()
    page.get_children().get().specific.unpublish()
    text = client.get(page.url).content
    assert b"24 months" in text
    assert b"Module 1" not in text
