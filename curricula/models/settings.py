"""The site's own words: who runs it, and whom to call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting
from wagtail.fields import StreamField

from curricula.blocks import HelpLineBlock


@dataclass(frozen=True)
class HelpLine:
    """One number in one language, in the words of its readers."""

    href: str
    label: str
    name: str
    text: str
    hours: str
    languages: str
    last_checked_on: date


@dataclass(frozen=True)
class HelpBox:
    """What one kind of reader sees in one language: numbers in order, then what to know before calling."""

    lines: list[HelpLine]
    notes: list[str]


NOTES = ("confidentiality", "reporting", "phone_bill")


@register_setting(icon="help")
class HelpSettings(BaseGenericSetting):
    """The help box and the sentences around it, for families and staff and for young people, in English and Spanish."""

    agency_name = models.CharField(
        _("office that runs this site"), max_length=200, blank=True, help_text=_("Printed on certificates.")
    )
    contact_email = models.EmailField(
        _("contact address"), blank=True, help_text=_("Shown below the standing pages: help, privacy, accessibility.")
    )
    help_lines = StreamField(
        [("line", HelpLineBlock())],
        blank=True,
        verbose_name=_("help lines for families and staff"),
        help_text=_("In the order in which they are shown."),
    )
    help_lines_youth = StreamField(
        [("line", HelpLineBlock())],
        blank=True,
        verbose_name=_("help lines for young people"),
        help_text=_("In the order in which they are shown: a text first, for who can't talk. Empty: as for families."),
    )
    confidentiality = models.TextField(_("what is confidential"), blank=True)
    confidentiality_es = models.TextField(_("what is confidential, in Spanish"), blank=True)
    confidentiality_es_youth = models.TextField(_("what is confidential, in Spanish for young people"), blank=True)
    reporting = models.TextField(_("that some helpers must report"), blank=True)
    reporting_es = models.TextField(_("that some helpers must report, in Spanish"), blank=True)
    reporting_es_youth = models.TextField(_("that some helpers must report, in Spanish for young people"), blank=True)
    phone_bill = models.TextField(_("that calls and texts can show"), blank=True)
    phone_bill_es = models.TextField(_("that calls and texts can show, in Spanish"), blank=True)
    phone_bill_es_youth = models.TextField(_("that calls and texts can show, in Spanish for young people"), blank=True)

    panels = [
        MultiFieldPanel([FieldPanel("agency_name"), FieldPanel("contact_email")], heading=_("Office")),
        FieldPanel("help_lines"),
        FieldPanel("help_lines_youth"),
        MultiFieldPanel(
            [FieldPanel(f"{note}{ending}") for note in NOTES for ending in ("", "_es", "_es_youth")],
            heading=_("What readers should know before they call"),
        ),
    ]

    class Meta:
        verbose_name = _("help box and office")

    def box(self, *, youth: bool, language: str) -> HelpBox:
        """Return what these readers see in the language; where their own words are missing, those for families."""
        spanish = language == "es"
        lines = (youth and self.help_lines_youth) or self.help_lines
        endings = [*(["_es_youth"] if spanish and youth else []), *(["_es"] if spanish else []), ""]
        notes = [next((words for ending in endings if (words := getattr(self, note + ending))), "") for note in NOTES]
        return HelpBox(
            lines=[_in_language(line.value, "_es" if spanish else "") for line in lines],
            notes=[note for note in notes if note],
        )


def _in_language(value: dict[str, str], ending: str) -> HelpLine:
    words = {name: value[f"{name}{ending}"] for name in ("label", "name", "text", "hours", "languages")}
    return HelpLine(href=value["href"], last_checked_on=value["last_checked_on"], **words)  # type: ignore[arg-type]
