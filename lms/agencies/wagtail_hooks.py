"""Puts the code lists into the menu of the CMS."""

from __future__ import annotations

from wagtail.snippets.models import register_snippet

from .viewsets import CodeListGroup

register_snippet(CodeListGroup)
