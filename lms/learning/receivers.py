"""Answers to the rooms below."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from curricula.signals import records_counted
from lms.accounts.signals import person_erased
from lms.jobs.services import enqueue
from quizzes.signals import attempt_regraded, attempts_erased

from .enums import ExternalState
from .models import Completion, CourseAttempt, Enrollment, ExternalCredit, ExternalProof, SectionProgress
from .services import follow_regrade

AT_ONCE = 50
"""Above so many people the record follows in a job."""


@receiver(records_counted)
def count_records(sender: Any, course_ids: list[int], **kwargs: Any) -> int:
    """How many completions and enrollments hang on the courses."""
    return (
        Completion.objects.filter(course__in=course_ids).count()
        + Enrollment.objects.filter(course__in=course_ids).count()
    )


@receiver(attempt_regraded, dispatch_uid="learning.follow_regrade")
def follow_corrected_key(sender: Any, attempt_ids: list[int], **kwargs: Any) -> None:
    """Give or take back the completions that hang on attempts whose key was corrected."""
    if len(attempt_ids) > AT_ONCE:
        enqueue(kind="learning.follow_regrade", args={"attempt_ids": attempt_ids})
    else:
        follow_regrade(attempt_ids=attempt_ids, now=timezone.now())


@receiver(attempts_erased, dispatch_uid="learning.erase_attempts")
def let_attempts_go(sender: Any, attempt_ids: list[int], **kwargs: Any) -> None:
    CourseAttempt.objects.filter(attempt__in=attempt_ids).delete()


@receiver(person_erased, dispatch_uid="learning.erase")
def remove_progress(sender: Any, person_ids: list[int], **kwargs: Any) -> None:
    """Remove what was begun and read, and what was sent in as proof; what was completed stands in the ledger."""
    enrollments = Enrollment.objects.filter(person__in=person_ids)
    SectionProgress.objects.filter(enrollment__in=enrollments).delete()
    CourseAttempt.objects.filter(enrollment__in=enrollments).delete()
    enrollments.filter(completion=None).delete()
    credits = ExternalCredit.objects.filter(person__in=person_ids)
    ExternalProof.objects.filter(credit__in=credits).delete()
    credits.exclude(state=ExternalState.APPROVED).delete()
