"""Whose training the manager's area is asked for: in the address, and in words."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from lms.agencies.models import Agency
from lms.compliance.enums import ScopeKind

TOKEN = re.compile(r"(tree|unit)-(\d{1,9})", re.ASCII)


def name_scope(kind: str, agency: Agency | None) -> str:
    """Return what stands in the address for the scope."""
    if kind == ScopeKind.REPORTS:
        return "reports"
    if agency is None:
        return "site"
    return f"{'unit' if kind == ScopeKind.UNIT else 'tree'}-{agency.pk}"


def read_scope(token: str) -> tuple[ScopeKind, Agency | None] | None:
    """Return what the address asks for, or nothing when there is no such scope."""
    if token == "reports":
        return ScopeKind.REPORTS, None
    if token == "site":
        return ScopeKind.SUBTREE, None
    found = TOKEN.fullmatch(token)
    agency = Agency.objects.filter(pk=int(found[2])).first() if found else None
    if found is None or agency is None:
        return None
    return ScopeKind.UNIT if found[1] == "unit" else ScopeKind.SUBTREE, agency


def say_scope(kind: str, agency: Agency | None) -> str:
    """Return the scope in words."""
    if kind == ScopeKind.REPORTS:
        return _("My own reports")
    if agency is None:
        return _("All agencies")
    if kind == ScopeKind.UNIT:
        return _("%(unit)s alone") % {"unit": agency}
    return _("%(unit)s and all units below") % {"unit": agency}
