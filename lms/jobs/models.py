import datetime

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .enums import JobState

# A running job that has not reported for this long belongs to a worker that was killed.
HEARTBEAT_LIMIT = datetime.timedelta(minutes=5)


class JobQuerySet(models.QuerySet["Job"]):
    def runnable(self, now: datetime.datetime) -> "JobQuerySet":
        """Jobs that wait, and jobs whose worker was killed."""
        forsaken = Q(state=JobState.RUNNING, heartbeat_at__lte=now - HEARTBEAT_LIMIT)
        return self.filter(Q(state=JobState.PENDING) | forsaken)


class Job(models.Model):
    """A piece of long work that somebody asked for, how far it is and how it ended.  Finished jobs are kept."""

    kind = models.CharField(_("kind"), max_length=100)
    args = models.JSONField(_("arguments"), default=dict, blank=True, encoder=DjangoJSONEncoder)
    state = models.CharField(_("state"), max_length=10, choices=JobState.choices, default=JobState.PENDING)
    total = models.PositiveIntegerField(_("steps in all"), null=True, blank=True)
    done = models.PositiveIntegerField(_("steps done"), default=0)
    message = models.CharField(_("progress in words"), max_length=200, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("requested by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    heartbeat_at = models.DateTimeField(_("last sign of life at"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    error = models.CharField(_("why it failed"), max_length=500, blank=True)
    result = models.JSONField(_("result"), null=True, blank=True, encoder=DjangoJSONEncoder)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["id"], name="job_unfinished", condition=Q(state__in=[JobState.PENDING, JobState.RUNNING])
            ),
            models.Index(fields=["requested_by", "-id"], name="job_by_requester"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk} ({self.get_state_display()})"

    @property
    def percent(self) -> int | None:
        """Whole percent done, rounded down; None while the number of steps is unknown."""
        return min(100, self.done * 100 // self.total) if self.total else None


class TickClaim(models.Model):
    """The one row that says who ticks now."""

    name = models.CharField(max_length=20, primary_key=True)
    claimed_at = models.DateTimeField(null=True)
    token = models.UUIDField(null=True)
    asked_again = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("tick claim")
        verbose_name_plural = _("tick claims")

    def __str__(self) -> str:
        return self.name
