"""Nothing for young people or families, and no awareness course, goes online without a recorded survivor review."""

from __future__ import annotations

import html
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Locale, Page, Workflow
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from curricula.models import ModulePage, PreventionPage
from lms.accounts.models import Person

from .factories import (
    CourseFactory,
    CoursePageFactory,
    LibraryFactory,
    ModulePageFactory,
    PreventionPageFactory,
    ReviewFactory,
)

REFUSED = "no survivor review is recorded"


def words(response: Any) -> str:
    assert response.status_code == 200
    return " ".join(html.unescape(response.content.decode()).split())


def body() -> dict[str, Any]:
    part = {"title": "Part", "content": streamfield([("text", rich_text("<p>Words.</p>"))])}
    return streamfield([("section", part)])


def prevention_form(**fields: Any) -> dict[str, Any]:
    return nested_form_data(
        {
            "title": "Good things",
            "slug": "good-things",
            "browser_title": "Good things",
            "audience": "youth",
            "summary": "In plain words.",
            "topics": streamfield([]),
            "body": body(),
            "printable": "on",
            "reviewed_by": "",
            "comments-TOTAL_FORMS": 0,
            "comments-INITIAL_FORMS": 0,
            **fields,
        }
    )


def publish(cms: Client, page: Page) -> str:
    """Publish as the bulk action does, which needs no form of the page's own; returns the words shown."""
    page.save_revision()
    return words(cms.post(bulk("publish", page), follow=True))


def bulk(action: str, *pages: Page) -> str:
    ids = "&".join(f"id={page.pk}" for page in pages)
    return f"{reverse('wagtail_bulk_action', args=['wagtailcore', 'page', action])}?{ids}&next=/cms/"


def awareness_course_page() -> Page:
    return CoursePageFactory(course=CourseFactory(awareness=True), draft=True)


def awareness_module() -> Page:
    return ModulePageFactory(parent=awareness_course_page(), draft=True)


def parent_page() -> Page:
    return PreventionPageFactory(audience="caregivers", draft=True)


def youth_page() -> Page:
    return PreventionPageFactory(draft=True)


def reviewed_thing(page: Page) -> Page:
    return page.get_parent() if isinstance(page, ModulePage) else page


GATED = [awareness_course_page, awareness_module, parent_page, youth_page]


@pytest.mark.parametrize("make", GATED)
def test_it_is_refused_until_a_survivor_reviewed_it(cms: Client, make: Callable[[], Page]) -> None:
    page = make()
    assert REFUSED in publish(cms, page)
    page.refresh_from_db()
    assert not page.live
    ReviewFactory(page=reviewed_thing(page), kind="legal")
    assert REFUSED in publish(cms, page)
    ReviewFactory(page=reviewed_thing(page))
    assert REFUSED not in publish(cms, page)
    page.refresh_from_db()
    assert page.live


def test_other_courses_need_none(cms: Client) -> None:
    page = ModulePageFactory(parent=CoursePageFactory(), draft=True)
    assert REFUSED not in publish(cms, page)
    page.refresh_from_db()
    assert page.live


def test_a_new_page_is_kept_as_a_draft(cms: Client) -> None:
    library = LibraryFactory()
    address = reverse("wagtailadmin_pages:add", args=["curricula", "preventionpage", library.pk])
    page = words(cms.post(address, prevention_form(**{"action-publish": "1"}), follow=True))
    assert REFUSED in page
    made = PreventionPage.objects.get(slug="good-things")
    assert (made.live, made.has_unpublished_changes) == (False, True)
    assert cms.get(made.full_url).status_code == 404


@pytest.mark.parametrize("fields", [{}, {"go_live_at": "2099-01-01 10:00"}])
def test_editing_and_scheduling_are_refused_too(cms: Client, fields: dict[str, str]) -> None:
    page = youth_page()
    address = reverse("wagtailadmin_pages:edit", args=[page.pk])
    form = prevention_form(summary="In plainer words.", **{"action-publish": "1"}, **fields)
    assert REFUSED in words(cms.post(address, form, follow=True))
    page.refresh_from_db()
    assert not page.live
    assert not page.revisions.filter(approved_go_live_at__isnull=False).exists()
    assert page.get_latest_revision_as_object().summary == "In plainer words."


def test_pages_below_are_not_carried_along(cms: Client) -> None:
    page = youth_page()
    response = cms.post(bulk("publish", page.get_parent()), {"include_descendants": "on"}, follow=True)
    assert REFUSED in words(response)
    page.refresh_from_db()
    assert not page.live


def test_an_approved_page_is_not_published_either(cms: Client, author: Person) -> None:
    page = youth_page()
    page.save_revision(user=author)
    state = Workflow.objects.get().start(page, author)
    task_state = state.current_task_state
    address = reverse("wagtailadmin_pages:workflow_action", args=[page.pk, "approve", task_state.pk])
    assert cms.post(address, {"comment": ""}, follow=True).status_code == 200
    page.refresh_from_db()
    assert not page.live
    task_state.refresh_from_db()
    assert task_state.status == "in_progress"


def test_no_other_way_publishes_it(author: Person) -> None:
    page = youth_page()
    with pytest.raises(PermissionDenied, match=REFUSED):
        page.save_revision().publish(user=author)
    page.go_live_at = timezone.now() - timedelta(minutes=1)
    revision = page.save_revision()
    page.revisions.filter(pk=revision.pk).update(approved_go_live_at=page.go_live_at)
    with pytest.raises(PermissionDenied, match=REFUSED):
        call_command("publish_scheduled")
    page.refresh_from_db()
    assert not page.live


def test_the_review_counts_in_every_language(cms: Client, author: Person) -> None:
    page = youth_page()
    ReviewFactory(page=page)
    spanish, _created = Locale.objects.get_or_create(language_code="es")
    twin = PreventionPageFactory(translation_key=page.translation_key, locale=spanish, draft=True)
    twin.save_revision().publish(user=author)
    assert PreventionPage.objects.get(pk=twin.pk).live


def test_a_module_without_a_section_is_refused(cms: Client) -> None:
    page = ModulePageFactory(parent=CoursePageFactory(), draft=True, body=[])
    assert "has no section yet" in publish(cms, page)
    page.refresh_from_db()
    assert not page.live
