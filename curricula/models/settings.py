"""The site's own words: who runs it, and whom to call."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting
from wagtail.fields import StreamField

from curricula.blocks import HelpLineBlock


@register_setting(icon="help")
class HelpSettings(BaseGenericSetting):
    """The help box and the sentences around it, in English and Spanish."""

    agency_name = models.CharField(
        _("office that runs this site"), max_length=200, blank=True, help_text=_("Printed on certificates.")
    )
    contact_email = models.EmailField(_("contact address"), blank=True)
    help_lines = StreamField([("line", HelpLineBlock())], blank=True, verbose_name=_("help lines"))
    confidentiality = models.TextField(_("what is confidential"), blank=True)
    confidentiality_es = models.TextField(_("what is confidential, in Spanish"), blank=True)
    reporting = models.TextField(_("that some helpers must report"), blank=True)
    reporting_es = models.TextField(_("that some helpers must report, in Spanish"), blank=True)
    phone_bill = models.TextField(_("that calls and texts can show"), blank=True)
    phone_bill_es = models.TextField(_("that calls and texts can show, in Spanish"), blank=True)

    panels = [
        MultiFieldPanel([FieldPanel("agency_name"), FieldPanel("contact_email")], heading=_("Office")),
        FieldPanel("help_lines"),
        MultiFieldPanel(
            [
                FieldPanel(name)
                for name in (
                    "confidentiality",
                    "confidentiality_es",
                    "reporting",
                    "reporting_es",
                    "phone_bill",
                    "phone_bill_es",
                )
            ],
            heading=_("What readers should know before they call"),
        ),
    ]

    class Meta:
        verbose_name = _("help box and office")
