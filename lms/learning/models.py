"""Who takes which course, how far, and the ledger of completions."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from curricula.models import Course
from quizzes.models import Attempt

from .enums import AttemptRole, CompletionMode, CompletionSource, ExternalState


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


class ExternalCredit(models.Model):
    """An outside training that somebody says they took: with its proof, until somebody decides, and what was decided.

    ``program`` empty: one that the site does not know yet, as ``title`` and ``provider`` name it.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="external_credits")
    program = models.ForeignKey(
        Course, null=True, blank=True, on_delete=models.PROTECT, related_name="external_credits"
    )
    title = models.CharField(_("title"), max_length=200)
    provider = models.CharField(_("provider"), max_length=200, blank=True)
    started_on = models.DateField(_("first day"))
    completed_on = models.DateField(_("last day"))
    hours = models.DecimalField(_("hours"), max_digits=5, decimal_places=2)
    state = models.CharField(max_length=20, choices=ExternalState.choices, default=ExternalState.WAITING)
    sent_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    completion = models.OneToOneField(
        Completion, null=True, blank=True, on_delete=models.PROTECT, related_name="external_credit"
    )

    class Meta:
        ordering = ["-sent_at", "-id"]
        indexes = [models.Index(fields=["state", "person"], name="external_by_state")]
        constraints = [
            models.CheckConstraint(condition=Q(completed_on__gte=F("started_on")), name="external_ends_after_start"),
            models.CheckConstraint(
                condition=~Q(state__in=[ExternalState.RETURNED, ExternalState.REFUSED]) | ~Q(reason=""),
                name="external_no_has_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state=ExternalState.APPROVED) | Q(completion__isnull=False),
                name="external_yes_has_completion",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.title}"


class ExternalProof(models.Model):
    """A file that was sent as proof; a further one does not replace an earlier one. Bytes are read by key alone."""

    credit = models.ForeignKey(ExternalCredit, on_delete=models.PROTECT, related_name="proofs")
    kind = models.CharField(max_length=10)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    content = models.BinaryField()
    sent_at = models.DateTimeField()

    class Meta:
        ordering = ["sent_at", "id"]
        constraints = [models.UniqueConstraint(fields=["credit", "sha256"], name="external_proof_once")]

    def __str__(self) -> str:
        return f"{self.credit_id}: {self.kind}"
