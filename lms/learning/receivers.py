"""Answers to the rooms below."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from curricula.signals import records_counted
from lms.jobs.services import enqueue
from quizzes.signals import attempt_regraded

from .models import Completion, Enrollment
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
