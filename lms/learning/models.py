"""Who takes which course, how far, and the ledger of completions."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from curricula.models import Course
from quizzes.models import Attempt

from .enums import AttemptRole, CompletionMode, CompletionSource


class Enrollment(models.Model):
    """One pass of one person through one course; at most one is open for each person and course."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="enrollments")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="enrollments")
    version = models.PositiveIntegerField()
    language = models.CharField(max_length=10, default="en")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    last_module = models.UUIDField(null=True, blank=True)
    last_section = models.CharField(max_length=36, blank=True)
    last_seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "course"], condition=Q(finished_at=None), name="enrollment_one_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.course}"


class SectionProgress(models.Model):
    """A section that was read to its end: keyed by the module's translation key and the section's block id, so that
    it survives edits, moves and a change of language."""

    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="sections")
    module = models.UUIDField()
    section = models.CharField(max_length=36)
    done_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enrollment", "module", "section"], name="section_progress_unique")
        ]

    def __str__(self) -> str:
        return f"{self.enrollment_id}: {self.section}"


class CourseAttempt(models.Model):
    """Which enrollment a quiz attempt belongs to, and as what; passing counts in the final quiz alone."""

    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="course_attempts")
    role = models.CharField(max_length=20, choices=AttemptRole.choices, default=AttemptRole.QUIZ)
    attempt = models.OneToOneField(Attempt, on_delete=models.PROTECT, related_name="course_attempt")

    def __str__(self) -> str:
        return str(self.attempt)


class CompletionQuerySet(models.QuerySet["Completion"]):
    def standing(self) -> CompletionQuerySet:
        """Completions that count: neither voiding rows nor voided."""
        return self.filter(voids=None, voided_by=None)


class Completion(models.Model):
    """The ledger: append-only by database trigger. A row copies what was true when it was made; it is undone only by
    a voiding row, which names it in ``voids``."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="completions")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="completions")
    enrollment = models.OneToOneField(
        Enrollment, null=True, blank=True, on_delete=models.PROTECT, related_name="completion"
    )
    key = models.CharField(max_length=200, unique=True)
    person_name = models.CharField(max_length=260)
    course_code = models.CharField(max_length=80)
    course_title = models.CharField(max_length=200)
    version = models.PositiveIntegerField()
    language = models.CharField(max_length=10)
    hours = models.DecimalField(max_digits=5, decimal_places=2)
    score = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    source = models.CharField(max_length=20, choices=CompletionSource.choices)
    mode = models.CharField(max_length=20, choices=CompletionMode.choices)
    place = models.CharField(max_length=200, blank=True)
    instructor = models.CharField(max_length=260, blank=True)
    started_on = models.DateField()
    completed_on = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    voids = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="voided_by")
    reason = models.TextField(_("reason"), blank=True)

    objects = CompletionQuerySet.as_manager()

    class Meta:
        ordering = ["-completed_on", "-id"]
        indexes = [models.Index(fields=["person", "course", "completed_on"])]
        constraints = [
            models.CheckConstraint(condition=Q(completed_on__gte=F("started_on")), name="completion_ends_after_start"),
            models.CheckConstraint(condition=Q(voids=None) | ~Q(reason=""), name="completion_void_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.person_name}: {self.course_title}, {self.completed_on}"
