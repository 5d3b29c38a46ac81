"""Answers to the rooms below."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from lms.accounts.signals import person_erased

from .models import Attempt, AttemptQuestion, RegradedAttempt, Response, TimeExtension
from .signals import attempts_erased


@receiver(person_erased, dispatch_uid="quizzes.erase")
def remove_answers(person_ids: list[int], **kwargs: Any) -> None:
    """Remove what the person answered; the score of what they completed stands in the ledger."""
    attempts = list(Attempt.objects.filter(person__in=person_ids).values_list("pk", flat=True))
    attempts_erased.send(sender=Attempt, attempt_ids=attempts)
    Response.objects.filter(question__attempt__in=attempts).delete()
    AttemptQuestion.objects.filter(attempt__in=attempts).delete()
    RegradedAttempt.objects.filter(attempt__in=attempts).delete()
    Attempt.objects.filter(pk__in=attempts).delete()
    TimeExtension.objects.filter(person__in=person_ids).delete()
