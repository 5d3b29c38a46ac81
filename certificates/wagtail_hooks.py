"""Puts templates and credit rules into the menu of the CMS."""

from __future__ import annotations

from wagtail.snippets.models import register_snippet

from .viewsets import CertificateGroup

register_snippet(CertificateGroup)
