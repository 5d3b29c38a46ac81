"""Which duty applies to whom, and which courses satisfy it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from curricula.models import Course
from lms.agencies.enums import StaffLevel
from lms.agencies.models import Agency, JobRole


class Requirement(models.Model):
    """A rule: who meets one of its conditions completes one of its courses within ``days`` days, and again every
    ``months`` months (none: once). ``window``, ``warn`` and ``grace`` are days."""

    code = models.SlugField(_("code"), max_length=80, unique=True)
    name = models.CharField(_("name"), max_length=200)
    text = models.TextField(_("text of the rule"), blank=True)
    citation = models.CharField(_("citation"), max_length=300, blank=True)
    mandatory = models.BooleanField(_("mandatory"), default=True)
    days = models.PositiveSmallIntegerField(_("days to complete"))
    months = models.PositiveSmallIntegerField(_("renew after months"), null=True, blank=True)
    window = models.PositiveSmallIntegerField(_("renewal window in days"), default=60)
    warn = models.PositiveSmallIntegerField(_("warn days before the due date"), default=14)
    grace = models.PositiveSmallIntegerField(_("grace days after a waiver"), default=30)
    starts_on = models.DateField(_("in force from"))
    ends_on = models.DateField(_("in force until"), null=True, blank=True)
    courses = models.ManyToManyField(Course, through="RequirementCourse", related_name="requirements")

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
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="+")
    minimum_version = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["requirement", "course"], name="requirement_course_unique")]

    def __str__(self) -> str:
        return f"{self.requirement_id}: {self.course_id}"
