"""The sheet as an editor of the CMS shapes it: marks, signatures, words. What is issued keeps a copy."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from modelcluster.models import ClusterableModel
from wagtail.images import get_image_model_string
from wagtail.models import Orderable, PreviewableMixin

from curricula.models import Course

MOST_SIGNATORIES = 2
MOST_MARKS = 2
SHEET_PIXELS = 1130  # A4 landscape, the wider of the two papers, and a little more


class CertificateTemplate(PreviewableMixin, ClusterableModel):
    """How certificates look and who signs them, for some courses or for all that no other template names."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    courses = ParentalManyToManyField(
        Course,
        verbose_name=_("courses"),
        blank=True,
        related_name="+",
        help_text=_("None ticked: for every course that no other template names."),
    )

    class Meta:
        ordering = ["name"]
        verbose_name = _("certificate template")
        verbose_name_plural = _("certificate templates")

    def __str__(self) -> str:
        return self.name

    @property
    def preview_modes(self) -> list[tuple[str, str]]:
        return [(code, str(name)) for code, name in settings.LANGUAGES]

    @property
    def preview_sizes(self) -> list[dict[str, str | int]]:
        """One: the whole sheet, whose width does not bend to a phone's."""
        return [
            {"name": "sheet", "icon": "desktop", "device_width": SHEET_PIXELS, "label": str(_("Preview the sheet"))}
        ]

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        """Show a made-up certificate in the language of the mode."""
        # The views stand above the models.
        response: HttpResponse = import_string("certificates.views.preview_template")(request, self, mode_name)
        return response


class Wording(Orderable):
    """The fixed words in one language; what is left empty is said in the site's own words."""

    template = ParentalKey(CertificateTemplate, on_delete=models.CASCADE, related_name="wordings")
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES)
    title = models.CharField(_("title"), max_length=60, blank=True)
    certify = models.CharField(_("before the name"), max_length=120, blank=True)
    completed = models.CharField(_("before the course"), max_length=120, blank=True)
    note = models.CharField(_("sentence below the facts"), max_length=200, blank=True)

    class Meta(Orderable.Meta):
        verbose_name = _("wording")
        constraints = [models.UniqueConstraint(fields=["template", "language"], name="wording_once_a_language")]

    def __str__(self) -> str:
        return self.get_language_display()


class Signatory(Orderable):
    template = ParentalKey(CertificateTemplate, on_delete=models.CASCADE, related_name="signatories")
    name = models.CharField(_("name"), max_length=80)
    title = models.CharField(_("title"), max_length=80, blank=True)
    signature = models.ForeignKey(
        get_image_model_string(),
        verbose_name=_("signature"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("A picture of the signature, dark on white or on nothing, wider than high."),
    )

    class Meta(Orderable.Meta):
        verbose_name = _("signatory")

    def __str__(self) -> str:
        return self.name


class Mark(Orderable):
    template = ParentalKey(CertificateTemplate, on_delete=models.CASCADE, related_name="marks")
    image = models.ForeignKey(
        get_image_model_string(), verbose_name=_("picture"), on_delete=models.PROTECT, related_name="+"
    )
    alternative = models.CharField(
        _("in words"), max_length=120, help_text=_("Whose mark it is, for who can't see it: “Harbor County”.")
    )

    class Meta(Orderable.Meta):
        verbose_name = _("mark")

    def __str__(self) -> str:
        return self.alternative
