"""Issued certificates: their printed fields, their state, their unchanging bytes."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lms.learning.models import Completion

from .codes import group
from .enums import CertificateState
from .printed import PrintedFields


class CertificateQuerySet(models.QuerySet["Certificate"]):
    def current(self) -> CertificateQuerySet:
        """Certificates that stand: being made or valid, whatever their date."""
        return self.filter(state__in=[CertificateState.PENDING, CertificateState.VALID])

    def issued(self) -> CertificateQuerySet:
        """Certificates that were made: only of these has anybody ever held a code."""
        return self.exclude(issued_at=None)


class Certificate(models.Model):
    """A certificate of one completion: at most one is current. ``fields`` holds every printed value."""

    completion = models.ForeignKey(Completion, on_delete=models.PROTECT, related_name="certificates")
    number = models.CharField(_("number"), max_length=20, unique=True)
    code = models.CharField(_("code"), max_length=26, unique=True)
    state = models.CharField(max_length=20, choices=CertificateState.choices, default=CertificateState.PENDING)
    fields = models.JSONField(default=dict)
    issued_at = models.DateTimeField(null=True, blank=True)
    expires_on = models.DateField(null=True, blank=True)
    superseded_by = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="supersedes"
    )
    state_changed_at = models.DateTimeField()
    reason = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    last_error = models.TextField(blank=True)

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
    def grouped_code(self) -> str:
        return group(self.code)

    @property
    def printed(self) -> PrintedFields:
        return PrintedFields.from_json(self.fields)

    def status_on(self, day: date) -> str:
        """Return the key of the status vocabulary for a day; ``expired`` is read from the date, never stored.

        A certificate holds through the whole day on which it expires.
        """
        if self.state == CertificateState.VALID and self.expires_on is not None and self.expires_on < day:
            return "expired"
        return self.state


class CertificateFile(models.Model):
    """The bytes as issued: written once, served unchanged, proved by their SHA-256."""

    certificate = models.OneToOneField(Certificate, on_delete=models.PROTECT, related_name="file")
    pdf = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()

    def __str__(self) -> str:
        return self.sha256
