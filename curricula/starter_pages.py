"""What each kind of page takes from its starter file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wagtail.models import Page, Site

from curricula import starter_text
from curricula.models import CatalogPage, CoursePage, HomePage, ModulePage, PreventionIndexPage, PreventionPage
from curricula.starter_files import CourseFile, ModuleFile, PageFile, Section, StarterError
from curricula.starter_stream import block_id, section_values


def fill_page(page: Page, *, page_file: PageFile, original: PageFile | None = None) -> None:
    """Put a file's text into a page of the frame or the library.

    A translation takes its block ids from the ``original``, so that wagtail-localize finds the same segments in both.
    """
    first = original or page_file
    page.title = page_file.title
    page.slug = page_file.slug
    if isinstance(page, CatalogPage | PreventionIndexPage):
        page.introduction = page_file.summary
    elif isinstance(page, HomePage):
        page.hero_title = page_file.extra.get("hero_title", page_file.title)
        page.hero_text = page_file.extra.get("hero_text", "")
        page.steps = page.steps.stream_block.to_python(
            [
                {"type": "step", "id": str(block_id(*page_file_key(first), "steps", str(number))), "value": dict(step)}
                for number, step in enumerate(page_file.extra.get("steps", []))
            ]
        )
    else:
        page.summary = page_file.summary
    if isinstance(page, HomePage):
        page.seo_title = page_file.browser_title
    elif not isinstance(page, CatalogPage):
        page.browser_title = page_file.browser_title
    if isinstance(page, PreventionPage):
        page.audience = first.audience
        page.printable = first.printable
        page.topics = _texts(page, "topics", "topic", page_file.topics, page_file_key(first))
        _fill_dates(page, first)
        page.reviewed_by = first.reviewed_by
    if hasattr(page, "body"):
        page.body = page.body.stream_block.to_python(
            section_values(
                page.body.stream_block,
                _with_opening(page_file),
                seed=block_id(*page_file_key(first)),
                slugs=[section.slug for section in _with_opening(first)],
            )
        )
    elif page_file.opening or page_file.sections:
        raise StarterError(page_file.source.path, 1, "This page shows a list; its words stand in `summary`.")


def page_file_key(page_file: PageFile) -> tuple[str, str]:
    """The names that the ids of a page's blocks come from: its folder and its file's name."""
    return page_file.source.path.parent.name, page_file.source.path.stem


def _with_opening(page_file: PageFile) -> Sequence[Section]:
    """The sections; what stands before the first heading is a section under the page's title."""
    if not page_file.opening:
        return page_file.sections
    opening = Section("opening", page_file.title, page_file.opening, page_file.opening[0].line)
    return opening, *page_file.sections


def fill_course_page(page: CoursePage, *, course_file: CourseFile) -> None:
    """Put course.md into the course's page; its address is the course's code."""
    page.title = course_file.title
    page.slug = course_file.code
    page.introduction = starter_text.to_html(course_file.introduction)
    page.reviewed_by = course_file.reviewed_by
    _fill_dates(page, course_file)


def fill_module(page: ModulePage, *, module_file: ModuleFile, course_code: str) -> None:
    """Put a module's file into its page; a section's id comes from the course's code and both slugs."""
    page.title = module_file.title
    page.slug = module_file.slug
    page.minutes = module_file.minutes
    page.content_note = module_file.content_note
    page.objectives = _texts(page, "objectives", "objective", module_file.objectives, (course_code, module_file.slug))
    page.body = page.body.stream_block.to_python(
        section_values(page.body.stream_block, module_file.sections, seed=block_id(course_code, module_file.slug))
    )
    _fill_dates(page, module_file)


def _fill_dates(page: Any, dated: CourseFile | ModuleFile | PageFile) -> None:
    page.law_as_of = dated.law_as_of
    page.review_by = dated.review_by


def _texts(page: Page, name: str, kind: str, texts: Sequence[str], key: Sequence[str]) -> Any:
    """A StreamField's value of plain texts, numbered."""
    values = [
        {"type": kind, "id": str(block_id(*key, name, str(number))), "value": text} for number, text in enumerate(texts)
    ]
    return getattr(page, name).stream_block.to_python(values)


def order_modules(course_page: Page, slugs: Sequence[str]) -> None:
    """Bring the course's modules into the order of their files; others stay behind them."""
    modules = {page.slug: page for page in ModulePage.objects.child_of(course_page)}
    wanted = [slug for slug in slugs if slug in modules]
    if [slug for slug in modules if slug in wanted] == wanted:
        return
    for slug in wanted:
        course_page.refresh_from_db()
        ModulePage.objects.child_of(course_page).get(slug=slug).move(course_page, pos="last-child")


def make_site_root(home: Page) -> None:
    """Let the default site start at the home page, and take away the page that a new Wagtail starts with."""
    site = Site.objects.filter(is_default_site=True).select_related("root_page").first()
    if site is None:
        Site.objects.create(hostname="localhost", root_page=home, is_default_site=True)
    elif site.root_page_id != home.pk:
        welcome = site.root_page
        site.root_page = home
        site.save()
        if welcome.specific_class is Page and not welcome.numchild:
            Page.objects.get(pk=welcome.pk).delete()


def free_address(root: Page, slug: str) -> None:
    """Wagtail's own first page holds the address that the home page takes."""
    for page in root.get_children().filter(slug=slug).exact_type(Page):
        page.slug = f"{slug}-{page.pk}"
        page.save()
