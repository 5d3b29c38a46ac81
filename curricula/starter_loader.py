"""Loads the starter folder: code lists and quizzes as rows, the frame as published pages, the rest as drafts.

Loading twice changes nothing. Each file is one transaction: it is loaded whole or refused with its line and reason.
What an editor changed on the site since the last load is left alone, unless the caller overwrites it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _
from wagtail.models import Locale, Page

from curricula import starter_files, starter_pages, starter_rows
from curricula.models import (
    CatalogPage,
    Course,
    CoursePage,
    HomePage,
    ModulePage,
    PreventionIndexPage,
    PreventionPage,
    StandardPage,
    SurvivorReviewedPage,
)
from curricula.services import publish_version
from curricula.starter_files import CourseFile, PageFile, Source, StarterError
from curricula.starter_record import Standing, pages_of, record_load, standing
from curricula.starter_rows import RowEntry
from curricula.starter_stream import BlockRefused
from curricula.starter_translation import TranslationMismatch, translate_page
from lms.accounts.models import Person
from quizzes.models import Quiz

STARTER_FOLDER = Path(__file__).parent / "starter"
HOME, CATALOG, LIBRARY = "home.md", "courses.md", "library.md"
FRAME_MODELS: dict[str, type[Page]] = {HOME: HomePage, CATALOG: CatalogPage, LIBRARY: PreventionIndexPage}


@dataclass
class Report:
    """What a load did, thing by thing in words: ``created`` and so on hold a line for each."""

    created: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    left_alone: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    unchanged: int = 0

    def add(self, other: Report) -> None:
        self.created += other.created
        self.changed += other.changed
        self.left_alone += other.left_alone
        self.refused += other.refused
        self.unchanged += other.unchanged


def load_curriculum(*, folder: Path = STARTER_FOLDER, overwrite: bool = False) -> Report:
    """Load every file of a starter folder, and report what happened to each.

    The site itself acts: revisions and log entries name no person. Raises FileNotFoundError without such a folder.
    """
    if not folder.is_dir():
        raise FileNotFoundError(folder)
    loader = _Loader(folder, overwrite)
    loader.load_rows("vocabulary.yaml", starter_rows.read_vocabulary)
    loader.load_rows("external.yaml", starter_rows.read_external)
    loader.load_frame()
    for course in sorted(folder.glob("*/course.md")):
        loader.load_course(course)
    loader.load_prerequisites()
    for page in sorted((folder / "library").glob("*.md")):
        if starter_files.language_of(page) == "en":
            loader.load_prevention_page(page)
    return loader.report


def publish_written(*, actor: Person | None, now: datetime, folder: Path = STARTER_FOLDER) -> list[str]:
    """Publish, in every language, the loaded pages whose file says ``written: true``; returns their titles.

    A course that goes online for the first time gets its first version; later texts are corrections inside it. Only
    for a site marked as demonstration: everywhere else prevention pages and awareness courses wait for their survivor
    review. A second call publishes nothing.
    """
    published = []
    for path in sorted(folder.glob("*/course.md")):
        pages = CoursePage.objects.filter(pk__in=pages_of(path.relative_to(folder).as_posix())).select_related("course")
        if (page := pages.first()) and _is_written(path, starter_files.read_course):
            with transaction.atomic():
                titles = _publish([page, *ModulePage.objects.child_of(page)], actor)
                if titles and not page.course.current_version:
                    publish_version(course=page.course, note=_("Written and put online."), actor=actor, now=now)
            published += titles
    for path in sorted((folder / "library").glob("*.md")):
        if starter_files.language_of(path) == "en" and _is_written(path, starter_files.read_prevention_page):
            loaded = PreventionPage.objects.filter(pk__in=pages_of(path.relative_to(folder).as_posix()))
            with transaction.atomic():
                published += _publish(list(loaded), actor)
    return published


def _is_written(path: Path, read: Callable[[Path], CourseFile | PageFile]) -> bool:
    """Whether the file says so; one that can't be read was refused by the load, and says nothing."""
    try:
        return read(path).written
    except StarterError:
        return False


def _publish(pages: list[SurvivorReviewedPage], actor: Person | None) -> list[str]:
    """Publish the pages and their translations where something waits to be published."""
    titles = []
    for page in pages:
        for version in page.get_translations(inclusive=True).order_by("locale_id"):
            if version.has_unpublished_changes and version.latest_revision:
                version.publish(version.latest_revision, user=actor, sample_text=True)
                titles.append(version.title)
    return titles


class _Loader:
    """One load of one folder; ``report`` grows with each file."""

    def __init__(self, folder: Path, overwrite: bool) -> None:
        self.folder = folder
        self.overwrite = overwrite
        self.report = Report()
        self.english = Locale.objects.get_or_create(language_code="en")[0]
        self.spanish = Locale.objects.get_or_create(language_code="es")[0]
        self.courses: list[CourseFile] = []

    @contextmanager
    def file(self, path: Path) -> Iterator[Report]:
        """One file's transaction: what it reports counts only when it was loaded whole."""
        report = Report()
        try:
            with transaction.atomic():
                yield report
        except StarterError as error:
            self.refuse(error.path, error.line, error.reason)
        except BlockRefused as error:
            self.refuse(path, error.line, error.reason)
        except TranslationMismatch as error:
            self.refuse(path, 1, str(error))
        except ValidationError as error:
            self.refuse(path, 1, " ".join(error.messages))
        else:
            self.report.add(report)

    def refuse(self, path: Path, line: int, reason: str) -> None:
        self.report.refused.append(f"{self.name(path)}:{line}: {reason}")

    def name(self, path: Path) -> str:
        return path.relative_to(self.folder).as_posix()

    # --- rows

    def load_rows(self, name: str, read: Callable[[Path], Iterable[RowEntry]]) -> None:
        path = self.folder / name
        if not path.exists():
            return
        with self.file(path) as report:
            for entry in read(path):
                self.load_row(entry, path, report)

    def load_row(self, entry: RowEntry, path: Path, report: Report) -> Any:
        row = entry.find()
        state = standing(row, entry.digest)
        name = f"{self.name(path)}: {entry.code}"
        if row is not None and (state is Standing.SAME or not entry.differs(row)):
            report.unchanged += 1
            return row
        if state is Standing.EDITED and not self.overwrite:
            report.left_alone.append(name)
            return row
        (report.changed if row else report.created).append(name)
        written = entry.write(row)
        record_load(written, digest=entry.digest, file=self.name(path), created=row is None)
        return written

    # --- the frame

    def load_frame(self) -> None:
        """Home first, since everything stands below it, then the other pages of the frame; all of them published."""
        folder = self.folder / "pages"
        paths = [path for path in sorted(folder.glob("*.md")) if starter_files.language_of(path) == "en"]
        for path in sorted(paths, key=lambda path: path.name != HOME):
            self.load_page_file(path, starter_files.read_page, FRAME_MODELS.get(path.name, StandardPage), publish=True)
        settings = folder / "help-settings.yaml"
        if settings.exists():
            with self.file(settings) as report:
                self.load_row(starter_rows.HelpEntry(settings), settings, report)

    def load_prevention_page(self, path: Path) -> None:
        self.load_page_file(path, starter_files.read_prevention_page, PreventionPage, publish=False)

    def load_page_file(self, path: Path, read: Callable[[Path], PageFile], model: type[Page], *, publish: bool) -> None:
        """A page and its translation, each in a transaction of its own."""
        page_file = page = None
        with self.file(path) as report:
            page_file = read(path)
            page = self.save(
                self.find_page(model, page_file),
                self.parent_of(model, path),
                page_file.source,
                partial(starter_pages.fill_page, page_file=page_file),
                report,
                publish=publish,
            )
            if isinstance(page, HomePage):
                starter_pages.make_site_root(page)
        twin_path = starter_files.twin_of(path)
        if page and page_file and twin_path:
            with self.file(twin_path) as report:
                twin = read(twin_path)
                starter_files.check_twin(page_file, twin)
                self.save_translation(page, page_file, twin, report, publish=publish)

    def find_page(self, model: type[Page], page_file: PageFile) -> Page:
        """The page that was loaded from this file, or stands at its address, or else a new one."""
        pages = model.objects.filter(locale=self.english)
        loaded = pages.filter(pk__in=pages_of(self.name(page_file.source.path))).first()
        if loaded is None:
            loaded = pages.first() if model in FRAME_MODELS.values() else pages.filter(slug=page_file.slug).first()
        return loaded or model(locale=self.english)

    def parent_of(self, model: type[Page], path: Path) -> Page:
        if model is HomePage:
            root = Page.get_first_root_node()
            starter_pages.free_address(root, starter_files.read_page(path).slug)
            return root
        if model is PreventionPage:
            return self.frame_page(LIBRARY, path)
        return self.frame_page(HOME, path)

    def frame_page(self, name: str, path: Path) -> Page:
        page = FRAME_MODELS[name].objects.filter(locale=self.english).first()
        if page is None:
            raise StarterError(path, 1, f"The page above this one, pages/{name}, is not loaded.")
        return page

    # --- courses

    def load_course(self, path: Path) -> None:
        """The course's row and page, then its modules, then its quiz, which names modules."""
        course_page = course_file = None
        with self.file(path) as report:
            course_file = starter_files.read_course(path)
            self.check_prerequisites(course_file)
            course = self.load_row(starter_rows.course_entry(course_file), path, report)
            page = CoursePage.objects.filter(locale=self.english, course=course).first()
            course_page = self.save(
                page or CoursePage(locale=self.english, course=course),
                self.frame_page(CATALOG, path),
                course_file.source,
                partial(starter_pages.fill_course_page, course_file=course_file),
                report,
                publish=False,
            )
        if course_file is None or course_page is None:
            return
        self.courses.append(course_file)
        slugs = [self.load_module(path, course_file, course_page) for path in starter_files.list_modules(path.parent)]
        starter_pages.order_modules(course_page, [slug for slug in slugs if slug])
        quiz = path.parent / "quiz.yaml"
        if quiz.exists():
            with self.file(quiz) as report:
                self.load_quiz(quiz, course_file, [slug for slug in slugs if slug], report)

    def load_module(self, path: Path, course_file: CourseFile, course_page: Page) -> str:
        """Load one module; returns its slug, or nothing when the file is refused."""
        with self.file(path) as report:
            module = starter_files.read_module(path, written=course_file.written)
            page = ModulePage.objects.child_of(course_page).filter(slug=module.slug).first()
            self.save(
                page or ModulePage(locale=self.english),
                course_page,
                module.source,
                partial(starter_pages.fill_module, module_file=module, course_code=course_file.code),
                report,
                publish=False,
            )
            return module.slug
        return ""

    def load_quiz(self, path: Path, course_file: CourseFile, modules: list[str], report: Report) -> None:
        quiz_file = starter_files.read_quiz(path, modules=modules)
        if quiz_file.pass_percent != course_file.pass_percent:
            raise StarterError(path, 1, f"`pass_percent` must be that of course.md, {course_file.pass_percent}.")
        quiz = Quiz.objects.filter(code=course_file.code).first()
        if not self.is_due(quiz, quiz_file.source, report):
            return
        written = starter_rows.write_quiz(course_file.code, quiz_file)
        Course.objects.filter(code=course_file.code).update(quiz=written)
        record_load(written, digest=quiz_file.source.digest, file=self.name(path), created=quiz is None)

    def load_prerequisites(self) -> None:
        """Once all courses are there, since a course may come before the one that it asks for."""
        for course_file in self.courses:
            course = Course.objects.get(code=course_file.code)
            if standing(course, starter_rows.course_entry(course_file).digest) is Standing.SAME:
                course.prerequisites.set(Course.objects.filter(code__in=course_file.prerequisites))

    def check_prerequisites(self, course_file: CourseFile) -> None:
        for code in course_file.prerequisites:
            if not (self.folder / code / "course.md").exists() and not Course.objects.filter(code=code).exists():
                raise StarterError(course_file.source.path, 1, f"There is no course {code!r} to take before this one.")

    # --- saving

    def is_due(self, thing: Model | None, source: Source, report: Report) -> bool:
        """Whether the file's text is to be written, which is reported here."""
        state = standing(thing, source.digest)
        if state is Standing.SAME:
            report.unchanged += 1
        elif state is Standing.EDITED and not self.overwrite:
            report.left_alone.append(self.name(source.path))
        else:
            (report.created if state is Standing.ABSENT else report.changed).append(self.name(source.path))
            return True
        return False

    def save(
        self, page: Page, parent: Page, source: Source, fill: Callable[[Page], None], report: Report, *, publish: bool
    ) -> Page:
        """Write the file's text as a new revision of its page, published or as a draft; returns the page."""
        created = page.pk is None
        if not self.is_due(None if created else page, source, report):
            return page
        if created:
            fill(page)
            page.live = False
            parent.add_child(instance=page)
        else:
            page = page.get_latest_revision_as_object()
            fill(page)
        page.save_revision(log_action=False)
        self.record(page, source, created=created, publish=publish)
        return page

    def save_translation(
        self, page: Page, page_file: PageFile, twin: PageFile, report: Report, *, publish: bool
    ) -> None:
        # The translation holds both texts: it is due when either changed.
        digest = sha256(f"{page_file.source.digest} {twin.source.digest}".encode()).hexdigest()
        source = Source(twin.source.path, digest)
        existing = page.get_translation_or_none(self.spanish)
        if standing(page, page_file.source.digest) is not Standing.SAME:
            if standing(existing, digest) is not Standing.SAME:
                report.left_alone.append(self.name(source.path))
            return
        if not self.is_due(existing, source, report):
            return
        original = page.get_latest_revision_as_object()
        translated = page.get_latest_revision_as_object()
        starter_pages.fill_page(translated, page_file=twin, original=page_file)
        target = translate_page(original, translated, self.spanish)
        self.record(target, source, created=existing is None, publish=publish)

    def record(self, page: Page, source: Source, *, created: bool, publish: bool) -> None:
        revision = page.latest_revision
        if publish:
            revision.publish()
        record_load(page, digest=source.digest, file=self.name(source.path), created=created, revision=revision)
