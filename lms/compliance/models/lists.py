"""Who is qualified for something, and what a supervisor asks of own people."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from curricula.models import Course
from lms.compliance.evaluation import Rule


class QualifiedList(models.Model):
    """Whoever completed one of the courses is qualified, for ``months`` months (none: for good), required or not."""

    name = models.CharField(_("name"), max_length=200, unique=True)
    text = models.TextField(_("what they are qualified for"), blank=True)
    citation = models.CharField(_("citation"), max_length=300, blank=True)
    courses = models.ManyToManyField(Course, verbose_name=_("courses"), related_name="+")
    months = models.PositiveSmallIntegerField(_("valid for how many months"), null=True, blank=True)
    window = models.PositiveSmallIntegerField(_("renewal window in days"), default=60)

    class Meta:
        ordering = ["name"]
        verbose_name = _("qualified list")
        verbose_name_plural = _("qualified lists")

    def __str__(self) -> str:
        return self.name

    @property
    def rule(self) -> Rule:
        """How long a completion counts, as the evaluation reads it."""
        return Rule(days=0, months=self.months, window=self.window, warn=0, grace=0)


class CourseList(models.Model):
    """Courses that a supervisor asks of own people by a day: each course is an elective requirement of the people who
    are on it, made when the first of them is. ``key`` stands in the address by which the list is shared."""

    key = models.UUIDField(default=uuid.uuid4, editable=False, unique=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="course_lists")
    name = models.CharField(_("name"), max_length=120)
    due_on = models.DateField(_("to be done by"))
    courses = models.ManyToManyField(Course, verbose_name=_("courses"), related_name="+")
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("course list")
        verbose_name_plural = _("course lists")

    def __str__(self) -> str:
        return self.name
