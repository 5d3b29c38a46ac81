from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class AuditEvent(models.Model):
    """Who did what to whom, as it was called when it happened.  Rows are never changed (see `append_only`)."""

    at = models.DateTimeField(_("at"), default=timezone.now, db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("actor"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Empty: the site itself."),
    )
    actor_name = models.CharField(_("actor's name"), max_length=200, blank=True)
    action = models.CharField(
        _("action"), max_length=100, db_index=True, help_text=_("The service's own word, such as completion.voided.")
    )
    target_type = models.CharField(_("kind of target"), max_length=100, blank=True, help_text=_("app.model"))
    target_id = models.CharField(_("target's key"), max_length=64, blank=True)
    target_name = models.CharField(_("target's name"), max_length=200, blank=True)
    detail = models.JSONField(_("detail"), default=dict, blank=True, encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["target_type", "target_id", "at"], name="audit_by_target")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_name or _('the site')}: {self.action} {self.target_name}".rstrip()
