"""When people are reminded, what was sent, and their calendars."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lms.compliance.enums import Audience
from lms.outbox.models import Mail

from .rules import Requirement


class ReminderStep(models.Model):
    """A reminder goes so many days after the last good day of a duty; before it when ``offset`` is negative."""

    audience = models.CharField(_("to whom"), max_length=10, choices=Audience.choices)
    offset = models.SmallIntegerField(_("days after the due day"))

    class Meta:
        ordering = ["audience", "offset"]
        verbose_name = _("reminder step")
        verbose_name_plural = _("reminder steps")
        constraints = [
            models.UniqueConstraint(fields=["audience", "offset"], name="reminder_step_unique"),
            models.CheckConstraint(
                condition=Q(audience=Audience.OWN) | Q(offset__gt=0), name="reminder_step_escalates_what_is_late"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_audience_display()}: {self.offset}"


class Reminder(models.Model):
    """The one reminder that somebody gets on a day, written with its mail and its lines or not at all."""

    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reminders")
    day = models.DateField()
    audience = models.CharField(max_length=10, choices=Audience.choices)
    mail = models.ForeignKey(Mail, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-day", "-pk"]
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        constraints = [models.UniqueConstraint(fields=["recipient", "day"], name="reminder_one_a_day")]

    def __str__(self) -> str:
        return f"{self.recipient}, {self.day}"


class ReminderLine(models.Model):
    """A step that was told: of this duty of ``person``, with this first late day, to this recipient."""

    reminder = models.ForeignKey(Reminder, on_delete=models.PROTECT, related_name="lines")
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    requirement = models.ForeignKey(Requirement, on_delete=models.PROTECT, related_name="+")
    late_on = models.DateField()
    offset = models.SmallIntegerField()

    class Meta:
        verbose_name = _("reminder line")
        verbose_name_plural = _("reminder lines")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "requirement", "late_on", "offset", "recipient"], name="reminder_line_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id}, {self.requirement_id}: {self.offset}"


class ReminderDay(models.Model):
    """A day whose reminders are all written."""

    day = models.DateField(primary_key=True)
    finished_at = models.DateTimeField()

    class Meta:
        verbose_name = _("day of reminders")
        verbose_name_plural = _("days of reminders")

    def __str__(self) -> str:
        return str(self.day)


class CalendarFeed(models.Model):
    """The private address under which a calendar program reads somebody's due days; whoever knows it reads them."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="calendar_feed")
    token = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = _("calendar feed")
        verbose_name_plural = _("calendar feeds")

    def __str__(self) -> str:
        return str(self.person)
