"""The pages that editors write and readers read."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page
from wagtail.search import index
from wagtail.url_routing import RouteResult

from curricula.blocks import PROSE_FEATURES, BodyBlock, StepBlock
from curricula.enums import CourseLevel, ReaderAudience
from curricula.filters import CourseFilter
from curricula.panels import CORRECTION_PANEL, CURRENCY_PANELS, VERSIONS_PANEL, tabs
from curricula.stamp import content_stamp

from .course import Course
from .reviews import SurvivorReviewedPage


class DatedPageMixin(models.Model):
    """A text whose law and practice hold as of a day, and that is to be looked at again by another."""

    law_as_of = models.DateField(_("law and practice as of"), null=True, blank=True)
    review_by = models.DateField(_("review again by"), null=True, blank=True)
    reviewed_by = models.CharField(
        _("reviewed by"),
        max_length=200,
        blank=True,
        help_text=_("Printed on the page. Leave empty until a person has signed; name a person only with consent."),
    )

    class Meta:
        abstract = True


class LibraryPageMixin(models.Model):
    """A page that anyone may have reasons to read unseen: the same for every reader, and stored by no browser."""

    class Meta:
        abstract = True

    def read_unseen(self) -> bool:
        return True

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().serve(request, *args, **kwargs)  # type: ignore[misc]  # the page's own
        if self.read_unseen() and not getattr(request, "is_preview", False):
            response.headers["Cache-Control"] = "no-store"
            response.keep_copy = True  # type: ignore[attr-defined]  # read by PageCopyMiddleware
        return response


class HomePage(Page):
    """The front door."""

    hero_title = models.CharField(_("headline"), max_length=200)
    hero_text = models.TextField(_("text below the headline"), blank=True)
    steps = StreamField([("step", StepBlock())], blank=True, verbose_name=_("steps of the response"))
    body = StreamField(BodyBlock(required=False), blank=True, verbose_name=_("body"))

    parent_page_types = ["wagtailcore.Page"]
    max_count_per_parent = None
    edit_handler = tabs(
        [
            *Page.content_panels,
            MultiFieldPanel(
                [
                    FieldPanel("hero_title", help_text=_("The largest words of the site. One short sentence.")),
                    FieldPanel("hero_text", help_text=_("For whom the site is, in two sentences.")),
                ],
                heading=_("Headline"),
            ),
            FieldPanel("steps", help_text=_("Shown side by side below the ways into courses and library.")),
            FieldPanel("body", help_text=_("Sections below the steps.")),
        ]
    )

    class Meta:
        verbose_name = _("home page")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add each step with the live page of its course, or None while that course is not online."""
        context = super().get_context(request, *args, **kwargs)
        codes = [step.value["course"] for step in self.steps]
        pages = CoursePage.objects.live().filter(course__code__in=codes, locale=self.locale).select_related("course")
        online = {page.course.code: page for page in pages}
        context["steps"] = [(step.value, online.get(step.value["course"])) for step in self.steps]
        return context


class StandardPage(LibraryPageMixin, Page):
    """A standing page: help, privacy, accessibility."""

    summary = models.TextField(_("summary"), blank=True)
    browser_title = models.CharField(
        _("title in the browser"), max_length=120, blank=True, help_text=_("What a tab or a history shows.")
    )
    body = StreamField(BodyBlock(), verbose_name=_("body"))

    parent_page_types = ["curricula.HomePage"]
    subpage_types: list[str] = []
    edit_handler = tabs(
        [
            *Page.content_panels,
            MultiFieldPanel(
                [
                    FieldPanel("summary", help_text=_("One or two sentences below the title, and in search results.")),
                    FieldPanel(
                        "browser_title",
                        help_text=_(
                            "Neutral words for a tab and the history. With it the page has the library's exit button: "
                            "fill it in for pages that young people and families open."
                        ),
                    ),
                ],
                heading=_("What it is about"),
            ),
            FieldPanel("body", help_text=_("Sections, all shown on one page.")),
        ]
    )
    search_fields = [*Page.search_fields, index.SearchField("summary"), index.SearchField("body")]

    class Meta:
        verbose_name = _("standing page")

    def read_unseen(self) -> bool:
        # Who follows the library's footer to the safety page is still in the library.
        return bool(self.browser_title)

    def get_template(self, request: HttpRequest, *args: Any, **kwargs: Any) -> str:
        return "curricula/safety_page.html" if self.read_unseen() else "curricula/standard_page.html"


class CatalogPage(Page):
    """Every course that is online, with filters that stay in the address."""

    introduction = models.TextField(_("introduction"), blank=True)

    parent_page_types = ["curricula.HomePage"]
    subpage_types = ["curricula.CoursePage"]
    edit_handler = tabs(
        [
            *Page.content_panels,
            FieldPanel(
                "introduction", help_text=_("Above the filters. The list below shows every course page that is online.")
            ),
        ]
    )

    class Meta:
        verbose_name = _("catalog")

    def route(self, request: HttpRequest, path_components: list[str]) -> RouteResult:
        """As Wagtail does, but straight to the course page, which is all that stands here, and to its course."""
        if not path_components:
            return super().route(request, path_components)
        pages = CoursePage.objects.child_of(self).select_related("course")
        return get_object_or_404(pages, slug=path_components[0]).route(request, path_components[1:])

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        pages = CoursePage.objects.live().child_of(self).select_related("course").order_by("title")
        catalog = CourseFilter(request.GET, queryset=pages)
        context["filter"] = catalog
        context["courses"] = Paginator(catalog.qs, 50).get_page(request.GET.get("page"))
        return context


class CoursePage(DatedPageMixin, SurvivorReviewedPage):
    """A course as visitors see it; records point to its Course row, never to this page."""

    course = models.ForeignKey(Course, verbose_name=_("course"), on_delete=models.PROTECT, related_name="pages")
    introduction = RichTextField(_("introduction"), blank=True, features=PROSE_FEATURES)

    parent_page_types = ["curricula.CatalogPage"]
    subpage_types = ["curricula.ModulePage"]
    edit_handler = tabs(
        [
            *Page.content_panels,
            FieldPanel(
                "course",
                help_text=_(
                    "What completions and certificates name; it outlives this page. Its quiz, audience and hours are "
                    "set there. The page in another language has the same course."
                ),
            ),
            FieldPanel("introduction", help_text=_("Who it is for, and what they will be able to do.")),
        ],
        currency=CURRENCY_PANELS,
        versions=[VERSIONS_PANEL],
    )
    search_fields = [*Page.search_fields, index.SearchField("introduction")]

    class Meta:
        verbose_name = _("course page")

    def reviewed_page(self) -> Page | None:
        return self if self.course.level == CourseLevel.AWARENESS else None

    def live_modules(self) -> models.QuerySet[ModulePage]:
        return ModulePage.objects.child_of(self).live().order_by("path")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        context["stamp"] = content_stamp()
        return context


class ModulePage(DatedPageMixin, SurvivorReviewedPage):
    """A module: sections that the player shows one at a time."""

    objectives = StreamField(
        [("objective", blocks.CharBlock(label=_("After this module, you can …")))],
        blank=True,
        verbose_name=_("objectives"),
    )
    content_note = models.CharField(
        _("content note"), max_length=300, blank=True, help_text=_("How intense it is, in one sentence.")
    )
    minutes = models.PositiveSmallIntegerField(
        _("minutes in a live course"), default=0, help_text=_("A target for trainers; credit hours are computed.")
    )
    body = StreamField(BodyBlock(required=False), blank=True, verbose_name=_("sections"))

    parent_page_types = ["curricula.CoursePage"]
    subpage_types: list[str] = []
    edit_handler = tabs(
        [
            *Page.content_panels,
            MultiFieldPanel(
                [
                    FieldPanel("objectives", help_text=_("Two to four, each something one can see a person do.")),
                    FieldPanel("content_note"),
                    FieldPanel("minutes"),
                ],
                heading=_("Before it starts"),
            ),
            FieldPanel(
                "body",
                help_text=_(
                    "One section at a time is shown. Learners keep their place when you edit, move or add sections; "
                    "who stood in a section that you delete begins the module again."
                ),
            ),
        ],
        currency=CURRENCY_PANELS,
        versions=[CORRECTION_PANEL],
    )
    search_fields = [*Page.search_fields, index.SearchField("body")]

    class Meta:
        verbose_name = _("module page")

    def reviewed_page(self) -> Page | None:
        return self.get_parent().specific.reviewed_page()

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Previews show the module; a reader goes to the player, which knows who is enrolled."""
        if getattr(request, "is_preview", False):
            return super().serve(request, *args, **kwargs)
        return HttpResponseRedirect(reverse("learning:module", args=[self.translation_key]))


class PreventionIndexPage(LibraryPageMixin, Page):
    """The prevention library: read without an account."""

    introduction = models.TextField(_("introduction"), blank=True)
    browser_title = models.CharField(_("title in the browser"), max_length=120, blank=True)

    parent_page_types = ["curricula.HomePage"]
    subpage_types = ["curricula.PreventionPage"]
    edit_handler = tabs(
        [
            *Page.content_panels,
            FieldPanel("browser_title", help_text=_("Neutral words: a tab and the history show them.")),
            FieldPanel("introduction", help_text=_("Above the lists, which show every page that is online.")),
        ]
    )

    class Meta:
        verbose_name = _("prevention library")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        pages = list(PreventionPage.objects.live().child_of(self).order_by("title"))
        context["audiences"] = [
            (value, label, [page for page in pages if page.audience == value])
            for value, label in ReaderAudience.choices
        ]
        return context


class PreventionPage(LibraryPageMixin, DatedPageMixin, SurvivorReviewedPage):
    """A page for young people or for families: plain words, a neutral address, printable."""

    audience = models.CharField(_("for whom"), max_length=20, choices=ReaderAudience.choices)
    browser_title = models.CharField(
        _("title in the browser"), max_length=120, help_text=_("Neutral: it shows in tabs and in the history.")
    )
    summary = models.TextField(_("summary"), blank=True)
    topics = StreamField([("topic", blocks.CharBlock(label=_("Topic")))], blank=True, verbose_name=_("topics"))
    body = StreamField(BodyBlock(required=False), blank=True, verbose_name=_("body"))
    printable = models.BooleanField(_("offer to print"), default=True)

    parent_page_types = ["curricula.PreventionIndexPage"]
    subpage_types: list[str] = []
    edit_handler = tabs(
        [
            *Page.content_panels,
            MultiFieldPanel(
                [
                    FieldRowPanel(
                        [
                            FieldPanel("audience", help_text=_("Which list of the library shows it.")),
                            FieldPanel("printable", help_text=_("Says below the text that the page prints well.")),
                        ]
                    ),
                    FieldPanel("browser_title"),
                    FieldPanel("summary", help_text=_("One sentence in plain words, shown in the list.")),
                    FieldPanel("topics", help_text=_("What the page is about, a few words each.")),
                ],
                heading=_("For whom, and about what"),
            ),
            FieldPanel("body", help_text=_("All sections are shown on one page. Short sentences, no blame, no fear.")),
        ],
        currency=CURRENCY_PANELS,
    )
    search_fields = [*Page.search_fields, index.SearchField("summary"), index.SearchField("body")]

    class Meta:
        verbose_name = _("prevention page")

    def reviewed_page(self) -> Page | None:
        return self

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add up to three other pages for the same readers."""
        context = super().get_context(request, *args, **kwargs)
        others = PreventionPage.objects.sibling_of(self, inclusive=False).live().filter(audience=self.audience)
        context["read_next"] = others.order_by("path")[:3]
        return context
