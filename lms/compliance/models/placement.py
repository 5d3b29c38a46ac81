"""What a contract asks of a provider."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from lms.agencies.models import Agency

from .rules import Requirement


class ProviderContract(models.Model):
    """A share of a provider's staff is trained by a day. ``requirements`` say in what (none: all that is mandatory)."""

    agency = models.ForeignKey(
        Agency, verbose_name=_("provider"), on_delete=models.PROTECT, related_name="provider_contracts"
    )
    title = models.CharField(_("title"), max_length=200)
    citation = models.CharField(_("citation"), max_length=300)
    requirements = models.ManyToManyField(Requirement, verbose_name=_("rules"), blank=True, related_name="+")
    target_percent = models.PositiveSmallIntegerField(
        _("share of staff to be trained, in percent"), validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    starts_on = models.DateField(_("in force from"))
    due_on = models.DateField(_("share to be reached by"))
    ends_on = models.DateField(_("in force until"), null=True, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["due_on", "pk"]
        verbose_name = _("provider's contract")
        verbose_name_plural = _("providers' contracts")
        constraints = [
            models.CheckConstraint(condition=Q(target_percent__range=(1, 100)), name="contract_percent"),
            models.CheckConstraint(condition=Q(due_on__gte=F("starts_on")), name="contract_due_after_start"),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gt=F("starts_on")), name="contract_period_not_empty"
            ),
        ]

    def __str__(self) -> str:
        return self.title
