"""Waivers: given and taken back, never changed."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from lms.accounts.models import Person
from lms.audit.services import record
from lms.compliance.models import Requirement, Waiver

from .spans import recompute_after


class WaiverRefused(ValueError):
    """A waiver that can't be; its text is for the person who wrote it."""


@transaction.atomic
def waive(
    *,
    actor: Person | None,
    person: Person,
    requirement: Requirement,
    valid_from: date,
    valid_until: date | None,
    reason: str,
    now: datetime,
    approved_by: Person | None = None,
) -> Waiver:
    """Let the person off the requirement for a half-open period of days and return the waiver.

    Raises WaiverRefused without a reason, for an empty period, and when the person would approve their own.
    """
    if not reason.strip():
        raise WaiverRefused(_("Say why."))
    if valid_until is not None and valid_until <= valid_from:
        raise WaiverRefused(_("The waiver ends before it starts."))
    if person in (actor, approved_by):
        raise WaiverRefused(_("Nobody waives a rule for themself."))
    waiver = Waiver.objects.create(
        person=person,
        requirement=requirement,
        valid_from=valid_from,
        valid_until=valid_until,
        reason=reason.strip(),
        recorded_at=now,
        recorded_by=actor,
        approved_by=approved_by,
    )
    record(
        actor=actor,
        action="waiver.given",
        target=person,
        detail={
            "requirement": requirement.code,
            "valid_from": valid_from.isoformat(),
            "valid_until": valid_until.isoformat() if valid_until else None,
            "reason": waiver.reason,
        },
    )
    _recompute(waiver, now)
    return waiver


@transaction.atomic
def void_waiver(*, actor: Person | None, waiver: Waiver, reason: str, now: datetime) -> Waiver:
    """Take a waiver back by a voiding row, as if it had never been, and return that row (the one that stands, if any).

    Raises WaiverRefused without a reason and for a row that is itself a voiding one.
    """
    if waiver.voids_id is not None:
        raise WaiverRefused(_("This row takes a waiver back; it can't be taken back itself."))
    if not reason.strip():
        raise WaiverRefused(_("Say why."))
    voiding, created = Waiver.objects.get_or_create(
        voids=waiver,
        defaults={
            "person": waiver.person,
            "requirement": waiver.requirement,
            "valid_from": waiver.valid_from,
            "valid_until": waiver.valid_until,
            "reason": reason.strip(),
            "recorded_at": now,
            "recorded_by": actor,
        },
    )
    if created:
        record(
            actor=actor,
            action="waiver.voided",
            target=waiver.person,
            detail={"requirement": waiver.requirement.code, "reason": voiding.reason},
        )
        _recompute(waiver, now)
    return voiding


def _recompute(waiver: Waiver, now: datetime) -> None:
    recompute_after(
        persons=[waiver.person_id], requirements=Requirement.objects.filter(pk=waiver.requirement_id), now=now
    )
