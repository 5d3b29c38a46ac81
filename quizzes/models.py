"""The question bank, quizzes, and what people answered.

An attempt freezes every question as it was drawn: editing a question later changes no attempt.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel

from lms.agencies.models import GridTopic

from .enums import ONE_CLICK_KINDS, FeedbackPolicy, QuestionKind, QuizKind, RegradeState
from .grading import percent_of, points_needed

GRACE = timedelta(seconds=10)
"""How much later than its deadline an answer may arrive: it was given in time and the line was slow."""


class Quiz(ClusterableModel):
    """Questions in order, and draws by tag, with a pass mark in percent. A survey is a quiz that is not graded.

    ``pre_test`` is asked before what this quiz asks about was taught: both together tell what was learned.
    """

    code = models.SlugField(_("code"), max_length=80, unique=True)
    title = models.CharField(_("title"), max_length=200)
    kind = models.CharField(_("kind"), max_length=20, choices=QuizKind.choices, default=QuizKind.QUIZ)
    pass_percent = models.PositiveSmallIntegerField(
        _("pass mark in percent"), default=80, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    shuffle_choices = models.BooleanField(_("shuffle the choices"), default=True)
    shuffle_questions = models.BooleanField(_("shuffle the questions"), default=False)
    feedback = models.CharField(
        _("feedback"), max_length=20, choices=FeedbackPolicy.choices, default=FeedbackPolicy.AFTER_PASSING
    )
    attempts_allowed = models.PositiveSmallIntegerField(
        _("attempts"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    cool_off_hours = models.PositiveSmallIntegerField(_("hours between attempts"), default=0)
    time_limit_minutes = models.PositiveSmallIntegerField(
        _("time limit in minutes"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    opens_at = models.DateTimeField(_("opens"), null=True, blank=True)
    closes_at = models.DateTimeField(_("closes"), null=True, blank=True)
    pre_test = models.ForeignKey(
        "self", verbose_name=_("pre-test"), null=True, blank=True, on_delete=models.PROTECT, related_name="post_tests"
    )
    survey = models.ForeignKey(
        "self", verbose_name=_("survey afterwards"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("quiz")
        verbose_name_plural = _("quizzes")
        constraints = [
            models.CheckConstraint(
                condition=Q(opens_at=None) | Q(closes_at=None) | Q(closes_at__gt=models.F("opens_at")),
                name="quiz_opens_before_it_closes",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_survey(self) -> bool:
        return self.kind == QuizKind.SURVEY


class Question(ClusterableModel):
    """One question with its choices; ``stem`` and ``explanation`` are sanitized HTML.

    What is asked is kept as versions (``QuestionVersion``): an edit of a question that nobody was asked changes it, an
    edit of one that was asked makes a new version when it is drawn next.
    """

    quiz = ParentalKey(Quiz, on_delete=models.PROTECT, related_name="questions")
    code = models.SlugField(_("code"), max_length=80)
    kind = models.CharField(_("kind"), max_length=20, choices=QuestionKind.choices)
    topic = models.CharField(_("topic"), max_length=120, blank=True)
    tags = models.CharField(_("tags"), max_length=200, blank=True)
    objective = models.CharField(_("learning objective"), max_length=300, blank=True)
    grid_topic = models.ForeignKey(
        GridTopic,
        verbose_name=_("topic of the work-scope grid"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    language = models.CharField(
        _("language"), max_length=10, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE
    )
    stem = models.TextField(_("question"))
    explanation = models.TextField(_("explanation"), blank=True)
    tolerance = models.DecimalField(
        _("tolerance"), max_digits=20, decimal_places=8, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    keep_order = models.BooleanField(_("never shuffle its choices"), default=False)
    drawn_only = models.BooleanField(_("asked only when drawn by a tag"), default=False)
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

    @property
    def tag_set(self) -> set[str]:
        """The tags as they are compared: between commas, in lower case."""
        return {tag for part in self.tags.split(",") if (tag := part.strip().lower())}


class Choice(models.Model):
    """One line of a question, by its kind: a possible answer, a prompt and what matches it, an item in its place, or an
    accepted answer. ``share`` is its part of the point in percent; negative, it takes away."""

    question = ParentalKey(Question, on_delete=models.CASCADE, related_name="choices")
    text = models.CharField(_("text"), max_length=500, blank=True)
    match = models.CharField(_("what matches it"), max_length=500, blank=True)
    right = models.BooleanField(_("right"), default=False)
    share = models.DecimalField(
        _("share of the point in percent"),
        max_digits=8,
        decimal_places=5,
        null=True,
        blank=True,
        validators=[MinValueValidator(-100), MaxValueValidator(100)],
    )
    feedback = models.TextField(_("feedback"), blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    sort_order_field = "position"

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("choice")
        verbose_name_plural = _("choices")

    def __str__(self) -> str:
        return self.text or self.match


class QuestionVariant(models.Model):
    """The question in another language: texts alone, line by line those of its choices.

    Key, answers and statistics are the question's own, whichever language was shown.
    """

    question = ParentalKey(Question, on_delete=models.CASCADE, related_name="variants")
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES)
    stem = models.TextField(_("question"))
    explanation = models.TextField(_("explanation"), blank=True)
    texts = models.TextField(_("texts"), blank=True)
    matches = models.TextField(_("what matches them"), blank=True)
    feedback = models.TextField(_("feedback"), blank=True)

    class Meta:
        ordering = ["language"]
        verbose_name = _("variant in another language")
        verbose_name_plural = _("variants in other languages")
        constraints = [models.UniqueConstraint(fields=["question", "language"], name="question_variant_unique")]

    def __str__(self) -> str:
        return f"{self.question_id}: {self.language}"


class Draw(models.Model):
    """So many questions at random, of those that carry a tag."""

    quiz = ParentalKey(Quiz, on_delete=models.CASCADE, related_name="draws")
    source = models.ForeignKey(
        Quiz, verbose_name=_("out of another quiz"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    tag = models.CharField(_("tag"), max_length=60)
    number = models.PositiveSmallIntegerField(_("how many"), validators=[MinValueValidator(1)])

    class Meta:
        ordering = ["id"]
        verbose_name = _("draw")
        verbose_name_plural = _("draws")

    def __str__(self) -> str:
        return f"{self.number} × {self.tag}"


class QuestionVersion(models.Model):
    """A question as it read when it was first drawn so; see ``quizzes.contents`` for ``content``. Never changed."""

    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    content = models.JSONField()
    first_drawn_at = models.DateTimeField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["question", "number"], name="question_version_number_unique"),
            models.UniqueConstraint(fields=["question", "digest"], name="question_version_digest_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.question_id} v{self.number}"


class TimeExtension(models.Model):
    """More time for one person, in one quiz or in all."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="time_extensions")
    quiz = models.ForeignKey(Quiz, null=True, blank=True, on_delete=models.PROTECT, related_name="time_extensions")
    extra_percent = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(900)])
    granted_at = models.DateTimeField()
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "quiz"], name="time_extension_unique_for_quiz"),
            models.UniqueConstraint(fields=["person"], condition=Q(quiz=None), name="time_extension_unique_for_all"),
        ]

    def __str__(self) -> str:
        return f"{self.person}: +{self.extra_percent} %"


class Attempt(models.Model):
    """One try of one person at one quiz; open until ``submitted_at``, then changed by a regrading alone."""

    quiz = models.ForeignKey(Quiz, on_delete=models.PROTECT, related_name="attempts")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="quiz_attempts")
    context = models.UUIDField(_("what the attempt belongs to"), default=uuid.uuid4)
    number = models.PositiveIntegerField(_("number of the attempt"))
    language = models.CharField(max_length=10, default=settings.LANGUAGE_CODE)
    pass_percent = models.PositiveSmallIntegerField()
    feedback = models.CharField(max_length=20, choices=FeedbackPolicy.choices, default=FeedbackPolicy.AFTER_PASSING)
    started_at = models.DateTimeField()
    deadline_at = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    score = models.DecimalField(max_digits=7, decimal_places=2, null=True, blank=True)
    question_count = models.PositiveSmallIntegerField()
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
                | Q(submitted_at__isnull=False, score__isnull=False, passed__isnull=False)
                # A survey is neither passed nor failed.
                | Q(submitted_at__isnull=False, score=0, max_score=0, passed=None),
                name="attempt_graded_when_submitted",
            ),
        ]
        indexes = [
            models.Index(fields=["deadline_at"], condition=Q(submitted_at=None), name="attempt_open_by_deadline")
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

    @property
    def is_survey(self) -> bool:
        """Whether nothing in it is graded."""
        return self.max_score == 0

    @property
    def closes_answers(self) -> bool:
        """Whether each answer is told at once whether it is right, and stands."""
        return self.feedback == FeedbackPolicy.NOW

    def is_time_up(self, now: datetime) -> bool:
        """Whether what is there may be handed in, open questions or not."""
        return self.deadline_at is not None and now >= self.deadline_at

    def is_overdue(self, now: datetime) -> bool:
        """Whether an answer that arrives now is too late."""
        return self.deadline_at is not None and now > self.deadline_at + GRACE


class AttemptQuestion(models.Model):
    """A question as it was drawn for an attempt; see ``quizzes.contents`` for ``content``."""

    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="questions")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(
        QuestionVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="attempt_questions"
    )
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
    def is_one_click(self) -> bool:
        return self.kind in ONE_CLICK_KINDS

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
    def options(self) -> list[dict[str, Any]]:
        """What the prompts of a matching question are matched with."""
        return list(self.content.get("options", []))

    @property
    def chosen(self) -> list[int | str]:
        """The saved answer; empty while the question is open."""
        return list(self.response.chosen) if hasattr(self, "response") else []


class Response(models.Model):
    """What was given for one question of an attempt, saved as given; see ``quizzes.grading`` for ``chosen``.

    ``revision`` counts the changes; ``page`` and ``sequence`` say which page wrote last and its how-manieth message
    that was, so that a message sent twice, or overtaken by a later one, changes nothing.
    """

    question = models.OneToOneField(AttemptQuestion, on_delete=models.PROTECT, related_name="response")
    chosen = models.JSONField(default=list)
    saved_at = models.DateTimeField()
    revision = models.PositiveIntegerField(default=1)
    page = models.UUIDField(null=True, blank=True)
    sequence = models.PositiveBigIntegerField(default=0)
    points = models.DecimalField(max_digits=7, decimal_places=6, null=True, blank=True)

    def __str__(self) -> str:
        return str(self.question_id)


class Regrade(models.Model):
    """A correction of a question's key, and why it was made."""

    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="regrades")
    version = models.ForeignKey(QuestionVersion, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(_("reason"))
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-made_at"]
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="regrade_has_reason")]

    def __str__(self) -> str:
        return f"{self.question}: {self.reason}"


class RegradedAttempt(models.Model):
    """What a correction does to one attempt; one that would take a pass away waits for a coordinator."""

    regrade = models.ForeignKey(Regrade, on_delete=models.PROTECT, related_name="attempts")
    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="regrades")
    score_before = models.DecimalField(max_digits=7, decimal_places=2)
    score_after = models.DecimalField(max_digits=7, decimal_places=2)
    passed_before = models.BooleanField()
    passed_after = models.BooleanField()
    state = models.CharField(max_length=20, choices=RegradeState.choices)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decision = models.TextField(_("reason of the decision"), blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["regrade", "attempt"], name="regraded_attempt_unique")]

    def __str__(self) -> str:
        return f"{self.attempt}: {self.score_before} → {self.score_after}"
