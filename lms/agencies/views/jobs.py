"""Who works where: add, second job, transfer, end, take back."""

from __future__ import annotations

from datetime import date

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from lms.accounts.models import Person
from lms.accounts.selectors import identities, resolve_person
from lms.agencies.enums import Affiliation
from lms.agencies.forms import ActForm, EndJobForm, JobForm, NewPersonForm, TransferForm
from lms.agencies.models import Employment
from lms.agencies.selectors import (
    get_invitation,
    list_choosable_people,
    list_grants,
    list_known_people,
    list_managed_agencies,
    list_readable_agencies,
    map_sign_in_states,
    visible_to,
)
from lms.agencies.services import (
    add_employment,
    employ,
    end_employment,
    find_left_for,
    record_opening,
    take_back_employment,
    transfer,
    undo_end,
)

from .grants import list_endable
from .pages import SignedInRequest, get_managed, posted, run_act, say_day, whole_site


@require_safe
@login_required
def person_jobs(request: SignedInRequest, person_id: int) -> HttpResponse:
    """Every job of one of my people, past, present and to come; of who left, the jobs in my agencies only."""
    now = timezone.now()
    today = timezone.localdate(now)
    person = _known(request, person_id)
    visible = visible_to(request.user, as_of=today).filter(pk=person.pk).exists()
    jobs = Employment.objects.filter(person__in=identities(person)).select_related("agency", "job_role", "supervisor")
    if not visible:
        jobs = jobs.filter(agency__in=list_readable_agencies(request.user, as_of=today))
    managed = set(list_managed_agencies(request.user, as_of=today).values_list("pk", flat=True))
    record_opening(actor=request.user, opened=person, page="agencies:person", as_of=today)
    grants = list(list_grants(person, as_of=today)) if visible else []
    endable = list_endable(request.user, grants, today)
    shown = [(job, job.agency_id in managed) for job in jobs.order_by("-valid_from", "-pk")]
    context = {
        "person": person,
        "visible": visible,
        "may_add": bool(managed),
        "jobs": shown,
        "grants": [(grant, grant.pk in endable) for grant in grants],
        "state": map_sign_in_states([person], now=now)[person.pk],
        "invitation": get_invitation(person),
        "may_invite": any(mine and (not job.valid_until or job.valid_until > today) for job, mine in shown),
        "today": today,
    }
    return render(request, "agencies/person.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def add_person(request: SignedInRequest, agency_id: int) -> HttpResponse:
    """A job at this unit for somebody named by their address, known or not."""
    now = timezone.now()
    today = timezone.localdate(now)
    agency = get_managed(request, agency_id, today)
    form = NewPersonForm(
        posted(request),
        kind=agency.kind,
        people=list_choosable_people(request.user, as_of=today),
        user=request.user,
        initial={"on": today},
    )

    def take_on() -> Employment:
        values = dict(form.cleaned_data)
        invited = values.pop("invite") or values["affiliation"] != Affiliation.EMPLOYEE
        job, _created = employ(
            actor=request.user,
            agency=agency,
            valid_from=values.pop("on"),
            invite_at=now if invited else None,
            **values,
        )
        return job

    def tell(job: Employment) -> list[str]:
        # Before it is done, nobody learns whether and under which name an address is known.
        typed = form.cleaned_data
        name = f"{typed['first_name']} {typed['last_name']}"
        sentences = [
            _tell(job, typed["email"]),
            _("Who is known by this address keeps their name and brings their training record along.")
            + " "
            + _("Otherwise %(name)s is entered.") % {"name": name},
        ]
        if typed["invite"] or typed["affiliation"] != Affiliation.EMPLOYEE:
            sentences.append(_("Who has no password yet gets an invitation by mail."))
        return sentences

    return run_act(
        request,
        form,
        take_on,
        tell=tell,
        onward=lambda job: reverse("agencies:person", args=[resolve_person(job.person).pk]),
        title=_("Add a person to %(unit)s") % {"unit": agency.name},
        lead=_("As an employee, or as a caregiver or volunteer for some days."),
        button=_("Add the person"),
        back=reverse("agencies:unit", args=[agency.pk]),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def add_job(request: SignedInRequest, person_id: int) -> HttpResponse:
    """A second job for one of the people known here, or the first after coming back."""
    today = timezone.localdate()
    person = _known(request, person_id)
    units = list_managed_agencies(request.user, as_of=today)
    if not units.exists():
        raise Http404
    form = JobForm(
        posted(request),
        units=units,
        people=list_choosable_people(request.user, as_of=today),
        today=today,
        initial={"on": today, "agency": request.GET.get("unit")},
    )

    def take_on() -> Employment:
        values = dict(form.cleaned_data)
        return add_employment(actor=request.user, person=person, valid_from=values.pop("on"), **values)

    return run_act(
        request,
        form,
        take_on,
        tell=lambda job: [_tell(job, person.full_name), _("Other jobs stay as they are.")],
        onward=lambda job: reverse("agencies:person", args=[person.pk]),
        title=_("Give %(person)s a job") % {"person": person},
        lead=_("Other jobs stay as they are."),
        button=_("Add the job"),
        back=reverse("agencies:person", args=[person.pk]),
        opened=person,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def transfer_job(request: SignedInRequest, employment_id: int) -> HttpResponse:
    """The same person in another unit, another job or under another supervisor, without a gap."""
    today = timezone.localdate()
    job = _managed_job(request, employment_id)
    person = resolve_person(job.person)
    people = list_choosable_people(request.user, as_of=today)
    if job.supervisor:
        people = people | Person.objects.filter(pk=resolve_person(job.supervisor).pk)
    form = TransferForm(
        posted(request),
        job=job,
        units=list_managed_agencies(request.user, as_of=today),
        people=people,
        today=today,
        initial={
            "on": today,
            "agency": job.agency_id,
            "job_role": job.job_role_id,
            "supervisor": job.supervisor and resolve_person(job.supervisor).email,
        },
    )

    def tell(new: Employment) -> list[str]:
        return [
            _("%(person)s works at %(unit)s as %(job)s until the day before %(day)s.")
            % {"person": person, "unit": job.agency.name, "job": job.job_role, "day": say_day(new.valid_from)},
            _tell(new, person.full_name),
            _("The supervisor is then %(supervisor)s.") % {"supervisor": resolve_person(new.supervisor)}
            if new.supervisor
            else _("Nobody is the supervisor then."),
            _("The training record comes along."),
        ]

    return run_act(
        request,
        form,
        lambda: transfer(actor=request.user, employment=job, **form.cleaned_data),
        tell=tell,
        onward=lambda new: reverse("agencies:person", args=[person.pk]),
        title=_("Transfer %(person)s") % {"person": person},
        lead=_("Now %(job)s at %(unit)s, since %(day)s. For a new supervisor alone, leave unit and job as they are.")
        % {"job": job.job_role, "unit": job.agency.name, "day": say_day(job.valid_from)},
        button=_("Transfer"),
        back=reverse("agencies:person", args=[person.pk]),
        opened=person,
        warn=lambda new: _rights_kept(person, max(new.valid_from, today)),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def end_job(request: SignedInRequest, employment_id: int) -> HttpResponse:
    """The end of one job; the record stays."""
    today = timezone.localdate()
    job = _managed_job(request, employment_id)
    person = resolve_person(job.person)
    form = EndJobForm(posted(request), initial={"on": today})
    facts = {"person": person, "unit": job.agency.name, "job": job.job_role}
    return run_act(
        request,
        form,
        lambda: end_employment(actor=request.user, employment=job, on=form.cleaned_data["on"]),
        tell=lambda ended: [
            _("%(person)s no longer works at %(unit)s as %(job)s from %(day)s on.")
            % {**facts, "day": say_day(form.cleaned_data["on"])},
            _("Other jobs and the training record stay."),
        ],
        onward=lambda ended: reverse("agencies:person", args=[person.pk]),
        title=_("End the job of %(person)s") % facts,
        lead=_("%(job)s at %(unit)s, since %(day)s.") % {**facts, "day": say_day(job.valid_from)},
        button=_("End the job"),
        back=reverse("agencies:person", args=[person.pk]),
        opened=person,
        warn=lambda ended: _rights_kept(person, max(form.cleaned_data["on"], today)),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def undo_end_of_job(request: SignedInRequest, employment_id: int) -> HttpResponse:
    """Takes back the end of a job that has not come yet."""
    today = timezone.localdate()
    job = _managed_job(request, employment_id)
    person = resolve_person(job.person)
    facts = {"person": person, "unit": job.agency.name, "job": job.job_role}
    words = _("%(person)s goes on working at %(unit)s as %(job)s; the job has no end.") % facts
    return run_act(
        request,
        ActForm(posted(request)),
        lambda: undo_end(actor=request.user, employment=job, today=today),
        tell=lambda going_on: [words],
        onward=lambda going_on: reverse("agencies:person", args=[person.pk]),
        title=_("Let the job of %(person)s go on") % facts,
        lead=words,
        button=_("Let it go on"),
        back=reverse("agencies:person", args=[person.pk]),
        opened=person,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def take_back_job(request: SignedInRequest, employment_id: int) -> HttpResponse:
    """Takes out a job that was entered by mistake and begins today or later."""
    today = timezone.localdate()
    job = _managed_job(request, employment_id)
    person = resolve_person(job.person)
    facts = {"person": person, "unit": job.agency.name, "job": job.job_role}
    words = _("%(person)s does not begin at %(unit)s as %(job)s.") % facts
    if left := find_left_for(job):
        words += " " + _("The job at %(unit)s as %(job)s goes on without an end.") % {
            "unit": left.agency.name,
            "job": left.job_role,
        }
    return run_act(
        request,
        ActForm(posted(request)),
        lambda: take_back_employment(actor=request.user, employment=job, today=today),
        tell=lambda removed: [words],
        onward=lambda removed: reverse("agencies:unit", args=[job.agency_id]),
        title=_("Take back the job of %(person)s") % facts,
        lead=words,
        button=_("Take it back"),
        back=reverse("agencies:person", args=[person.pk]),
        opened=person,
    )


def _known(request: SignedInRequest, person_id: int) -> Person:
    """Return one of the people known to the user, by the key of whichever of their rows."""
    person = resolve_person(get_object_or_404(Person.objects.select_related("merged_into"), pk=person_id))
    return get_object_or_404(list_known_people(request.user, as_of=timezone.localdate()), pk=person.pk)


def _managed_job(request: SignedInRequest, employment_id: int) -> Employment:
    """Return a job that the user may change: at one of their agencies, and not their own."""
    managed = list_managed_agencies(request.user, as_of=timezone.localdate())
    jobs = Employment.objects.filter(agency__in=managed).exclude(person__in=identities(request.user))
    return get_object_or_404(jobs.select_related("person", "supervisor", "agency__kind", "job_role"), pk=employment_id)


def _tell(job: Employment, who: str) -> str:
    """Say from which day to which somebody works where."""
    facts = {
        "person": who,
        "unit": job.agency.name,
        "job": job.job_role,
        "day": say_day(job.valid_from),
        "until": say_day(job.valid_until) if job.valid_until else "",
    }
    if job.valid_until:
        return _("%(person)s works at %(unit)s as %(job)s from %(day)s until the day before %(until)s.") % facts
    return _("%(person)s works at %(unit)s as %(job)s from %(day)s on.") % facts


def _rights_kept(person: Person, day: date) -> list[str]:
    """Say that somebody whose job ends keeps rights that were given apart from it."""
    rights = [f"{grant.get_kind_display()}, {grant.agency or whole_site()}" for grant in list_grants(person, as_of=day)]
    if not rights:
        return []
    return [
        _("%(person)s still holds from that day on: %(rights)s. End it if it went with the job.")
        % {"person": person, "rights": "; ".join(rights)}
    ]
