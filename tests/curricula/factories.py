"""Pages and rows of the content, each under the parent that the page rules ask for."""

from __future__ import annotations

from typing import Any

import factory
import wagtail_factories
from django.utils import timezone
from wagtail.models import Page, Site

from curricula.models import (
    CatalogPage,
    Course,
    CoursePage,
    HomePage,
    ModulePage,
    PreventionIndexPage,
    PreventionPage,
    ReviewRecord,
)
from quizzes.models import Quiz


def section(title: str = "First part", *blocks: tuple[str, Any]) -> tuple[str, dict[str, Any]]:
    """A section of a body; without blocks it holds one line of text."""
    return "section", {"title": title, "content": list(blocks) or [("text", "<p>Words of the section.</p>")]}


class QuizFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Quiz

    code = factory.Sequence(lambda number: f"quiz-{number}")
    title = "Quiz"
    pass_percent = 80


class CourseFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Course

    class Params:
        awareness = factory.Trait(level="awareness")

    code = factory.Sequence(lambda number: f"course-{number}")
    title = factory.LazyAttribute(lambda course: course.code.replace("-", " ").title())
    kind = "core"
    level = "response"
    summary = "What it is about."


class HomePageFactory(wagtail_factories.PageFactory):
    class Meta:
        model = HomePage
        skip_postgeneration_save = True

    title = "Home"
    slug = "home-of-tests"
    hero_title = "Every child seen"
    parent = factory.LazyFunction(Page.get_first_root_node)

    @factory.post_generation
    def site(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        """The default site starts here."""
        Site.objects.update_or_create(is_default_site=True, defaults={"hostname": "localhost", "root_page": self})


def home() -> HomePage:
    return HomePage.objects.first() or HomePageFactory()


class CatalogPageFactory(wagtail_factories.PageFactory):
    class Meta:
        model = CatalogPage

    title = "Courses"
    slug = "courses"
    parent = factory.LazyFunction(home)


class CoursePageFactory(wagtail_factories.PageFactory):
    """A course online, with the number of modules asked for (``modules=2``), each of one section."""

    class Meta:
        model = CoursePage
        skip_postgeneration_save = True

    class Params:
        draft = factory.Trait(live=False)

    course = factory.SubFactory(CourseFactory)
    title = factory.LazyAttribute(lambda page: page.course.title)
    slug = factory.LazyAttribute(lambda page: page.course.code)
    parent = factory.LazyFunction(lambda: CatalogPage.objects.first() or CatalogPageFactory())

    @factory.post_generation
    def modules(self, create: bool, extracted: int | None, **kwargs: Any) -> None:
        for number in range(1, (extracted or 0) + 1):
            ModulePageFactory(parent=self, title=f"Module {number}", live=self.live)


class ModulePageFactory(wagtail_factories.PageFactory):
    class Meta:
        model = ModulePage

    class Params:
        draft = factory.Trait(live=False)

    title = "Module"
    slug = factory.Sequence(lambda number: f"module-{number}")
    body = factory.LazyFunction(lambda: [section()])
    parent = factory.SubFactory(CoursePageFactory)


class LibraryFactory(wagtail_factories.PageFactory):
    class Meta:
        model = PreventionIndexPage

    title = "Reading for everyone"
    slug = "library"
    browser_title = "Library"
    parent = factory.LazyFunction(home)


class PreventionPageFactory(wagtail_factories.PageFactory):
    class Meta:
        model = PreventionPage

    class Params:
        draft = factory.Trait(live=False)

    title = "When an offer is not what it seems"
    slug = factory.Sequence(lambda number: f"good-things-{number}")
    browser_title = "Good things"
    audience = "youth"
    summary = "In plain words."
    body = factory.LazyFunction(lambda: [section()])
    parent = factory.LazyFunction(lambda: PreventionIndexPage.objects.first() or LibraryFactory())


class ReviewFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ReviewRecord

    kind = "survivor"
    reviewed_on = factory.LazyFunction(timezone.localdate)
