"""What is kept how long: one page for the whole site."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, ObjectList
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting

from .page_forms import RetentionForm


@register_setting(icon="calendar-check")
class RetentionSettings(BaseGenericSetting):
    """Applied once a day by ``lms.portal.retention``, which writes down what it removed."""

    records_years = models.PositiveSmallIntegerField(
        _("training records and certificates: years"),
        default=7,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_(
            "After the completion and the end of the last job, whichever is later. Those of present staff stay."
        ),
    )
    leavers_days = models.PositiveIntegerField(
        _("the rest of a leaver's data: days after the last job"),
        default=2_555,
        validators=[MinValueValidator(30), MaxValueValidator(36_500)],
        help_text=_(
            "Name, addresses, sign-in, answers, progress. The facts of the record stay as long as above. Whoever comes "
            "back sooner finds their record."
        ),
    )
    mails_days = models.PositiveIntegerField(
        _("mails that were sent: days"), default=90, validators=[MinValueValidator(7), MaxValueValidator(3_650)]
    )
    audit_years = models.PositiveSmallIntegerField(
        _("audit trail: years"), default=7, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )

    edit_handler = ObjectList(
        [
            MultiFieldPanel([FieldPanel("records_years"), FieldPanel("leavers_days")], heading=_("People")),
            MultiFieldPanel([FieldPanel("mails_days"), FieldPanel("audit_years")], heading=_("The site")),
        ],
        base_form_class=RetentionForm,
    )

    class Meta:
        verbose_name = _("retention")
        verbose_name_plural = _("retention")

    def __str__(self) -> str:
        return str(_("What is kept how long"))
