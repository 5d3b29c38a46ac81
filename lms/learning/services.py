"""Every write of the record: enrolling, going on, completing, voiding."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from curricula.models import Course
from lms.accounts.models import Person
from lms.audit.services import record
from quizzes.models import Attempt
from quizzes.services import start_attempt

from .enums import CompletionMode, CompletionSource
from .models import Completion, CourseAttempt, Enrollment, SectionProgress
from .selectors import Progress, list_missing_prerequisites
from .signals import completion_recorded, completion_voided


class PrerequisitesMissing(Exception):
    """The course opens after others; ``courses`` are those that are still to be completed."""

    def __init__(self, courses: list[Course]) -> None:
        self.courses = courses
        super().__init__(_("This course opens after others."))


class ModulesMissing(Exception):
    """The quiz opens when every section was read."""


@transaction.atomic
def enroll(*, person: Person, course: Course, language: str, now: datetime) -> Enrollment:
    """Return the person's open enrollment in the course, made anew if there is none.

    Raises PrerequisitesMissing. Clicking twice makes one enrollment.
    """
    if enrollment := Enrollment.objects.filter(person=person, course=course, finished_at=None).first():
        return enrollment
    if missing := list_missing_prerequisites(person, course):
        raise PrerequisitesMissing(missing)
    try:
        with transaction.atomic():
            return Enrollment.objects.create(
                person=person,
                course=course,
                version=course.current_version,
                language=language,
                started_at=now,
                last_seen_at=now,
            )
    except IntegrityError:  # a second click was quicker
        return Enrollment.objects.get(person=person, course=course, finished_at=None)


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
    """Return the open attempt of the enrollment, or a new one. Raises ModulesMissing before every section was read."""
    if not progress.all_read:
        raise ModulesMissing
    quiz = enrollment.course.quiz
    if quiz is None:
        raise ModulesMissing
    attempt = start_attempt(quiz=quiz, person=enrollment.person, context=enrollment.key, now=now)
    CourseAttempt.objects.get_or_create(enrollment=enrollment, attempt=attempt)
    return attempt


@transaction.atomic
def finish_course(*, enrollment: Enrollment, attempt: Attempt | None, now: datetime) -> Completion | None:
    """Close the enrollment and record its one completion, when the attempt passed (or the course has no quiz).

    Double clicks, replays and concurrent requests meet the row lock and the completion's key: there is one row.
    """
    if attempt is not None and not attempt.passed:
        return None
    enrollment = Enrollment.objects.select_for_update().select_related("course", "person").get(pk=enrollment.pk)
    completion = record_completion(
        person=enrollment.person,
        course=enrollment.course,
        started_on=timezone.localdate(enrollment.started_at),
        completed_on=timezone.localdate(now),
        source=CompletionSource.ONLINE,
        mode=CompletionMode.ONLINE,
        actor=enrollment.person,
        now=now,
        key=f"enrollment:{enrollment.key}",
        enrollment=enrollment,
        version=enrollment.version,
        language=enrollment.language,
        score=Decimal(100) * attempt.score / attempt.max_score if attempt and attempt.score is not None else None,
    )
    if enrollment.finished_at is None:
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
    ``score`` is a percentage.
    """
    completion, created = Completion.objects.get_or_create(
        key=key,
        defaults={
            "person": person,
            "course": course,
            "enrollment": enrollment,
            "person_name": person.full_name,
            "course_code": course.code,
            "course_title": course.title,
            "version": course.current_version if version is None else version,
            "language": language,
            "hours": course.hours if hours is None else hours,
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
        completion_recorded.send(sender=Completion, completion_ids=[completion.pk])
    return completion


@transaction.atomic
def void_completion(*, completion: Completion, reason: str, actor: Person, now: datetime) -> Completion:
    """Undo a completion by a voiding row with reason and actor; the completion itself stays as it was written.

    Returns the voiding row (the one that stands, if it was voided before). Raises ValueError without a reason.
    """
    if not reason.strip():
        raise ValueError(_("Say why the completion does not count."))
    voiding, created = Completion.objects.get_or_create(
        voids=completion,
        defaults={
            "key": f"void:{completion.pk}",
            "person": completion.person,
            "course": completion.course,
            "person_name": completion.person_name,
            "course_code": completion.course_code,
            "course_title": completion.course_title,
            "version": completion.version,
            "language": completion.language,
            "hours": completion.hours,
            "source": completion.source,
            "mode": completion.mode,
            "started_on": completion.started_on,
            "completed_on": completion.completed_on,
            "recorded_at": now,
            "recorded_by": actor,
            "reason": reason.strip(),
        },
    )
    if created:
        record(actor=actor, action="completion.voided", target=completion)
        completion_voided.send(sender=Completion, completion_ids=[completion.pk])
    return voiding
