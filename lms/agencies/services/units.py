"""Writes of the tree: add, move, split, close, name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lms.accounts.models import Person
from lms.agencies.models import Agency, AgencyKind, AgencyPlacement, Employment, Grant
from lms.agencies.signals import agency_changed
from lms.audit.services import record

from .errors import AgencyError
from .grants import close_grant
from .jobs import end_employment, transfer


@transaction.atomic
def create_agency(
    *,
    actor: Person | None,
    code: str,
    name: str,
    kind: AgencyKind,
    valid_from: date,
    parent: Agency | None = None,
    **fields: Any,
) -> Agency:
    """Add a unit below ``parent`` (none: at the top) from a day on and return it.

    Raises AgencyError when the code is taken or the tree of that day has no such place.
    """
    if Agency.objects.filter(code=code).exists():
        raise AgencyError(_("There is already an agency with the code %(code)s.") % {"code": code}, field="code")
    if parent:
        parent = Agency.objects.select_for_update(no_key=True).get(pk=parent.pk)
        _require_place(parent, valid_from)
    values = {"code": code, "name": name, "kind": kind, **fields}
    agency: Agency = parent.add_child(**values) if parent else Agency.add_root(**values)
    _require_free(agency.path, valid_from)
    AgencyPlacement.objects.create(agency=agency, path=agency.path, valid_from=valid_from)
    record(
        actor=actor,
        action="agency.created",
        target=agency,
        detail={"parent": parent.code if parent else None, "valid_from": valid_from.isoformat()},
    )
    agency_changed.send(sender=Agency, agency_ids=[agency.pk])
    return agency


@transaction.atomic
def move_agency(*, actor: Person | None, agency: Agency, new_parent: Agency | None, on: date) -> Agency:
    """Put the unit and all below it under ``new_parent`` (none: at the top) from the day ``on``; return it afresh.

    Days before ``on`` keep the tree as it was. Raises AgencyError when the unit stands there already, when the move
    makes a circle and when it reaches back before an earlier move.
    """
    agency = Agency.objects.select_for_update(no_key=True).get(pk=agency.pk)
    if new_parent:
        new_parent = Agency.objects.select_for_update(no_key=True).get(pk=new_parent.pk)
        if new_parent.path.startswith(agency.path):
            raise AgencyError(_("%(unit)s can't stand below itself.") % {"unit": agency.name}, field="new_parent")
        _require_place(new_parent, on)
    old_path, old_parent = agency.path, agency.get_parent()
    if new_parent == old_parent:
        already = (
            _("%(unit)s stands below %(parent)s already.") if old_parent else _("%(unit)s stands at the top already.")
        )
        raise AgencyError(already % {"unit": agency.name, "parent": old_parent}, field="new_parent")
    _require_place(agency, on)
    if AgencyPlacement.objects.filter(path__startswith=old_path, valid_until__gt=on).exists():
        raise AgencyError(
            _("A unit below %(unit)s moved after %(day)s. Choose a later day.")
            % {"unit": agency.name, "day": date_format(on)},
            field="on",
        )
    if new_parent:
        agency.move(new_parent, "last-child")
    else:
        agency.move(Agency.get_last_root_node(), "last-sibling")
    agency.refresh_from_db()
    _require_free(agency.path, on)
    moved = list(Agency.objects.filter(path__startswith=agency.path))
    current = {placement.agency_id: placement for placement in AgencyPlacement.objects.filter(valid_until=None)}
    for unit in moved:
        placement = current[unit.pk]
        if placement.valid_from >= on:
            placement.path = unit.path
            placement.save(update_fields=["path"])
        else:
            placement.valid_until = on
            placement.save(update_fields=["valid_until"])
            AgencyPlacement.objects.create(agency=unit, path=unit.path, valid_from=on)
    record(
        actor=actor,
        action="agency.moved",
        target=agency,
        detail={
            "from": old_parent.code if old_parent else None,
            "to": new_parent.code if new_parent else None,
            "on": on.isoformat(),
        },
    )
    agency_changed.send(sender=Agency, agency_ids=[unit.pk for unit in moved])
    return agency


def _require_place(agency: Agency, day: date) -> None:
    """Raise AgencyError unless the unit stood on the day where it stands now."""
    if not agency.placements.filter(valid_until=None, valid_from__lte=day).exists():
        raise AgencyError(
            _("%(unit)s did not stand at its present place on %(day)s. Choose a later day.")
            % {"unit": agency.name, "day": date_format(day)},
            field="on",
        )


def _require_free(path: str, day: date) -> None:
    """Raise AgencyError when another unit stood at this place of the tree on the day or later: the tree's engine gives
    the place of a unit that left to the next one that comes."""
    if AgencyPlacement.objects.filter(Q(valid_until=None) | Q(valid_until__gt=day), path=path).exists():
        raise AgencyError(
            _("Another unit stood at this place of the tree after %(day)s. Choose a later day.")
            % {"day": date_format(day)},
            field="on",
        )


@transaction.atomic
def update_agency(*, actor: Person | None, agency: Agency, **fields: Any) -> Agency:
    """Change what a unit is called and the facts about it, and return it afresh; what stands already is not written.

    These facts are not dated: the audit row keeps what was.
    """
    agency = Agency.objects.select_for_update(no_key=True).get(pk=agency.pk)
    changed = {name: value for name, value in fields.items() if getattr(agency, name) != value}
    if not changed:
        return agency
    detail = {name: [_written(getattr(agency, name)), _written(value)] for name, value in changed.items()}
    for name, value in changed.items():
        setattr(agency, name, value)
    agency.save(update_fields=list(changed))
    record(actor=actor, action="agency.updated", target=agency, detail=detail)
    agency_changed.send(sender=Agency, agency_ids=[agency.pk])
    return agency


def _written(value: object) -> object:
    return value if isinstance(value, bool | str) or value is None else str(value)


@transaction.atomic
def split_agency(
    *, actor: Person | None, agency: Agency, code: str, name: str, beside: bool, jobs: Sequence[Employment], on: date
) -> Agency:
    """Put a new unit beside the unit, or below it, from the day on, move the jobs there that day, and return it.

    Supervisors stay who they are. Raises AgencyError when no job is named or one is held elsewhere, and as
    ``create_agency`` and ``transfer`` do.
    """
    if not jobs:
        raise AgencyError(_("Choose who moves to the new unit."), field="jobs")
    if any(job.agency_id != agency.pk for job in jobs):
        raise AgencyError(_("Choose people who work at %(unit)s.") % {"unit": agency.name}, field="jobs")
    parent = agency.get_parent() if beside else agency
    unit = create_agency(
        actor=actor,
        code=code,
        name=name,
        kind=agency.kind,
        parent=parent,
        valid_from=on,
        service_area=agency.service_area,
        high_priority=agency.high_priority,
        under_contract=agency.under_contract,
    )
    for job in jobs:
        transfer(actor=actor, employment=job, agency=unit, supervisor=job.supervisor, on=on)
    record(
        actor=actor,
        action="agency.split",
        target=agency,
        detail={"into": code, "beside": beside, "jobs": len(jobs), "on": on.isoformat()},
    )
    return unit


@transaction.atomic
def close_agency(
    *, actor: Person | None, agency: Agency, on: date, transfer_to: Agency | None = None, end_jobs: bool = False
) -> Agency:
    """Close the unit: ``on`` is the first day it no longer works. Returns it afresh.

    Its place in the tree stays, so that every earlier day can be shown. Jobs that reach into that day move to
    ``transfer_to``, or end if so asked; grants over the unit end with it. Raises AgencyError when people still work
    there and neither was chosen, when a unit below is open, and when it closed already or had not begun.
    """
    agency = Agency.objects.select_for_update(no_key=True).get(pk=agency.pk)
    if agency.closed_on is not None:
        raise AgencyError(
            _("%(unit)s closed on %(day)s.") % {"unit": agency.name, "day": date_format(agency.closed_on)}, field="on"
        )
    _require_place(agency, on)
    below = agency.get_descendants().filter(Q(closed_on=None) | Q(closed_on__gt=on))
    if below.exists():
        raise AgencyError(
            _("%(unit)s still has open units below it: %(names)s. Move or close them first.")
            % {"unit": agency.name, "names": ", ".join(str(unit) for unit in below[:5])}
        )
    jobs = list(
        Employment.objects.filter(Q(valid_until=None) | Q(valid_until__gt=on), agency=agency).select_related(
            "supervisor"
        )
    )
    if jobs and transfer_to is None and not end_jobs:
        raise AgencyError(
            ngettext(
                "%(number)s job at %(unit)s reaches beyond that day. Say what becomes of it.",
                "%(number)s jobs at %(unit)s reach beyond that day. Say what becomes of them.",
                len(jobs),
            )
            % {"number": len(jobs), "unit": agency.name},
            field="people",
        )
    if transfer_to == agency:
        raise AgencyError(_("Choose another unit than the one that closes."), field="transfer_to")
    if late := [job for job in jobs if job.valid_from >= on]:
        raise AgencyError(
            _("%(person)s begins at %(unit)s on %(day)s. Choose a later day.")
            % {"person": late[0].person, "unit": agency.name, "day": date_format(late[0].valid_from)},
            field="on",
        )
    for job in jobs:
        if transfer_to:
            transfer(actor=actor, employment=job, agency=transfer_to, supervisor=job.supervisor, on=on)
        else:
            end_employment(actor=actor, employment=job, on=on)
    for grant in Grant.objects.filter(Q(valid_until=None) | Q(valid_until__gt=on), agency=agency):
        close_grant(grant, actor=actor, on=on, reason=_("The unit closed."))
    agency.closed_on = on
    agency.save(update_fields=["closed_on"])
    record(actor=actor, action="agency.closed", target=agency, detail={"on": on.isoformat(), "jobs": len(jobs)})
    agency_changed.send(sender=Agency, agency_ids=[agency.pk])
    return agency


@transaction.atomic
def reopen_agency(*, actor: Person | None, agency: Agency, today: date) -> Agency:
    """Take back a closing that comes today or later, and return the unit afresh.

    Jobs that were moved or ended for it, and grants that end with it, stay as they are. Raises AgencyError when the
    unit is open or closed before today.
    """
    agency = Agency.objects.select_for_update().get(pk=agency.pk)
    closed = agency.closed_on
    if closed is None or closed < today:
        raise AgencyError(_("Only a closing from today on can be taken back. Add a new unit instead."))
    agency.closed_on = None
    agency.save(update_fields=["closed_on"])
    record(actor=actor, action="agency.closing_undone", target=agency, detail={"on": closed.isoformat()})
    agency_changed.send(sender=Agency, agency_ids=[agency.pk])
    return agency
