"""Where a learner stands in a course."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from curricula.models import Course, CoursePage
from curricula.outline import ModuleOutline, SectionOutline, course_outline
from lms.accounts.models import Person
from lms.accounts.selectors import identities

from .models import Completion, Enrollment, SectionProgress


@dataclass(frozen=True)
class Place:
    """One section of one module."""

    module: ModuleOutline
    section: SectionOutline
    number: int  # of the section in its module, from 1


@dataclass(frozen=True)
class Progress:
    """The course's outline with what was read of it."""

    page: CoursePage
    modules: list[ModuleOutline]
    done: set[tuple[UUID, str]]

    @property
    def places(self) -> list[Place]:
        return [
            Place(module, section, number)
            for module in self.modules
            for number, section in enumerate(module.sections, start=1)
        ]

    def find(self, module: UUID, section: str) -> Place | None:
        return next((place for place in self.places if (place.module.key, place.section.id) == (module, section)), None)

    def after(self, place: Place) -> Place | None:
        places = self.places
        position = places.index(place) + 1
        return places[position] if position < len(places) else None

    def before(self, place: Place) -> Place | None:
        places = self.places
        position = places.index(place)
        return places[position - 1] if position else None

    def is_read(self, place: Place) -> bool:
        return (place.module.key, place.section.id) in self.done

    @property
    def unread(self) -> list[Place]:
        return [place for place in self.places if not self.is_read(place)]

    @property
    def all_read(self) -> bool:
        return bool(self.places) and not self.unread

    @property
    def read_count(self) -> int:
        return len(self.places) - len(self.unread)

    def module_lines(self) -> list[tuple[ModuleOutline, int, int, Place | None]]:
        """Each module with its sections read, its sections in all, and its first place."""
        lines = []
        for module in self.modules:
            places = [place for place in self.places if place.module is module]
            lines.append((module, sum(map(self.is_read, places)), len(places), places[0] if places else None))
        return lines

    def resume_at(self, enrollment: Enrollment) -> Place | None:
        """Where to go on: the last place if it is unread, else the first unread one, else the last place."""
        last = self.find(enrollment.last_module, enrollment.last_section) if enrollment.last_module else None
        if last and not self.is_read(last):
            return last
        return self.unread[0] if self.unread else last


def find_course_page(course: Course, language: str) -> CoursePage | None:
    """The live page of the course in the language, else in any."""
    pages = list(CoursePage.objects.live().filter(course=course).select_related("course__quiz", "locale"))
    return next((page for page in pages if page.locale.language_code == language), pages[0] if pages else None)


def get_progress(enrollment: Enrollment) -> Progress | None:
    """Return how far the enrollment is, or nothing while the course has no live page."""
    page = find_course_page(enrollment.course, enrollment.language)
    if page is None:
        return None
    done = set(SectionProgress.objects.filter(enrollment=enrollment).values_list("module", "section"))
    return Progress(page=page, modules=course_outline(page), done=done)


def list_missing_prerequisites(person: Person, course: Course) -> list[Course]:
    """The courses that must be completed first and are not."""
    done = Completion.objects.standing().filter(person__in=identities(person)).values("course")
    return list(course.prerequisites.exclude(pk__in=done))


def get_open_enrollment(person: Person, course: Course) -> Enrollment | None:
    return Enrollment.objects.filter(person=person, course=course, finished_at=None).first()


def get_last_completion(person: Person, course: Course) -> Completion | None:
    return Completion.objects.standing().filter(person__in=identities(person), course=course).first()
