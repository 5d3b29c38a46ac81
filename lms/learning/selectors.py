"""Where a learner stands in a course."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from uuid import UUID

from curricula.hours import WORDS_A_MINUTE
from curricula.models import Course, CoursePage
from curricula.outline import ModuleOutline, SectionOutline, course_outline, reading_load
from lms.accounts.models import Person
from lms.accounts.selectors import identities
from quizzes.models import Attempt

from .enums import AttemptRole
from .models import Completion, CourseAttempt, Enrollment, SectionProgress


@dataclass(frozen=True, eq=False)
class Place:
    """One section of one module."""

    module: ModuleOutline
    section: SectionOutline
    number: int  # of the section in its module, from 1
    read: bool

    @property
    def key(self) -> tuple[UUID, str]:
        return self.module.key, self.section.id


@dataclass(frozen=True)
class ModuleProgress:
    """One module with its places, and how far it was read."""

    outline: ModuleOutline
    number: int  # of the module in its course, from 1
    places: list[Place]

    @property
    def read_count(self) -> int:
        return sum(place.read for place in self.places)

    @property
    def begun(self) -> bool:
        return self.read_count > 0

    @property
    def done(self) -> bool:
        return self.read_count == len(self.places)

    @property
    def next_place(self) -> Place | None:
        """The first unread section, or the first one when all are read; nothing in a module without sections."""
        return next((place for place in self.places if not place.read), self.places[0] if self.places else None)

    @property
    def minutes(self) -> int:
        """Minutes that the whole module takes, by the rule of ``curricula.hours``."""
        load = reading_load(self.outline.page)
        return math.ceil(load.words / WORDS_A_MINUTE + load.video_seconds / 60 + load.practice_minutes)

    @property
    def minutes_left(self) -> int:
        """The unread sections' share of the module's minutes."""
        unread = len(self.places) - self.read_count
        return math.ceil(self.minutes * unread / len(self.places)) if unread else 0


@dataclass(frozen=True)
class Progress:
    """The course's outline with what was read of it; ``done`` holds (module key, section id)."""

    page: CoursePage
    outline: list[ModuleOutline]
    done: frozenset[tuple[UUID, str]]

    @cached_property
    def modules(self) -> list[ModuleProgress]:
        return [
            ModuleProgress(
                outline=module,
                number=module_number,
                places=[
                    Place(module, section, number, read=(module.key, section.id) in self.done)
                    for number, section in enumerate(module.sections, start=1)
                ],
            )
            for module_number, module in enumerate(self.outline, start=1)
        ]

    @cached_property
    def places(self) -> list[Place]:
        return [place for module in self.modules for place in module.places]

    def find(self, module: UUID, section: str) -> Place | None:
        return next((place for place in self.places if place.key == (module, section)), None)

    def module_of(self, place: Place) -> ModuleProgress:
        return next(module for module in self.modules if module.outline.key == place.module.key)

    def after(self, place: Place) -> Place | None:
        position = self.places.index(place) + 1
        return self.places[position] if position < len(self.places) else None

    def before(self, place: Place) -> Place | None:
        position = self.places.index(place)
        return self.places[position - 1] if position else None

    def having_read(self, place: Place) -> Progress:
        """The progress once the place is read."""
        return replace(self, done=self.done | {place.key})

    @property
    def unread(self) -> list[Place]:
        return [place for place in self.places if not place.read]

    @property
    def all_read(self) -> bool:
        return bool(self.places) and not self.unread

    @property
    def read_count(self) -> int:
        return len(self.places) - len(self.unread)

    @property
    def minutes_left(self) -> int:
        return sum(module.minutes_left for module in self.modules)

    def resume_at(self, enrollment: Enrollment) -> Place | None:
        """Where to go on: the last place if it is unread, else the first unread one, else the last place."""
        last = self.find(enrollment.last_module, enrollment.last_section) if enrollment.last_module else None
        if last and not last.read:
            return last
        return next(iter(self.unread), last)


def find_course_page(course: Course, language: str) -> CoursePage | None:
    """Return the live page of the course in the language, else in the language that the site had first."""
    pages = list(CoursePage.objects.live().filter(course=course).select_related("course__quiz", "locale"))
    return min(pages, key=lambda page: (page.locale.language_code != language, page.locale_id), default=None)


def get_progress(enrollment: Enrollment) -> Progress | None:
    """Return how far the enrollment is, or nothing while the course has no live page."""
    page = find_course_page(enrollment.course, enrollment.language)
    if page is None:
        return None
    done = SectionProgress.objects.filter(enrollment=enrollment).values_list("module", "section")
    return Progress(page=page, outline=course_outline(page), done=frozenset(done))


def list_missing_prerequisites(person: Person, course: Course) -> list[Course]:
    """Return the courses that must be completed first and are not."""
    done = Completion.objects.standing().filter(person__in=identities(person)).values("course")
    return list(course.prerequisites.exclude(pk__in=done))


def get_open_enrollment(person: Person, course: Course) -> Enrollment | None:
    """Return the person's open enrollment in the course, whichever of their merged identities began it."""
    open_ones = Enrollment.objects.filter(person__in=identities(person), course=course, finished_at=None)
    return open_ones.order_by("-last_seen_at").first()


def get_last_completion(person: Person, course: Course) -> Completion | None:
    """Return the person's newest completion of the course that counts."""
    return Completion.objects.standing().filter(person__in=identities(person), course=course).first()


def get_completion(enrollment: Enrollment) -> Completion | None:
    """Return what the enrollment ended in, with the row that voids it, if one does."""
    return Completion.objects.filter(enrollment=enrollment).select_related("voided_by").first()


def get_last_attempts(enrollment: Enrollment) -> dict[str, Attempt]:
    """Return the enrollment's newest attempt at each of its quizzes, by the role that the quiz has in the course."""
    made = CourseAttempt.objects.filter(enrollment=enrollment).select_related("attempt").order_by("attempt__number")
    return {line.role: line.attempt for line in made}


def get_passed_attempt(enrollment: Enrollment) -> Attempt | None:
    """Return the attempt at the final quiz that passed first: the one that the record tells of."""
    passed = Attempt.objects.filter(
        course_attempt__enrollment=enrollment, course_attempt__role=AttemptRole.QUIZ, passed=True
    )
    return passed.order_by("submitted_at", "pk").first()
