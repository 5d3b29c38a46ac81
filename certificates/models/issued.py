"""What was issued: printed fields, state, unchanging bytes."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certificates.codes import group
from certificates.enums import CertificateState
from certificates.printed import PrintedFields
from lms.learning.models import Completion


class IssuedDocument(models.Model):
    """A document that is written as a row first and made from it afterwards, once; its code is printed on it."""

    code = models.CharField(_("code"), max_length=26, unique=True)
    fields = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    issued_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    last_error = models.TextField(blank=True)

    class Meta:
        abstract = True

    @property
    def grouped_code(self) -> str:
        return group(self.code)


class IssuedFile(models.Model):
    """The bytes as issued: written once, served unchanged, proved by their SHA-256."""

    pdf = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.sha256


class CertificateDesign(models.Model):
    """A template as it was when something was issued by it; ``content`` holds its words and its pictures."""

    digest = models.CharField(max_length=64, unique=True)
    content = models.JSONField()

    def __str__(self) -> str:
        return self.digest


class CertificateQuerySet(models.QuerySet["Certificate"]):
    def current(self) -> CertificateQuerySet:
        """Certificates that stand: being made or valid, whatever their date."""
        return self.filter(state__in=[CertificateState.PENDING, CertificateState.VALID])

    def issued(self) -> CertificateQuerySet:
        """Certificates that were made: only of these has anybody ever held a code."""
        return self.exclude(issued_at=None)


class Certificate(IssuedDocument):
    """A certificate of one completion: at most one is current. ``fields`` holds every printed value.

    ``reason`` and ``state_changed_by`` tell of the last change of state (nobody: the site itself, with a completion);
    every earlier one stands in the audit trail.
    """

    completion = models.ForeignKey(Completion, on_delete=models.PROTECT, related_name="certificates")
    number = models.CharField(_("number"), max_length=20, unique=True)
    state = models.CharField(max_length=20, choices=CertificateState.choices, default=CertificateState.PENDING)
    design = models.ForeignKey(CertificateDesign, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    expires_on = models.DateField(null=True, blank=True)
    superseded_by = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="supersedes"
    )
    state_changed_at = models.DateTimeField()
    state_changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.TextField(blank=True)

    objects = CertificateQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["completion"],
                condition=Q(state__in=[CertificateState.PENDING, CertificateState.VALID]),
                name="certificate_one_current",
            )
        ]
        indexes = [models.Index(fields=["state", "next_try_at"])]

    def __str__(self) -> str:
        return self.number

    @property
    def printed(self) -> PrintedFields:
        return PrintedFields.from_json(self.fields)

    @property
    def was_reissued(self) -> bool:
        """Whether what stands in its place tells of the same completion."""
        return self.superseded_by is not None and self.superseded_by.completion_id == self.completion_id

    def status_on(self, day: date) -> str:
        """Return the key of the status vocabulary for a day; ``expired`` is read from the date, never stored.

        A certificate holds through the whole day on which it expires.
        """
        if self.state == CertificateState.VALID and self.expires_on is not None and self.expires_on < day:
            return "expired"
        return self.state


class CertificateFile(IssuedFile):
    certificate = models.OneToOneField(Certificate, on_delete=models.PROTECT, related_name="file")


class Transcript(IssuedDocument):
    """A person's whole record as it was when the transcript was asked for: ``fields`` holds every printed line.

    ``digest`` tells whether a second one would say the same.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="transcripts")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["-asked_at", "-pk"]
        indexes = [models.Index(fields=["issued_at", "next_try_at"], name="transcript_pending")]

    def __str__(self) -> str:
        return self.grouped_code

    @property
    def lines(self) -> list[dict[str, Any]]:
        return list(self.fields["lines"])


class TranscriptFile(IssuedFile):
    transcript = models.OneToOneField(Transcript, on_delete=models.PROTECT, related_name="file")


class ShareLinkQuerySet(models.QuerySet["ShareLink"]):
    def open(self, now: datetime) -> ShareLinkQuerySet:
        """Links that still lead somewhere."""
        return self.filter(ends_at__gt=now)


class ShareLink(models.Model):
    """The holder lets whoever has the link see one certificate and its file until a moment that the holder chose."""

    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="share_links")
    code = models.CharField(max_length=26, unique=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    ends_at = models.DateTimeField(_("ends at"))

    objects = ShareLinkQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return group(self.code)

    @property
    def grouped_code(self) -> str:
        return group(self.code)

    @property
    def last_day(self) -> date:
        """The last day on which it shows something."""
        return timezone.localdate(self.ends_at - timedelta(microseconds=1))
