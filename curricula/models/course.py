"""The course as records know it: a plain row that outlives every page."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from curricula.enums import CourseKind, CourseLevel
from lms.agencies.models import AgencyKind, GridTopic, JobRole
from quizzes.models import Quiz


class CourseQuerySet(models.QuerySet["Course"]):
    def internal(self) -> CourseQuerySet:
        """Courses with pages of our own."""
        return self.exclude(kind=CourseKind.EXTERNAL)


class Course(models.Model):
    """A course, an external program, a bridge or an acknowledgement: what a completion is a completion of.

    ``hours`` are credit hours in quarter hours by the written rule of ``curricula.hours``, set when a version is
    published; 0 before. ``current_version`` 0 means that no version was published yet.
    """

    code = models.SlugField(_("code"), max_length=80, unique=True)
    kind = models.CharField(_("kind"), max_length=20, choices=CourseKind.choices)
    level = models.CharField(_("level"), max_length=20, choices=CourseLevel.choices, blank=True)
    title = models.CharField(_("title"), max_length=200)
    summary = models.TextField(_("summary"), blank=True)
    translation_key = models.UUIDField(default=uuid.uuid4, editable=False, unique=True)
    current_version = models.PositiveIntegerField(_("current version"), default=0, editable=False)
    hours = models.DecimalField(_("credit hours"), max_digits=5, decimal_places=2, default=0, editable=False)
    quiz = models.ForeignKey(Quiz, verbose_name=_("final quiz"), null=True, blank=True, on_delete=models.PROTECT)
    valid_months = models.PositiveSmallIntegerField(
        _("valid for how many months"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(120)]
    )
    certificate = models.BooleanField(_("gives a certificate"), default=True)
    prerequisites = models.ManyToManyField("self", symmetrical=False, blank=True, related_name="unlocks")
    agency_kinds = models.ManyToManyField(AgencyKind, verbose_name=_("kinds of agency"), blank=True)
    job_roles = models.ManyToManyField(JobRole, verbose_name=_("job roles"), blank=True)
    topics = models.ManyToManyField(GridTopic, verbose_name=_("grid topics covered"), blank=True)

    objects = CourseQuerySet.as_manager()

    class Meta:
        ordering = ["title"]
        verbose_name = _("course")
        verbose_name_plural = _("courses")
        permissions = [("publish_version", _("Can publish a version of a course"))]

    def __str__(self) -> str:
        return self.title


class CourseVersion(models.Model):
    """An explicit act of an author: from here on, completions are of this version.

    ``contents``: ``{"modules": [[translation key, title, id of the live revision], …], "quiz": fingerprint}``, so that
    the next version can say what changed since.
    """

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("number"))
    note = models.TextField(_("what changed"))
    hours = models.DecimalField(_("credit hours"), max_digits=5, decimal_places=2)
    contents = models.JSONField(default=dict)
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["course", "number"], name="course_version_unique")]

    def __str__(self) -> str:
        return f"{self.course} v{self.number}"
