"""Writes of jobs: a transfer, a second job, leaving and coming back are rows, never edits of what was true."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from lms.accounts.models import Person
from lms.accounts.selectors import find_by_email
from lms.agencies.enums import Affiliation
from lms.agencies.models import Agency, Employment, JobRole
from lms.agencies.signals import employment_changed
from lms.audit.services import record

from .errors import AgencyError
from .invitations import can_invite, invite_person


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
        raise AgencyError(_("A job ends after its first day."), field="valid_until")
    if agency.closed_on is not None and agency.closed_on <= valid_from:
        raise AgencyError(
            _("%(unit)s closed on %(day)s.") % {"unit": agency.name, "day": date_format(agency.closed_on)},
            field="agency",
        )
    if supervisor == person:
        raise AgencyError(_("%(person)s can't be their own supervisor.") % {"person": person}, field="supervisor")
    same = Employment.objects.filter(
        Q(valid_until=None) | Q(valid_until__gt=valid_from), person=person, agency=agency, job_role=job_role
    )
    if valid_until is not None:
        same = same.filter(valid_from__lt=valid_until)
    if same.exists():
        raise AgencyError(
            _("%(person)s already holds this job at %(unit)s then.") % {"person": person, "unit": agency.name},
            field="agency",
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
        raise AgencyError(_("A job ends after its first day."), field="on")
    if employment.valid_until is not None and employment.valid_until <= on:
        raise AgencyError(
            _("This job already ended on %(day)s.") % {"day": date_format(employment.valid_until)}, field="on"
        )
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
def employ(
    *,
    actor: Person | None,
    email: str,
    first_name: str,
    last_name: str,
    agency: Agency,
    job_role: JobRole,
    valid_from: date,
    valid_until: date | None = None,
    supervisor: Person | None = None,
    employee_number: str = "",
    affiliation: str = Affiliation.EMPLOYEE,
    invite_at: datetime | None = None,
) -> tuple[Employment, bool]:
    """Give a job to the person with this address, who is created when nobody proved it or has it; return the job and
    whether the person is new.

    A person who is known keeps their own name and brings their record along. With ``invite_at`` who can be invited gets
    an invitation then; caregivers and volunteers come by invitation alone. Raises AgencyError as ``add_employment``
    does.
    """
    address = email.strip().lower()
    person = find_by_email([address]).get(address)
    created = person is None
    if person is None:
        person = Person.objects.create_user(address, None, first_name=first_name, last_name=last_name)
        record(actor=actor, action="person.created", target=person, detail={"agency": agency.code})
    employment = add_employment(
        actor=actor,
        person=person,
        agency=agency,
        job_role=job_role,
        valid_from=valid_from,
        valid_until=valid_until,
        supervisor=supervisor,
        employee_number=employee_number,
        affiliation=affiliation,
    )
    if invite_at is not None and can_invite(person, now=invite_at):
        invite_person(actor=actor, person=person, now=invite_at)
    return employment, created


@transaction.atomic
def undo_end(*, actor: Person | None, employment: Employment, today: date) -> Employment:
    """Let a job go on whose end has not come yet, and return it afresh.

    Raises AgencyError when it has no end or ended before today (a job from then on is a new row), when the unit closes,
    and when the person takes up the same job again.
    """
    employment = (
        Employment.objects.select_for_update(of=("self",)).select_related("person", "agency").get(pk=employment.pk)
    )
    ended = employment.valid_until
    if ended is None or ended < today:
        raise AgencyError(_("Only an end from today on can be taken back. Add a new job instead."))
    if employment.agency.closed_on is not None:
        raise AgencyError(
            _("%(unit)s closes on %(day)s.")
            % {"unit": employment.agency.name, "day": date_format(employment.agency.closed_on)}
        )
    again = Employment.objects.filter(
        person=employment.person, agency=employment.agency, job_role=employment.job_role, valid_from__gte=ended
    )
    if again.exists():
        raise AgencyError(_("%(person)s takes up this job again later.") % {"person": employment.person})
    employment.valid_until = None
    employment.save(update_fields=["valid_until"])
    record(
        actor=actor,
        action="employment.end_undone",
        target=employment.person,
        detail={"agency": employment.agency.code, "job_role": employment.job_role.code, "on": ended.isoformat()},
    )
    employment_changed.send(sender=Employment, person_ids=[employment.person_id])
    return employment


@transaction.atomic
def take_back_employment(*, actor: Person | None, employment: Employment, today: date) -> Employment | None:
    """Remove a job that begins today or later, as entered by mistake; return the job that goes on instead, if any: the
    one that the person was to leave for it.

    The audit row keeps what was entered. Raises AgencyError when the job began before today: it can be ended.
    """
    employment = (
        Employment.objects.select_for_update(of=("self",)).select_related("person", "agency").get(pk=employment.pk)
    )
    if employment.valid_from < today:
        raise AgencyError(_("This job has begun. End it instead; the days it held stay as they were."))
    left = find_left_for(employment)
    record(
        actor=actor,
        action="employment.taken_back",
        target=employment.person,
        detail={
            "agency": employment.agency.code,
            "job_role": employment.job_role.code,
            "valid_from": employment.valid_from.isoformat(),
            "valid_until": employment.valid_until.isoformat() if employment.valid_until else None,
        },
    )
    employment.delete()
    employment_changed.send(sender=Employment, person_ids=[employment.person_id])
    return undo_end(actor=actor, employment=left, today=today) if left else None


def find_left_for(employment: Employment) -> Employment | None:
    """Return the job that a transfer into this one ended: the only one of the person that ended that day under the same
    employee number."""
    ended = list(
        Employment.objects.filter(
            person=employment.person,
            valid_until=employment.valid_from,
            employee_number=employment.employee_number,
            affiliation=employment.affiliation,
        ).select_related("agency", "job_role")
    )
    return ended[0] if len(ended) == 1 else None
