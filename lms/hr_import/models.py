"""Imports: the file, what it would change, what it did change."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from curricula.models import Course
from lms.agencies.models import Agency
from lms.jobs.models import Job
from lms.learning.models import Completion

from .enums import ChangeKind, DateOrder, EffectKind, Note, RunKind, RunState, WhenKnown


class ColumnMapping(models.Model):
    """How an agency names its columns: remembered from one file to the next."""

    agency = models.ForeignKey(Agency, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=RunKind.choices)
    columns = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("column names")
        verbose_name_plural = _("column names")
        constraints = [
            models.UniqueConstraint(fields=["agency", "kind"], name="column_mapping_of_agency"),
            models.UniqueConstraint(fields=["kind"], condition=Q(agency=None), name="column_mapping_of_site"),
        ]

    def __str__(self) -> str:
        return f"{self.agency or _('the whole site')}: {self.get_kind_display()}"


class ImportRun(models.Model):
    """One file: read, shown, applied, perhaps undone.

    ``applied_through`` and ``undone_through`` are written with the rows they speak of, in one transaction, so that a
    run that was killed goes on exactly there.
    """

    kind = models.CharField(_("kind"), max_length=20, choices=RunKind.choices)
    agency = models.ForeignKey(
        Agency,
        verbose_name=_("agency"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Empty: the whole site."),
    )
    state = models.CharField(_("state"), max_length=20, choices=RunState.choices)
    full = models.BooleanField(_("who is missing leaves"), default=False)
    all_or_nothing = models.BooleanField(_("all or nothing"), default=False)
    date_order = models.CharField(max_length=3, choices=DateOrder.choices, default=DateOrder.UNSAID, blank=True)
    when_known = models.CharField(max_length=10, choices=WhenKnown.choices, default=WhenKnown.KEEP)
    file_name = models.CharField(_("file"), max_length=200)
    file_hash = models.CharField(_("SHA-256 of the file"), max_length=64)
    header = models.JSONField(default=list)
    mapping = models.JSONField(default=dict)
    as_of = models.DateField(_("as of"))
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("sent at"))
    applied_at = models.DateTimeField(_("applied at"), null=True, blank=True)
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True)
    rows_removed_at = models.DateTimeField(_("rows removed at"), null=True, blank=True)
    counts = models.JSONField(default=dict)
    ending = models.PositiveIntegerField(_("jobs that end"), default=0)
    jobs_before = models.PositiveIntegerField(_("jobs before"), default=0)
    applied_through = models.PositiveIntegerField(default=0)
    undone_through = models.PositiveBigIntegerField(null=True, blank=True)
    error = models.CharField(_("why it could not be read"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-id"]
        indexes = [models.Index(fields=["agency", "-id"], name="import_run_by_agency")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}: {self.file_name}"

    @property
    def ends_many(self) -> bool:
        """Whether more than one job in ten ends, which is asked about twice."""
        return self.ending * 10 > self.jobs_before

    @property
    def refused(self) -> int:
        return int(self.counts.get(ChangeKind.REFUSED, 0))

    @property
    def to_do(self) -> int:
        """How many rows change something."""
        return sum(self.counts.values()) - self.refused - int(self.counts.get(ChangeKind.UNCHANGED, 0))

    @property
    def blocked(self) -> bool:
        """Whether a row is refused where all or nothing was asked for."""
        return self.all_or_nothing and self.refused > 0


class ImportFile(models.Model):
    """The file of a run that was not planned yet; the plan's rows take its place."""

    run = models.OneToOneField(ImportRun, primary_key=True, on_delete=models.CASCADE, related_name="file")
    content = models.BinaryField()

    def __str__(self) -> str:
        return str(self.run)


class NotedRow(models.Model):
    """A row of which something is said in the words of ``Note``."""

    notes = models.JSONField(default=list, encoder=DjangoJSONEncoder)

    class Meta:
        abstract = True

    @property
    def words(self) -> list[dict[str, Any]]:
        """Each note as ``{"column": …, "text": …}``, in the reader's language."""
        return [
            {"column": column, "text": str(Note(note).label) % (values or {})} for note, column, values in self.notes
        ]


class PlanRow(NotedRow):
    """What one row of the file would change.

    ``differences``: ``[[column, old, new], …]`` as they are shown; ``act``: what applying writes.
    """

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="rows", db_index=False)
    position = models.PositiveIntegerField()
    number = models.PositiveIntegerField(_("row"), null=True, blank=True)
    kind = models.CharField(_("kind"), max_length=20, choices=ChangeKind.choices)
    label = models.CharField(_("name"), max_length=260)
    # A key as in the audit trail: erasing and undoing may take the row that it names.
    person = models.BigIntegerField(null=True, blank=True)
    differences = models.JSONField(default=list)
    act = models.JSONField(null=True, blank=True, encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name = _("planned row")
        verbose_name_plural = _("planned rows")
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["run", "position"], name="plan_row_position")]
        indexes = [
            models.Index(
                fields=["run", "kind", "position"],
                name="plan_row_by_kind",
                condition=~Q(kind__in=[ChangeKind.NEW, ChangeKind.UNCHANGED]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.number or '–'}: {self.get_kind_display()}"


class Effect(NotedRow):
    """One thing that a run wrote: ``key`` names the row, ``was`` and ``now`` what undoing needs beside the plan, and
    ``brought`` the person who was created for it and is still to be taken back.

    Keys, not references: undoing takes away what the run made.  ``left``: undoing had to leave it.
    """

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="effects", db_index=False)
    position = models.PositiveIntegerField()
    kind = models.CharField(max_length=20, choices=EffectKind.choices)
    key = models.BigIntegerField(null=True, blank=True)
    brought = models.BigIntegerField(null=True, blank=True)
    was = models.JSONField(null=True, blank=True, encoder=DjangoJSONEncoder)
    now = models.JSONField(null=True, blank=True, encoder=DjangoJSONEncoder)
    left = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("effect of an import")
        verbose_name_plural = _("effects of imports")
        ordering = ["id"]
        indexes = [models.Index(fields=["run", "id"], name="import_effect_by_run")]

    def __str__(self) -> str:
        return f"{self.run_id}: {self.get_kind_display()} {self.key}"


class Evidence(models.Model):
    """A prior completion of a course that is not known here, kept until somebody says which course it is."""

    run = models.ForeignKey(ImportRun, on_delete=models.PROTECT, related_name="evidence")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    course_name = models.CharField(_("course as the file has it"), max_length=200)
    provider = models.CharField(_("provider"), max_length=200, blank=True)
    completed_on = models.DateField(_("completed on"))
    hours = models.DecimalField(_("hours"), max_digits=5, decimal_places=2, null=True, blank=True)
    score = models.DecimalField(_("score"), max_digits=5, decimal_places=2, null=True, blank=True)
    course = models.ForeignKey(Course, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    completion = models.OneToOneField(Completion, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("evidence to match")
        verbose_name_plural = _("evidence to match")
        ordering = ["course_name", "id"]
        indexes = [models.Index(fields=["run", "course_name"], name="evidence_by_run")]

    def __str__(self) -> str:
        return f"{self.course_name}, {self.completed_on}"
