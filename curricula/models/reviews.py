"""Who reviewed which text, and when: a dated row, one for each review."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page, Revision

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


class SurvivorReviewMissingError(PermissionDenied):
    """The page is not published: no survivor review is recorded. Its text says so in words for the author."""


class SurvivorReviewedPage(Page):
    """A page that readers see only after a survivor review is recorded.

    The rule stands here, below every view, because Wagtail and wagtail-localize publish by ways that ask no hook: an
    approval, a bulk action on the page above, a translation, a clock. One caller says that it publishes sample text,
    and is heard only on a site marked as demonstration, which shows a banner on every page.
    """

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        # Wagtail stores a new page as live before it asks whether the page may be published.
        if self._state.adding and self.live and self.why_unreviewed():  # type: ignore[has-type]  # Wagtail is untyped
            self.live, self.has_unpublished_changes = False, True
        super().save(*args, **kwargs)

    def reviewed_page(self) -> Page | None:
        """The page whose review counts for this one, or None where none is needed."""
        raise NotImplementedError

    def why_unreviewed(self) -> str:
        """Return in words that the survivor review is missing, or nothing."""
        page = self.reviewed_page()
        if page is None or ReviewRecord.objects.of_page(page).filter(kind=ReviewKind.SURVIVOR).exists():
            return ""
        return gettext(
            "“%(title)s” can't be published yet: no survivor review is recorded. Record the review under Reviews, then "
            "publish. Your draft is saved."
        ) % {"title": page.title}

    def publish(self, revision: Revision, *args: Any, sample_text: bool = False, **kwargs: Any) -> None:
        """Publish the revision; raises SurvivorReviewMissingError."""
        unreviewed_is_fine = sample_text and settings.DEMONSTRATION
        if not unreviewed_is_fine and (reason := self.why_unreviewed()):
            raise SurvivorReviewMissingError(reason)
        super().publish(revision, *args, **kwargs)
