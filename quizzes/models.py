"""The question bank, quizzes, and what people answered.

An attempt freezes every question as it was drawn: editing a question later changes no attempt.
"""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel

from .enums import QuestionKind
from .grading import percent_of, points_needed


class Quiz(ClusterableModel):
    """An ordered list of questions with a pass mark in percent."""

    code = models.SlugField(_("code"), max_length=80, unique=True)
    title = models.CharField(_("title"), max_length=200)
    pass_percent = models.PositiveSmallIntegerField(
        _("pass mark in percent"), default=80, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )

    class Meta:
        verbose_name = _("quiz")
        verbose_name_plural = _("quizzes")

    def __str__(self) -> str:
        return self.title


class Question(ClusterableModel):
    """One question with its choices; ``stem`` and ``explanation`` are sanitized HTML."""

    quiz = ParentalKey(Quiz, on_delete=models.PROTECT, related_name="questions")
    code = models.SlugField(_("code"), max_length=80)
    kind = models.CharField(_("kind"), max_length=20, choices=QuestionKind.choices)
    topic = models.CharField(_("topic"), max_length=120, blank=True)
    stem = models.TextField(_("question"))
    explanation = models.TextField(_("explanation"), blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    retired = models.BooleanField(_("no longer asked"), default=False)

    sort_order_field = "position"

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        constraints = [models.UniqueConstraint(fields=["quiz", "code"], name="question_code_unique_in_quiz")]

    def __str__(self) -> str:
        return self.code


class Choice(models.Model):
    """One possible answer and what the learner reads after choosing it."""

    question = ParentalKey(Question, on_delete=models.CASCADE, related_name="choices")
    text = models.CharField(_("text"), max_length=500)
    right = models.BooleanField(_("right"), default=False)
    feedback = models.TextField(_("feedback"), blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    sort_order_field = "position"

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("choice")
        verbose_name_plural = _("choices")

    def __str__(self) -> str:
        return self.text


class Attempt(models.Model):
    """One try of one person at one quiz; open until ``submitted_at``, then never changed."""

    quiz = models.ForeignKey(Quiz, on_delete=models.PROTECT, related_name="attempts")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="quiz_attempts")
    context = models.UUIDField(_("what the attempt belongs to"), default=uuid.uuid4)
    number = models.PositiveIntegerField(_("number of the attempt"))
    pass_percent = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    score = models.DecimalField(max_digits=7, decimal_places=2, null=True, blank=True)
    max_score = models.PositiveSmallIntegerField()
    passed = models.BooleanField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["context", "person", "number"], name="attempt_number_unique"),
            models.UniqueConstraint(
                fields=["context", "person"], condition=Q(submitted_at=None), name="attempt_one_open"
            ),
            models.CheckConstraint(
                condition=Q(submitted_at=None, score=None, passed=None)
                | Q(submitted_at__isnull=False, score__isnull=False, passed__isnull=False),
                name="attempt_graded_when_submitted",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quiz} #{self.number}"

    @property
    def percent(self) -> Decimal | None:
        """The score in percent, rounded down to two digits; None while the attempt is open."""
        return None if self.score is None else percent_of(self.score, self.max_score)

    @property
    def points_needed(self) -> int:
        """The fewest whole points that pass."""
        return points_needed(self.max_score, pass_percent=self.pass_percent)


class AttemptQuestion(models.Model):
    """A question as it was drawn for an attempt.

    ``content``: ``{"kind", "stem", "explanation", "choices": [{"id", "text", "right", "feedback"}]}``.
    """

    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="questions")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()
    content = models.JSONField()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["attempt", "position"], name="attempt_question_position_unique")]

    def __str__(self) -> str:
        return f"{self.attempt_id}/{self.position}"

    @property
    def kind(self) -> str:
        return str(self.content["kind"])

    @property
    def choices(self) -> list[dict[str, Any]]:
        return list(self.content["choices"])

    @property
    def choice_ids(self) -> set[int]:
        return {choice["id"] for choice in self.choices}

    @property
    def right_ids(self) -> set[int]:
        return {choice["id"] for choice in self.choices if choice["right"]}

    @property
    def chosen(self) -> set[int]:
        """The ids of the saved answer; empty while the question is open."""
        return set(self.response.chosen) if hasattr(self, "response") else set()


class Response(models.Model):
    """What was chosen for one question of an attempt: a list of choice ids, saved as given."""

    question = models.OneToOneField(AttemptQuestion, on_delete=models.PROTECT, related_name="response")
    chosen = models.JSONField(default=list)
    saved_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.question_id)
