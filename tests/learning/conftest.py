"""A small course that is online: modules of sections, and a quiz of one question."""

from __future__ import annotations

import pytest
from wagtail.models import Locale, Page, Site

from curricula.models import CatalogPage, Course, CoursePage, HomePage, ModulePage
from quizzes.models import Choice, Question, Quiz


def make_quiz(code: str) -> Quiz:
    quiz = Quiz.objects.create(code=code, title="Small quiz", pass_percent=80)
    question = Question.objects.create(quiz=quiz, code="one", kind="single", stem="Which?")
    Choice.objects.create(question=question, text="This", right=True, feedback="Yes.")
    Choice.objects.create(question=question, text="That", feedback="Look again.")
    return quiz


def make_course(code: str = "small-course", *, quiz: bool = True) -> Course:
    """Return a course with a live page: one module of two sections."""
    course = Course.objects.create(
        code=code,
        title="Small course",
        kind="core",
        level="response",
        quiz=make_quiz(code) if quiz else None,
        current_version=1,
        hours="1.25",
        valid_months=24,
    )
    locale, _created = Locale.objects.get_or_create(language_code="en")
    home = HomePage.objects.first() or Page.get_first_root_node().add_child(
        instance=HomePage(title="Home", slug="home-of-tests", hero_title="Home", locale=locale)
    )
    Site.objects.update_or_create(is_default_site=True, defaults={"hostname": "localhost", "root_page": home})
    catalog = CatalogPage.objects.first() or home.add_child(
        instance=CatalogPage(title="Courses", slug="courses", locale=locale)
    )
    catalog.add_child(instance=CoursePage(title="Small course", slug=code, course=course, locale=locale))
    add_module(course, "Only module", "First part", "Second part")
    return course


def add_module(course: Course, title: str, *sections: str) -> ModulePage:
    """Put a live module behind those that the course has."""
    body = [("section", {"title": section, "content": [("text", "<p>Words.</p>")]}) for section in sections]
    page = CoursePage.objects.get(course=course)
    return page.add_child(
        instance=ModulePage(title=title, slug=title.lower().replace(" ", "-"), body=body, locale=page.locale)
    )


@pytest.fixture
def course(db: None) -> Course:
    return make_course()


@pytest.fixture
def reading_course(db: None) -> Course:
    """A course without a quiz."""
    return make_course("reading-course", quiz=False)
