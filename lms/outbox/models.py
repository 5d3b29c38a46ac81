import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .enums import MailState

# A mail claimed for this long belongs to a worker that was killed; it goes again with the same Message-ID.
CLAIM_LIMIT = datetime.timedelta(minutes=10)


class MailQuerySet(models.QuerySet["Mail"]):
    def due(self, now: datetime.datetime) -> "MailQuerySet":
        """Mails whose moment has come, and mails whose worker was killed between claim and sending."""
        waiting = Q(state=MailState.PENDING, next_try_at__lte=now)
        forsaken = Q(state=MailState.CLAIMED, claimed_at__lte=now - CLAIM_LIMIT)
        return self.filter(waiting | forsaken)


class Mail(models.Model):
    """One mail to one address, from the moment somebody asked for it until it is sent or given up."""

    key = models.CharField(
        _("key"), max_length=200, unique=True, null=True, blank=True, help_text=_("The same key twice is one mail.")
    )
    to = models.CharField(_("to"), max_length=320)
    subject = models.CharField(_("subject"), max_length=500)
    text = models.TextField(_("text"))
    html = models.TextField(_("HTML"), blank=True)
    message_id = models.CharField(_("Message-ID"), max_length=255, unique=True)
    state = models.CharField(_("state"), max_length=10, choices=MailState.choices, default=MailState.PENDING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    next_try_at = models.DateTimeField(_("next try at"), default=timezone.now)
    claimed_at = models.DateTimeField(_("claimed at"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=500, blank=True)

    objects = MailQuerySet.as_manager()

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["next_try_at"], name="mail_waiting", condition=Q(state=MailState.PENDING)),
            models.Index(fields=["claimed_at"], name="mail_claimed", condition=Q(state=MailState.CLAIMED)),
        ]

    def __str__(self) -> str:
        return f"{self.subject} ({self.get_state_display()})"
