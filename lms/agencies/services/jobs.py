"""Writes of jobs: a transfer, a second job, leaving and coming back are rows, never edits of what was true."""

from __future__ import annotations

from datetime import date

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
) -> tuple[Employment, bool]:
    """Give a job to the person with this address, who is created when nobody proved it or has it; return the job and
    whether the person is new.

    A person who is known keeps their own name and brings their record along. Raises AgencyError as ``add_employment``
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
    return employment, created
