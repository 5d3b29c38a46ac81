"""Every write about agencies and jobs: one transaction, its audit row, its signal."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from lms.accounts.models import Person
from lms.audit.models import AuditEvent
from lms.audit.services import record

from .enums import WHOLE_SITE_KINDS, Affiliation, GrantKind
from .models import Agency, AgencyKind, AgencyPlacement, Employment, Grant, JobRole
from .permissions import user_can_give_grant, user_has_grant
from .signals import agency_changed, employment_changed


class AgencyError(ValueError):
    """A change that the tree or the jobs can't take; its text is for the person who asked."""


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
        raise AgencyError(_("There is already an agency with the code %(code)s.") % {"code": code})
    if parent:
        parent = Agency.objects.select_for_update().get(pk=parent.pk)
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

    Days before ``on`` keep the tree as it was. Raises AgencyError when the move makes a circle or reaches back before
    an earlier move.
    """
    agency = Agency.objects.select_for_update().get(pk=agency.pk)
    if new_parent:
        new_parent = Agency.objects.select_for_update().get(pk=new_parent.pk)
        if new_parent.path.startswith(agency.path):
            raise AgencyError(_("%(unit)s can't stand below itself.") % {"unit": agency.name})
        _require_place(new_parent, on)
    old_path, old_parent = agency.path, agency.get_parent()
    _require_place(agency, on)
    if AgencyPlacement.objects.filter(path__startswith=old_path, valid_until__gt=on).exists():
        raise AgencyError(
            _("A unit below %(unit)s moved after %(day)s. Choose a later day.")
            % {"unit": agency.name, "day": date_format(on)}
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
            % {"unit": agency.name, "day": date_format(day)}
        )


def _require_free(path: str, day: date) -> None:
    """Raise AgencyError when another unit stood at this place of the tree on the day or later: the tree's engine gives
    the place of a unit that left to the next one that comes."""
    if AgencyPlacement.objects.filter(Q(valid_until=None) | Q(valid_until__gt=day), path=path).exists():
        raise AgencyError(
            _("Another unit stood at this place of the tree after %(day)s. Choose a later day.")
            % {"day": date_format(day)}
        )


@transaction.atomic
def add_employment(
    *,
    actor: Person | None,
    person: Person,
    agency: Agency,
    job_role: JobRole,
    valid_from: date,
    valid_until: date | None = None,
    supervisor: Person | None = None,
    employee_number: str = "",
    affiliation: str = Affiliation.EMPLOYEE,
) -> Employment:
    """Give the person a job for a half-open period of days and return it; other jobs are left as they are.

    Raises AgencyError when the period is empty, the agency is closed by then, the person would supervise themself or
    already holds this job at this agency on one of the days.
    """
    if valid_until is not None and valid_until <= valid_from:
        raise AgencyError(_("A job ends after its first day."))
    if agency.closed_on is not None and agency.closed_on <= valid_from:
        raise AgencyError(
            _("%(unit)s closed on %(day)s.") % {"unit": agency.name, "day": date_format(agency.closed_on)}
        )
    if supervisor == person:
        raise AgencyError(_("%(person)s can't be their own supervisor.") % {"person": person})
    same = Employment.objects.filter(
        Q(valid_until=None) | Q(valid_until__gt=valid_from), person=person, agency=agency, job_role=job_role
    )
    if valid_until is not None:
        same = same.filter(valid_from__lt=valid_until)
    if same.exists():
        raise AgencyError(
            _("%(person)s already holds this job at %(unit)s then.") % {"person": person, "unit": agency.name}
        )
    employment = Employment.objects.create(
        person=person,
        agency=agency,
        job_role=job_role,
        supervisor=supervisor,
        employee_number=employee_number,
        affiliation=affiliation,
        valid_from=valid_from,
        valid_until=valid_until,
    )
    record(
        actor=actor,
        action="employment.added",
        target=person,
        detail={"agency": agency.code, "job_role": job_role.code, "valid_from": valid_from.isoformat()},
    )
    employment_changed.send(sender=Employment, person_ids=[person.pk])
    return employment


@transaction.atomic
def end_employment(*, actor: Person | None, employment: Employment, on: date) -> Employment:
    """End the job: ``on`` is the first day it no longer holds. Returns it afresh.

    Raises AgencyError when it ended already by then or had not begun.
    """
    employment = Employment.objects.select_for_update(of=("self",)).select_related("person").get(pk=employment.pk)
    if employment.valid_from >= on:
        raise AgencyError(_("A job ends after its first day."))
    if employment.valid_until is not None and employment.valid_until <= on:
        raise AgencyError(_("This job already ended on %(day)s.") % {"day": date_format(employment.valid_until)})
    employment.valid_until = on
    employment.save(update_fields=["valid_until"])
    record(
        actor=actor,
        action="employment.ended",
        target=employment.person,
        detail={"agency": employment.agency.code, "job_role": employment.job_role.code, "on": on.isoformat()},
    )
    employment_changed.send(sender=Employment, person_ids=[employment.person_id])
    return employment


@transaction.atomic
def transfer(
    *,
    actor: Person | None,
    employment: Employment,
    on: date,
    agency: Agency | None = None,
    job_role: JobRole | None = None,
    supervisor: Person | None = None,
) -> Employment:
    """End the job on the day and open its successor without a gap; return the new job.

    What is not named (agency, job role) stays; the supervisor is always the one given, since a new place has a new
    one. Raises AgencyError as ``end_employment`` and ``add_employment`` do.
    """
    ended = end_employment(actor=actor, employment=employment, on=on)
    return add_employment(
        actor=actor,
        person=ended.person,
        agency=agency or ended.agency,
        job_role=job_role or ended.job_role,
        supervisor=supervisor,
        employee_number=ended.employee_number,
        affiliation=ended.affiliation,
        valid_from=on,
    )


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
        raise AgencyError(_("Choose the agency that this is about."))
    if kind == GrantKind.READER and valid_until is None:
        raise AgencyError(_("The right to read is lent: say until when."))
    if valid_until is not None and valid_until <= valid_from:
        raise AgencyError(_("The last day comes before the first."))
    if actor is not None and kind == GrantKind.READER and valid_until is not None:
        last_day = valid_until - timedelta(days=1)
        if not user_can_give_grant(actor, kind=kind, agency=agency, as_of=max(last_day, today)):
            raise AgencyError(_("You can lend the right to read only for as long as you hold it yourself."))
    same = Grant.objects.filter(person=person, kind=kind, agency=agency).filter(
        Q(valid_until=None) | Q(valid_until__gt=valid_from)
    )
    if valid_until is not None:
        same = same.filter(valid_from__lt=valid_until)
    if same.exclude(valid_until=F("valid_from")).exists():
        raise AgencyError(_("%(person)s holds this already then.") % {"person": person})
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
        raise AgencyError(_("This already ended on %(day)s.") % {"day": date_format(grant.valid_until)})
    _end(grant, actor=actor, on=on, reason=reason)
    if grant.kind == GrantKind.MANAGER:
        for lent in Grant.objects.filter(granted_by=grant.person, kind=GrantKind.READER, valid_until__gt=on):
            if not user_can_give_grant(grant.person, kind=lent.kind, agency=lent.agency, as_of=on):
                _end(lent, actor=actor, on=on, reason=reason)
    return grant


def _end(grant: Grant, *, actor: Person | None, on: date, reason: str) -> None:
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
    """Write down that a coordinator opened a page with names, and return the row; nothing for anybody else.

    ``opened`` is the person or the agency that the page is about (none: all that the coordinator sees), ``page`` its
    URL name. A page calls it once for each GET, after it has found that it may be shown.
    """
    if not user_has_grant(actor, GrantKind.COORDINATOR, as_of=as_of):
        return None
    return record(actor=actor, action="names.opened", target=opened, detail={"page": page})
