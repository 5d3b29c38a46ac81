"""Writes of grants, and the row that a coordinator's look at names leaves."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from lms.accounts.models import Person
from lms.accounts.selectors import resolve_person
from lms.agencies.enums import WHOLE_SITE_KINDS, GrantKind
from lms.agencies.models import Agency, Grant
from lms.agencies.permissions import user_can_give_grant, user_has_grant
from lms.audit.models import AuditEvent
from lms.audit.services import record

from .errors import AgencyError


@transaction.atomic
def give_grant(
    *,
    actor: Person | None,
    person: Person,
    kind: str,
    agency: Agency | None,
    valid_from: date,
    reason: str,
    today: date,
    valid_until: date | None = None,
) -> Grant:
    """Give the person a grant over a node and all below it (none: the whole site) and return it.

    Raises PermissionDenied unless the actor may give it ``today`` (no actor: the site itself), and AgencyError when the
    kind needs a node or an end, the period is empty, or the person holds the same already on one of the days.
    """
    if actor is not None and not user_can_give_grant(actor, kind=kind, agency=agency, person=person, as_of=today):
        raise PermissionDenied
    if agency is None and kind not in WHOLE_SITE_KINDS:
        raise AgencyError(_("Choose the agency that this is about."), field="agency")
    if kind == GrantKind.READER and valid_until is None:
        raise AgencyError(_("The right to read is lent: say until when."), field="valid_until")
    if valid_until is not None and valid_until <= valid_from:
        raise AgencyError(_("This day must come after the first day."), field="valid_until")
    if actor is not None and kind == GrantKind.READER and valid_until is not None:
        last_day = valid_until - timedelta(days=1)
        if not user_can_give_grant(actor, kind=kind, agency=agency, as_of=max(last_day, today)):
            raise AgencyError(
                _("You can lend the right to read only for as long as you hold it yourself."), field="valid_until"
            )
    same = Grant.objects.filter(person=person, kind=kind, agency=agency).filter(
        Q(valid_until=None) | Q(valid_until__gt=valid_from)
    )
    if valid_until is not None:
        same = same.filter(valid_from__lt=valid_until)
    if same.exclude(valid_until=F("valid_from")).exists():
        raise AgencyError(_("%(person)s holds this already then.") % {"person": person}, field="person")
    grant = Grant.objects.create(
        person=person,
        kind=kind,
        agency=agency,
        valid_from=valid_from,
        valid_until=valid_until,
        granted_by=actor,
        reason=reason,
    )
    record(
        actor=actor,
        action="grant.given",
        target=person,
        detail={
            **_grant_detail(grant),
            "valid_from": valid_from.isoformat(),
            "valid_until": valid_until.isoformat() if valid_until else None,
            "reason": reason,
        },
    )
    return grant


@transaction.atomic
def end_grant(*, actor: Person | None, grant: Grant, on: date, today: date, reason: str = "") -> Grant:
    """Take the grant back: ``on`` is the first day it no longer holds. Returns it afresh.

    One that has not begun by then holds on no day. What a manager lent out of a grant ends with it. Raises
    PermissionDenied unless the actor may ``today`` give such a grant, and AgencyError when it ended already.
    """
    grant = Grant.objects.select_for_update(of=("self",)).select_related("person", "agency").get(pk=grant.pk)
    if actor is not None and not user_can_give_grant(actor, kind=grant.kind, agency=grant.agency, as_of=today):
        raise PermissionDenied
    if grant.valid_until is not None and grant.valid_until <= on:
        raise AgencyError(_("This already ended on %(day)s.") % {"day": date_format(grant.valid_until)}, field="on")
    close_grant(grant, actor=actor, on=on, reason=reason)
    if grant.kind == GrantKind.MANAGER:
        for lent in Grant.objects.filter(granted_by=grant.person, kind=GrantKind.READER, valid_until__gt=on):
            if not user_can_give_grant(grant.person, kind=lent.kind, agency=lent.agency, as_of=on):
                close_grant(lent, actor=actor, on=on, reason=reason)
    return grant


def close_grant(grant: Grant, *, actor: Person | None, on: date, reason: str) -> None:
    """Write the end of a grant, in the caller's transaction; whether the actor may is settled before."""
    grant.valid_until = max(on, grant.valid_from)
    grant.save(update_fields=["valid_until"])
    record(
        actor=actor,
        action="grant.ended",
        target=grant.person,
        detail={**_grant_detail(grant), "on": grant.valid_until.isoformat(), "reason": reason},
    )


def _grant_detail(grant: Grant) -> dict[str, Any]:
    return {"grant": grant.pk, "kind": grant.kind, "agency": grant.agency.code if grant.agency else None}


def record_opening(*, actor: Person, opened: Person | Agency | None, page: str, as_of: date) -> AuditEvent | None:
    """Write down that a coordinator opened a page with names, and return the row; nothing for anybody else, nor for
    their own page.

    ``opened`` is the person or the agency that the page is about (none: all that the coordinator sees), ``page`` its
    URL name. A page calls it once for each GET, after it has found that it may be shown.
    """
    if isinstance(opened, Person) and resolve_person(opened) == resolve_person(actor):
        return None
    if not user_has_grant(actor, GrantKind.COORDINATOR, as_of=as_of):
        return None
    return record(actor=actor, action="names.opened", target=opened, detail={"page": page})
