"""Issued certificates: their printed fields, their state, their unchanging bytes."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lms.learning.models import Completion

from .enums import CertificateState


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


class CertificateFile(models.Model):
    """The bytes as issued: written once, served unchanged, proved by their SHA-256."""

    certificate = models.OneToOneField(Certificate, on_delete=models.PROTECT, related_name="file")
    pdf = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()

    def __str__(self) -> str:
        return self.sha256
