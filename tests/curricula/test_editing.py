"""Every editing screen opens, every page kind has a preview, and wrong input is answered in words."""

from __future__ import annotations

import html
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page
from wagtail.snippets.models import get_snippet_models

from curricula.blocks import BodyBlock
from curricula.models import Course, HelpSettings, HomePage, ReviewRecord, StandardPage
from curricula.permissions import why_not_delete_row
from lms.agencies.models import AgencyKind, JobRole
from lms.learning.models import Enrollment
from tests.conftest import Cast

from .factories import (
    CatalogPageFactory,
    CourseFactory,
    CoursePageFactory,
    LibraryFactory,
    ModulePageFactory,
    PreventionPageFactory,
    QuizFactory,
    ReviewFactory,
    home,
    section,
)

NOW = datetime(2026, 11, 23, 18, tzinfo=UTC)


def words(response: Any, status: int = 200) -> str:
    assert response.status_code == status
    return " ".join(html.unescape(response.content.decode()).split())


def standing_page() -> Page:
    return home().add_child(instance=StandardPage(title="Help", slug="help", body=[section("In words")]))


def module_page() -> Page:
    body = [section("First part"), section("Second part", ("checklist", {"title": "Before", "items": ["Look"]}))]
    return ModulePageFactory(body=body)


PAGES: list[Callable[[], Page]] = [
    home,
    standing_page,
    CatalogPageFactory,
    CoursePageFactory,
    module_page,
    LibraryFactory,
    PreventionPageFactory,
]


@pytest.mark.parametrize("make", PAGES)
def test_every_page_opens_for_editing(cms: Client, make: Callable[[], Page]) -> None:
    response = cms.get(reverse("wagtailadmin_pages:edit", args=[make().pk]))
    assert "Address and search" in words(response)
    form = response.context["form"]
    assert "comments" in form.formsets
    assert "go_live_at" in form.fields


@pytest.mark.parametrize("make", PAGES)
def test_every_page_has_a_preview(db: None, make: Callable[[], Page]) -> None:
    page = make()
    response = page.make_preview_request(preview_mode=page.default_preview_mode)
    assert getattr(page, "hero_title", page.title) in words(
        response.render() if hasattr(response, "render") else response
    )


def test_the_preview_of_a_module_shows_all_its_sections(db: None) -> None:
    shown = words(module_page().make_preview_request().render())
    assert all(text in shown for text in ("First part", "Second part", "Before", "Look"))


def test_every_block_that_says_so_shows_its_preview(db: None, cms: Client) -> None:
    blocks = BodyBlock().child_blocks["section"].child_blocks["content"].child_blocks
    seen = {name for name, block in blocks.items() if block.is_previewable}
    assert seen == {"text", "callout", "practice", "checklist", "reflection", "handout", "glossary", "sensitive"}
    for name in seen:
        answer = cms.get(reverse("wagtailadmin_block_preview"), {"id": blocks[name].definition_prefix})
        assert "lantern.css" in words(answer)
    assert all(block.get_description() and block.meta.group for block in blocks.values())


@pytest.mark.parametrize("model", get_snippet_models())
def test_every_row_screen_opens(cms: Client, model: type) -> None:
    for name in ("list", "add"):
        assert cms.get(reverse(model.snippet_viewset.get_url_name(name))).status_code == 200  # type: ignore[attr-defined]


def test_the_help_box_opens_and_refuses_a_link_that_is_none(cms: Client) -> None:
    line = HelpSettings._meta.get_field("help_lines").stream_block.child_blocks["line"]
    HelpSettings.objects.get_or_create()
    assert cms.get(reverse("wagtailsettings:edit", args=["curricula", "helpsettings"]), follow=True).status_code == 200
    for href in ("javascript:x()", "911", "https://example.org"):
        with pytest.raises(Exception, match="Begin with tel: or sms:"):
            line.child_blocks["href"].clean(href)
    assert line.child_blocks["href"].clean("tel:+1-888-373-7888")


def course_form(**fields: Any) -> dict[str, Any]:
    return {"title": "Second", "code": "second", "kind": "core", "level": "response", "summary": "", **fields}


ADD_COURSE = "/cms/snippets/curricula/course/add/"


def test_a_course_is_written(cms: Client) -> None:
    assert cms.post(ADD_COURSE, course_form()).status_code == 302
    assert Course.objects.get().code == "second"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"code": "first"}, "Course with this Code already exists."),
        ({"code": "two words"}, "Enter a valid"),
        ({"kind": "nonsense"}, "Select a valid choice"),
        ({"valid_months": "0"}, "greater than or equal to 1"),
        ({"quiz": "999"}, "Select a valid choice"),
        ({"title": ""}, "This field is required"),
    ],
)
def test_a_wrong_course_is_refused_in_words(cms: Client, fields: dict[str, str], said: str) -> None:
    CourseFactory(code="first")
    assert said in words(cms.post(ADD_COURSE, course_form(**fields)))
    assert Course.objects.count() == 1


def test_a_course_can_not_wait_for_itself(cms: Client) -> None:
    first, second = CourseFactory(code="first"), CourseFactory(code="second")
    second.prerequisites.add(first)
    edit = f"/cms/snippets/curricula/course/edit/{first.pk}/"
    for before in (first, second):
        assert "People could never begin" in words(cms.post(edit, course_form(code="first", prerequisites=[before.pk])))
    assert not first.prerequisites.exists()


def test_courses_are_chosen_by_kind_level_and_words(cms: Client) -> None:
    CourseFactory(title="Lamps", kind="topic", level="trainer")
    CourseFactory(title="Ropes", kind="core")
    for query, shown in (
        ("", ("Lamps", "Ropes")),
        ("?kind=topic", ("Lamps",)),
        ("?level=response", ("Ropes",)),
        ("?q=rop", ("Ropes",)),
        ("?kind=core&q=lamp", ()),
        ("?kind=nonsense", ("Lamps", "Ropes")),
    ):
        for address in ("", "results/"):
            page = words(cms.get(f"/cms/snippets/choose/curricula/course/{address}{query}"))
            assert tuple(title for title in ("Lamps", "Ropes") if title in page) == shown


def test_the_list_of_courses_filters_and_searches(cms: Client) -> None:
    CourseFactory(title="Lamps", current_version=1)
    CourseFactory(title="Ropes")
    assert "Ropes" not in words(cms.get("/cms/snippets/curricula/course/?published=true"))
    assert "Lamps" not in words(cms.get("/cms/snippets/curricula/course/?published=false"))
    assert "Ropes" not in words(cms.get("/cms/snippets/curricula/course/results/?q=lam"))


def test_a_review_is_by_somebody_and_past(cms: Client) -> None:
    page = PreventionPageFactory(draft=True)
    form = {"page": page.pk, "kind": "survivor", "reviewed_on": timezone.localdate(), "note": ""}
    address = "/cms/snippets/curricula/reviewrecord/add/"
    assert "Say who reviewed it" in words(cms.post(address, form))
    tomorrow = timezone.localdate() + timedelta(days=2)
    assert "still to come" in words(cms.post(address, {**form, "reviewer_name": "R.", "reviewed_on": tomorrow}))
    assert not ReviewRecord.objects.exists()
    assert cms.post(address, {**form, "reviewer_name": "R."}).status_code == 302
    assert "R." in words(cms.get("/cms/snippets/curricula/reviewrecord/"))


def agency_kind(cast: Cast) -> Any:
    return AgencyKind.objects.get(code="cast-probation")


def job_role(cast: Cast) -> Any:
    return JobRole.objects.get(code="cast-deputy")


def kind_of_one_course(cast: Cast) -> Any:
    kind = AgencyKind.objects.create(code="lone", name="Lone")
    CourseFactory().agency_kinds.add(kind)
    return kind


def enrolled_course(cast: Cast) -> Any:
    course = CourseFactory(current_version=1)
    Enrollment.objects.create(person=cast.learner, course=course, version=1, started_at=NOW, last_seen_at=NOW)
    return course


def course_with_page(cast: Cast) -> Any:
    return CoursePageFactory().course


def course_before_another(cast: Cast) -> Any:
    first = CourseFactory()
    CourseFactory().prerequisites.add(first)
    return first


def quiz_of_a_course(cast: Cast) -> Any:
    return CourseFactory(quiz=QuizFactory()).quiz


@pytest.mark.parametrize(
    "make",
    [
        agency_kind,
        job_role,
        kind_of_one_course,
        enrolled_course,
        course_with_page,
        course_before_another,
        quiz_of_a_course,
    ],
)
def test_rows_that_others_point_to_are_kept_in_words(cms: Client, cast: Cast, make: Callable[[Cast], Any]) -> None:
    row = make(cast)
    assert "other entries point to it" in why_not_delete_row(row)
    model = type(row)
    if model in get_snippet_models():
        unused = CourseFactory(code="unused") if model is Course else None
        ids = f"id={row.pk}" + (f"&id={unused.pk}" if unused else "")
        label = model._meta.label_lower.replace(".", "/")
        for address in (
            reverse(model.snippet_viewset.get_url_name("delete"), args=[row.pk]),
            f"/cms/bulk/{label}/delete/?{ids}",
        ):
            for answer in (cms.get(address, follow=True), cms.post(address, follow=True)):
                assert "point to" in words(answer)
        assert model.objects.filter(pk=row.pk).exists()
        assert unused is None or Course.objects.filter(pk=unused.pk).exists()


def test_a_row_that_nobody_points_to_goes(cms: Client) -> None:
    course = CourseFactory()
    assert cms.post(f"/cms/snippets/curricula/course/delete/{course.pk}/").status_code == 302
    assert not Course.objects.exists()


def test_a_home_page_with_reviews_below_is_kept(cms: Client) -> None:
    ReviewFactory(page=PreventionPageFactory(draft=True), reviewed_on=date(2026, 11, 1))
    page = HomePage.objects.get()
    answer = cms.post(reverse("wagtailadmin_pages:delete", args=[page.pk]), follow=True)
    assert "reviews of it are recorded" in words(answer)
    assert HomePage.objects.exists()
