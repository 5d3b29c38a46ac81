"""A small course that is online: one module of two sections, and a quiz of one question."""

from __future__ import annotations

import pytest
from wagtail.models import Locale, Page, Site

from curricula.models import CatalogPage, Course, CoursePage, HomePage, ModulePage
from quizzes.models import Choice, Question, Quiz


def make_course(code: str = "small-course") -> Course:
    quiz = Quiz.objects.create(code=code, title="Small quiz", pass_percent=80)
    question = Question.objects.create(quiz=quiz, code="one", kind="single", stem="Which?")
    Choice.objects.create(question=question, text="This", right=True, feedback="Yes.")
    Choice.objects.create(question=question, text="That", feedback="Look again.")
    course = Course.objects.create(
        code=code, title="Small course", kind="core", level="response", quiz=quiz, current_version=1, valid_months=24
    )
    locale, _created = Locale.objects.get_or_create(language_code="en")
    home = HomePage.objects.first() or Page.get_first_root_node().add_child(
        instance=HomePage(title="Home", slug="home-of-tests", hero_title="Home", locale=locale)
    )
    Site.objects.update_or_create(is_default_site=True, defaults={"hostname": "localhost", "root_page": home})
    catalog = CatalogPage.objects.first() or home.add_child(
        instance=CatalogPage(title="Courses", slug="courses", locale=locale)
    )
    page = catalog.add_child(instance=CoursePage(title="Small course", slug=code, course=course, locale=locale))
    sections = [
        ("section", {"title": title, "content": [("text", "<p>Words.</p>")]}) for title in ("First part", "Second part")
    ]
    page.add_child(instance=ModulePage(title="Only module", slug="only-module", body=sections, locale=locale))
    return course


@pytest.fixture
def course(db: None) -> Course:
    return make_course()
