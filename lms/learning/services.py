"""Every write of the record: enrolling, going on, completing, voiding."""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID, uuid5

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from curricula.models import Course
from lms.accounts.models import Person
from lms.accounts.selectors import resolve_person
from lms.audit.services import record
from quizzes.enums import RegradeState
from quizzes.models import Attempt, Quiz, RegradedAttempt
from quizzes.selectors import list_overdue_attempts
from quizzes.services import QuizHasNoQuestions, start_attempt, submit_attempt

from .enums import AttemptRole, CompletionMode, CompletionSource
from .models import Completion, CourseAttempt, Enrollment, SectionProgress
from .selectors import (
    Progress,
    get_completion,
    get_last_attempts,
    get_open_enrollment,
    get_passed_attempt,
    get_progress,
    list_missing_prerequisites,
)
from .signals import completion_recorded, completion_voided

logger = logging.getLogger(__name__)

# What a voiding row repeats of the completion that it takes back.
COPIED_BY_VOID = (
    *("person", "person_name", "course", "course_code", "course_title", "version", "language", "hours", "score"),
    *("source", "mode", "place", "instructor", "started_on", "completed_on"),
)


class PrerequisitesMissing(Exception):
    """The course opens after others; ``courses`` are those that are still to be completed."""

    def __init__(self, courses: list[Course]) -> None:
        self.courses = courses
        super().__init__(_("This course opens after others."))


class ModulesMissing(Exception):
    """The quiz opens when every section was read."""


class TooLateForPreTest(Exception):
    """Something was read already, so that a pre-test would no longer tell what was known before."""


class CourseNotDone(Exception):
    """The survey opens when the course is done."""


@transaction.atomic
def enroll(*, person: Person, course: Course, language: str, now: datetime) -> Enrollment:
    """Return the person's open enrollment in the course, made anew if there is none.

    Raises PrerequisitesMissing. Clicking twice makes one enrollment.
    """
    if enrollment := get_open_enrollment(person, course):
        return enrollment
    if missing := list_missing_prerequisites(person, course):
        raise PrerequisitesMissing(missing)
    enrollment, _created = Enrollment.objects.get_or_create(
        person=person,
        course=course,
        finished_at=None,
        defaults={
            "version": course.current_version,
            "language": language,
            "started_at": now,
            "last_seen_at": now,
        },
    )
    return enrollment


def note_place(*, enrollment: Enrollment, module: UUID, section: str, now: datetime) -> None:
    """Remember where the learner is, so that "Resume" leads exactly there."""
    Enrollment.objects.filter(pk=enrollment.pk, finished_at=None).update(
        last_module=module, last_section=section, last_seen_at=now
    )


def record_section(*, enrollment: Enrollment, module: UUID, section: str, now: datetime) -> None:
    """Note that the section was read to its end; reading it again changes nothing."""
    if enrollment.finished_at is None:
        SectionProgress.objects.get_or_create(
            enrollment=enrollment, module=module, section=section, defaults={"done_at": now}
        )


@transaction.atomic
def begin_quiz(*, enrollment: Enrollment, progress: Progress, now: datetime) -> Attempt:
    """Return the open attempt of the enrollment, or a new one.

    Raises ModulesMissing before every section was read, and what ``quizzes.services.start_attempt`` raises.
    """
    if not progress.all_read:
        raise ModulesMissing
    return _begin(enrollment, AttemptRole.QUIZ, enrollment.course.quiz, enrollment.key, now)


@transaction.atomic
def begin_pre_test(*, enrollment: Enrollment, progress: Progress, now: datetime) -> Attempt:
    """Return the enrollment's one attempt at the pre-test: a new one as long as nothing was read.

    Raises TooLateForPreTest, and what ``quizzes.services.start_attempt`` raises.
    """
    if made := get_last_attempts(enrollment).get(AttemptRole.BEFORE):
        return made
    if progress.read_count or enrollment.finished_at is not None:
        raise TooLateForPreTest
    quiz = enrollment.course.quiz and enrollment.course.quiz.pre_test
    return _begin(enrollment, AttemptRole.BEFORE, quiz, uuid5(enrollment.key, AttemptRole.BEFORE), now)


@transaction.atomic
def begin_survey(*, enrollment: Enrollment, now: datetime) -> Attempt:
    """Return the enrollment's one attempt at the survey, which opens when the course is done.

    Raises CourseNotDone, and what ``quizzes.services.start_attempt`` raises.
    """
    if made := get_last_attempts(enrollment).get(AttemptRole.SURVEY):
        return made
    if enrollment.finished_at is None:
        raise CourseNotDone
    quiz = enrollment.course.quiz and enrollment.course.quiz.survey
    return _begin(enrollment, AttemptRole.SURVEY, quiz, uuid5(enrollment.key, AttemptRole.SURVEY), now)


def _begin(enrollment: Enrollment, role: AttemptRole, quiz: Quiz | None, context: UUID, now: datetime) -> Attempt:
    if quiz is None:
        raise QuizHasNoQuestions(enrollment.course.code)
    attempt = start_attempt(quiz=quiz, person=enrollment.person, context=context, now=now, language=enrollment.language)
    CourseAttempt.objects.get_or_create(attempt=attempt, defaults={"enrollment": enrollment, "role": role})
    return attempt


def record_result(*, attempt: Attempt, actor: Person, now: datetime) -> Completion | None:
    """Record what follows from a submitted attempt: a final quiz that is passed finishes its course."""
    line = CourseAttempt.objects.filter(attempt=attempt).select_related("enrollment").first()
    if line is None or line.role != AttemptRole.QUIZ or not attempt.passed:
        return None
    return finish_course(enrollment=line.enrollment, actor=actor, now=now)


def hand_in_overdue(*, now: datetime) -> int:
    """Hand in what is there of every attempt whose time ran out while nobody looked, and return how many were.

    It is handed in as of its deadline: that is when its answers were complete. Called each minute; one that fails holds
    up no other, and is tried again.
    """
    done = 0
    for attempt in list_overdue_attempts(as_of=now):
        try:
            _hand_in(attempt)
        except Exception:
            logger.exception("Attempt %s could not be handed in; it is tried again at the next tick.", attempt.pk)
        else:
            done += 1
    return done


def _hand_in(attempt: Attempt) -> None:
    ended = attempt.deadline_at
    assert ended is not None

    def record_what_follows(submitted: Attempt) -> None:
        record_result(attempt=submitted, actor=attempt.person, now=ended)

    submit_attempt(attempt=attempt, now=ended, on_submitted=record_what_follows)


@transaction.atomic
def follow_regrade(*, attempt_ids: Collection[int], now: datetime) -> None:
    """Bring the record in line with passes that a corrected key gave or took: finish the course, or void what it gave.

    A completion stands as long as any attempt of its enrollment passes. Calling it twice changes nothing.
    """
    lines = (
        RegradedAttempt.objects.filter(
            attempt__in=attempt_ids,
            attempt__course_attempt__role=AttemptRole.QUIZ,
            state__in=[RegradeState.APPLIED, RegradeState.WITHDRAWN],
        )
        .select_related("attempt__course_attempt__enrollment", "regrade__made_by", "decided_by")
        .order_by("pk")
    )
    for line in {line.attempt_id: line for line in lines}.values():
        enrollment = line.attempt.course_attempt.enrollment
        if line.attempt.passed:
            finish_course(enrollment=enrollment, actor=line.regrade.made_by, now=now)
        elif line.decided_by is not None and get_passed_attempt(enrollment) is None:
            completion = get_completion(enrollment)
            if completion is not None:
                void_completion(completion=completion, reason=line.decision, actor=line.decided_by, now=now)


@transaction.atomic
def finish_course(*, enrollment: Enrollment, actor: Person, now: datetime) -> Completion | None:
    """Close the enrollment and record its one completion; nothing while something is open or the course is away.

    Done is a course when every section was read and, where it has a quiz, an attempt passed. Double clicks, replays and
    concurrent requests meet the row lock and the completion's key: there is one row, and each call returns it.
    """
    # The enrollment's row alone is locked: the course's would hold up everybody who takes it.
    locked = Enrollment.objects.select_for_update(of=("self",)).select_related("course__quiz", "person")
    enrollment = locked.get(pk=enrollment.pk)
    if enrollment.finished_at is not None:
        return get_completion(enrollment)
    progress = get_progress(enrollment)
    attempt = get_passed_attempt(enrollment)
    if progress is None or not progress.all_read or (enrollment.course.quiz and attempt is None):
        return None
    completion = record_completion(
        person=resolve_person(enrollment.person),
        course=enrollment.course,
        started_on=timezone.localdate(enrollment.started_at),
        completed_on=timezone.localdate(now),
        source=CompletionSource.ONLINE,
        mode=CompletionMode.ONLINE,
        actor=actor,
        now=now,
        key=f"enrollment:{enrollment.key}",
        enrollment=enrollment,
        version=enrollment.version,
        language=enrollment.language,
        score=attempt.percent if attempt else None,
    )
    enrollment.finished_at = now
    enrollment.save(update_fields=["finished_at"])
    return completion


@transaction.atomic
def record_completion(
    *,
    person: Person,
    course: Course,
    started_on: date,
    completed_on: date,
    source: str,
    mode: str,
    actor: Person | None,
    now: datetime,
    key: str,
    enrollment: Enrollment | None = None,
    version: int | None = None,
    hours: Decimal | None = None,
    score: Decimal | None = None,
    language: str = "en",
    place: str = "",
    instructor: str = "",
) -> Completion:
    """Write one row of the ledger, copying what is true now, and tell who listens, in the same transaction.

    ``key`` makes it safe to say twice: the row that stands is returned. ``hours`` are credit hours in quarter hours,
    those of the version when not given; ``score`` is a percentage.
    """
    version = course.current_version if version is None else version
    hours = _hours_of(course, version) if hours is None else hours
    completion, created = Completion.objects.get_or_create(
        key=key,
        defaults={
            "person": person,
            "course": course,
            "enrollment": enrollment,
            "person_name": person.full_name,
            "course_code": course.code,
            "course_title": course.title,
            "version": version,
            "language": language,
            "hours": hours,
            "score": score.quantize(Decimal("0.01")) if score is not None else None,
            "source": source,
            "mode": mode,
            "place": place,
            "instructor": instructor,
            "started_on": started_on,
            "completed_on": completed_on,
            "recorded_at": now,
            "recorded_by": actor,
        },
    )
    if created:
        record(actor=actor, action="completion.recorded", target=completion, detail={"source": source})
        completion_recorded.send(
            sender=Completion,
            completion_ids=[completion.pk],
            person_ids=[completion.person_id],
            course_ids=[completion.course_id],
        )
    return completion


def _hours_of(course: Course, version: int) -> Decimal:
    if version == course.current_version:
        return course.hours
    return next(iter(course.versions.filter(number=version).values_list("hours", flat=True)), course.hours)


@transaction.atomic
def void_completion(*, completion: Completion, reason: str, actor: Person, now: datetime) -> Completion:
    """Undo a completion by a voiding row with reason and actor; the completion itself stays as it was written.

    Returns the voiding row (the one that stands, if it was voided before). Raises ValueError without a reason, and for
    a row that is itself a voiding one.
    """
    if completion.voids_id is not None:
        raise ValueError(_("This row takes a completion back; it can't be taken back itself."))
    if not reason.strip():
        raise ValueError(_("Say why the completion does not count."))
    voiding, created = Completion.objects.get_or_create(
        voids=completion,
        defaults={
            **{name: getattr(completion, name) for name in COPIED_BY_VOID},
            "key": f"void:{completion.pk}",
            "recorded_at": now,
            "recorded_by": actor,
            "reason": reason.strip(),
        },
    )
    if created:
        record(actor=actor, action="completion.voided", target=completion, detail={"reason": voiding.reason})
        completion_voided.send(
            sender=Completion,
            completion_ids=[completion.pk],
            person_ids=[completion.person_id],
            course_ids=[completion.course_id],
        )
    return voiding
