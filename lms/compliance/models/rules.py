"""Which duty applies to whom, which courses satisfy it, who is waived, and where everybody stands because of it."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from curricula.models import Course
from lms.agencies.enums import StaffLevel
from lms.agencies.models import Agency, JobRole
from lms.compliance.evaluation import Kind, Rule
from lms.compliance.querysets import SpanQuerySet, WaiverQuerySet


class Requirement(models.Model):
    """A rule: who meets one of its conditions completes one of its courses within ``days`` days, and again every
    ``months`` months (none: once). ``window``, ``warn`` and ``grace`` are days."""

    code = models.SlugField(_("code"), max_length=80, unique=True)
    name = models.CharField(_("name"), max_length=200)
    text = models.TextField(_("text of the rule"), blank=True)
    citation = models.CharField(_("citation"), max_length=300, blank=True)
    mandatory = models.BooleanField(_("mandatory"), default=True)
    before_placement = models.BooleanField(
        _("before placement"),
        default=False,
        help_text=_("A caregiver or a facility is ready for placements when all requirements with this mark are met."),
    )
    days = models.PositiveSmallIntegerField(_("days to complete"))
    months = models.PositiveSmallIntegerField(_("renew after months"), null=True, blank=True)
    window = models.PositiveSmallIntegerField(_("renewal window in days"), default=60)
    warn = models.PositiveSmallIntegerField(_("warn days before the due date"), default=14)
    grace = models.PositiveSmallIntegerField(_("grace days after a waiver"), default=30)
    starts_on = models.DateField(_("in force from"))
    ends_on = models.DateField(_("in force until"), null=True, blank=True)
    courses = models.ManyToManyField(Course, through="RequirementCourse", related_name="requirements")
    course_list = models.ForeignKey(
        "CourseList", null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="requirements"
    )

    class Meta:
        ordering = ["name"]
        verbose_name = _("requirement")
        verbose_name_plural = _("requirements")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gt=F("starts_on")), name="requirement_period_not_empty"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def rule(self) -> Rule:
        """The rule as the evaluation reads it."""
        return make_rule(*(getattr(self, name) for name in RULE_FIELDS))


# What makes the rule, in the order in which ``make_rule`` takes it.
RULE_FIELDS = ("days", "months", "window", "warn", "grace", "starts_on", "ends_on")


def make_rule(
    days: int, months: int | None, window: int, warn: int, grace: int, starts_on: date, ends_on: date | None
) -> Rule:
    """Return the rule of a requirement with these values of its fields."""
    return Rule(
        days=days,
        months=months,
        window=window,
        warn=warn,
        grace=grace,
        starts=starts_on,
        ends=ends_on or date.max,
    )


class RequirementCondition(models.Model):
    """One part of the audience: all fields that are set must hold for the same job; no field set means everyone.
    A requirement's audience is the union of its conditions."""

    requirement = models.ForeignKey(Requirement, on_delete=models.CASCADE, related_name="conditions")
    agency = models.ForeignKey(Agency, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    job_role = models.ForeignKey(JobRole, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    level = models.CharField(max_length=20, blank=True, choices=StaffLevel.choices)
    client_facing = models.BooleanField(null=True, blank=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    def __str__(self) -> str:
        return f"{self.requirement_id}: {self.agency or self.job_role or self.level or self.person or 'everyone'}"


class RequirementCourse(models.Model):
    """A course that satisfies a requirement, from a version on when one is given."""

    requirement = models.ForeignKey(Requirement, on_delete=models.CASCADE, related_name="accepted_courses")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="accepted_by")
    minimum_version = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["requirement", "course"], name="requirement_course_unique")]

    def __str__(self) -> str:
        return f"{self.requirement_id}: {self.course_id}"


class Waiver(models.Model):
    """A person is let off a requirement for a half-open period of days: append-only by database trigger. It is undone
    only by a voiding row, which names it in ``voids``."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="waivers")
    requirement = models.ForeignKey(Requirement, on_delete=models.PROTECT, related_name="waivers")
    valid_from = models.DateField(_("from"))
    valid_until = models.DateField(_("until"), null=True, blank=True)
    reason = models.TextField(_("reason"))
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    voids = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="voided_by")

    objects = WaiverQuerySet.as_manager()

    class Meta:
        verbose_name = _("waiver")
        verbose_name_plural = _("waivers")
        ordering = ["-valid_from", "-id"]
        indexes = [models.Index(fields=["person", "requirement"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gt=F("valid_from")), name="waiver_period_not_empty"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="waiver_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.requirement}, {self.valid_from}"


class SpanRow(models.Model):
    """A span of ``evaluation.evaluate``, laid over the days of the jobs at one unit that bring the duty.

    The status on a day is that of the one row with ``from_on <= day < to_on``, by comparing the day with ``soon_on``
    and ``late_on``; an open end, and a day that never comes, is ``date.max``.
    """

    # Without the database's own check, which would lock what is pointed to at the end of the transaction, after the
    # persons: an event and a move of a unit could wait for each other. None of those rows is ever deleted.
    # Person and unit have no index of their own either: another one begins with each, and PostgreSQL would read both
    # through and through to list the names of a page.
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    requirement = models.ForeignKey(Requirement, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    unit = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    kind = models.CharField(max_length=6, choices=[(kind.value, kind.value) for kind in Kind])
    from_on = models.DateField()
    to_on = models.DateField()
    soon_on = models.DateField()
    late_on = models.DateField()
    known_from = models.DateTimeField()

    objects = SpanQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.person_id}, {self.requirement_id}: {self.kind} from {self.from_on}"


class ObligationSpan(SpanRow):
    """What is known now. ``closed`` is a hint for lists of what is late, set each night: no query trusts it alone."""

    closed = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("obligation span")
        verbose_name_plural = _("obligation spans")
        constraints = [
            models.UniqueConstraint(fields=["person", "requirement", "unit", "from_on"], name="span_unique"),
            models.CheckConstraint(condition=Q(from_on__lt=F("to_on")), name="span_period_not_empty"),
        ]
        indexes = [
            # All that a board reads stands in the index.
            models.Index(
                fields=["unit", "to_on", "requirement", "kind", "from_on", "soon_on", "late_on"], name="span_by_unit"
            ),
            # What is waived, or never late, stands at its end.
            models.Index(
                fields=["late_on", "id", "unit", "from_on", "to_on"], name="span_late", condition=Q(closed=False)
            ),
        ]


class ObligationSpanPast(SpanRow):
    """What was known until ``known_to``, when the row was replaced; never changed afterwards."""

    known_to = models.DateTimeField()

    class Meta:
        verbose_name = _("replaced obligation span")
        verbose_name_plural = _("replaced obligation spans")
        indexes = [models.Index(fields=["person", "requirement"]), models.Index(fields=["unit", "known_to"])]


class StatusCounts(models.Model):
    """How many people have which status with a requirement on a day."""

    as_of = models.DateField()
    requirement = models.ForeignKey(Requirement, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    open = models.IntegerField(default=0)
    due_soon = models.IntegerField(default=0)
    overdue = models.IntegerField(default=0)
    complete = models.IntegerField(default=0)
    renew_soon = models.IntegerField(default=0)
    expired = models.IntegerField(default=0)
    waived = models.IntegerField(default=0)

    class Meta:
        abstract = True


class ComplianceCount(StatusCounts):
    """The counts of the people at a unit; several rows of one cell are added up.

    ``unit`` none: above all agencies. A person who owes the same at several units is counted at each; a negative
    row at the lowest unit above them makes the sums above right. ``settled``: written by the nightly count, not by an
    event after it.
    """

    unit = models.ForeignKey(Agency, null=True, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    settled = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("compliance count")
        verbose_name_plural = _("compliance counts")
        indexes = [
            models.Index(fields=["as_of", "unit"]),
            # The few that events added since the night.
            models.Index(fields=["as_of"], name="count_unsettled", condition=Q(settled=False)),
        ]

    def __str__(self) -> str:
        return f"{self.as_of}: {self.requirement_id} at {self.unit_id}"


class StoredShare(StatusCounts):
    """The counts of the people at and below a node (none: of the whole site) whose job role, level or service area is
    ``key``, as the nightly count found them: where people are so many that no page counts them.

    ``key``: the id of the role or the area (empty: without one), or the level.
    """

    agency = models.ForeignKey(Agency, null=True, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    dimension = models.CharField(max_length=20)
    key = models.CharField(max_length=20, blank=True)

    class Meta:
        verbose_name = _("stored share")
        verbose_name_plural = _("stored shares")
        indexes = [models.Index(fields=["as_of", "agency", "dimension"], name="stored_share_by_node")]

    def __str__(self) -> str:
        return f"{self.as_of}: {self.requirement_id} by {self.dimension} {self.key} at {self.agency_id}"


class SettledTotal(StatusCounts):
    """The settled counts of a day, added up over a node (none: the whole site) with very many people and all below it.

    What events add after the count is added to it by whoever reads it.
    """

    agency = models.ForeignKey(Agency, null=True, on_delete=models.PROTECT, related_name="+", db_constraint=False)

    class Meta:
        verbose_name = _("settled total")
        verbose_name_plural = _("settled totals")
        indexes = [models.Index(fields=["agency", "as_of"], name="settled_total_by_node")]

    def __str__(self) -> str:
        return f"{self.as_of}: {self.requirement_id} at and below {self.agency_id}"


class CountedDay(models.Model):
    """A day whose counts stand in ``ComplianceCount``: the first of each month, and today."""

    day = models.DateField(primary_key=True)
    counted_at = models.DateTimeField()

    class Meta:
        verbose_name = _("counted day")
        verbose_name_plural = _("counted days")

    def __str__(self) -> str:
        return str(self.day)
