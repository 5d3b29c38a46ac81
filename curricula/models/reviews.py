"""Who reviewed which text, and when: a dated row, one for each review."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from curricula.enums import ReviewKind


class ReviewRecordQuerySet(models.QuerySet["ReviewRecord"]):
    def of_page(self, page: Any) -> ReviewRecordQuerySet:
        """Reviews of the page in any language."""
        return self.filter(page__translation_key=page.translation_key)


class ReviewRecord(models.Model):
    """One review of one page. A reviewer is named in public only by that person's own consent."""

    page = models.ForeignKey(Page, verbose_name=_("page"), on_delete=models.PROTECT, related_name="reviews")
    kind = models.CharField(_("kind of review"), max_length=20, choices=ReviewKind.choices)
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reviewer_name = models.CharField(_("name of the reviewer"), max_length=200, blank=True)
    name_consent = models.BooleanField(_("the reviewer agrees to be named in public"), default=False)
    reviewed_on = models.DateField(_("reviewed on"))
    note = models.TextField(_("note"), blank=True)

    objects = ReviewRecordQuerySet.as_manager()

    class Meta:
        ordering = ["-reviewed_on", "-pk"]
        verbose_name = _("review")
        verbose_name_plural = _("reviews")

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.page}, {self.reviewed_on}"
