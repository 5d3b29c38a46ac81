"""What can be done with a unit: added, named, moved, split, closed."""

from __future__ import annotations

from datetime import date

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from lms.accounts.models import Person
from lms.accounts.selectors import resolve_person
from lms.agencies.forms import ActForm, CloseUnitForm, MoveUnitForm, NewUnitForm, SplitUnitForm, UnitFactsForm
from lms.agencies.models import Agency, Employment, Grant
from lms.agencies.permissions import user_can_manage_agency
from lms.agencies.selectors import list_choosable_people, list_jobs_at, list_managed_agencies
from lms.agencies.services import (
    close_agency,
    create_agency,
    move_agency,
    reopen_agency,
    split_agency,
    update_agency,
)

from .pages import SignedInRequest, get_managed, name_some, posted, run_act, say_day

FACTS = ("name", "short_name", "kind", "service_area", "point_person", "high_priority", "under_contract")


def _address(agency: Agency, day: date | None = None) -> str:
    address = reverse("agencies:unit", args=[agency.pk])
    return f"{address}?day={day.isoformat()}" if day and day > timezone.localdate() else address


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def add(request: SignedInRequest, agency_id: int | None = None) -> HttpResponse:
    """A new unit below another one, or at the top."""
    today = timezone.localdate()
    parent = get_managed(request, agency_id, today) if agency_id else None
    if parent is None and not user_can_manage_agency(request.user, None, as_of=today):
        raise Http404
    form = NewUnitForm(
        posted(request),
        people=list_choosable_people(request.user, as_of=today),
        initial={
            "on": today,
            "kind": parent and parent.kind_id,
            "service_area": parent and parent.service_area_id,
            "under_contract": parent and parent.under_contract,
        },
    )

    def tell(made: Agency) -> list[str]:
        facts = {"unit": made.name, "day": say_day(form.cleaned_data["on"]), "parent": parent and parent.name}
        if parent:
            return [_("%(unit)s stands below %(parent)s from %(day)s on.") % facts]
        return [_("%(unit)s stands at the top of the tree from %(day)s on.") % facts]

    return run_act(
        request,
        form,
        lambda: create_agency(
            actor=request.user,
            code=form.cleaned_data["code"],
            parent=parent,
            valid_from=form.cleaned_data["on"],
            **{name: form.cleaned_data[name] for name in FACTS},
        ),
        tell=tell,
        onward=lambda made: _address(made, form.cleaned_data["on"]),
        title=_("Add a unit below %(unit)s") % {"unit": parent.name} if parent else _("Add an agency"),
        button=_("Add it"),
        back=_address(parent) if parent else reverse("agencies:tree"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def edit(request: SignedInRequest, agency_id: int) -> HttpResponse:
    """What a unit is called, and its facts."""
    today = timezone.localdate()
    agency = get_managed(request, agency_id, today)
    people = list_choosable_people(request.user, as_of=today)
    before = {name: getattr(agency, name) for name in FACTS}
    if agency.point_person:
        people = people | Person.objects.filter(pk=agency.point_person_id)
    initial = {**before, "point_person": agency.point_person and agency.point_person.email}
    form = UnitFactsForm(posted(request), people=people, initial=initial)

    def tell(changed: Agency) -> list[str]:
        changes = [
            _("%(fact)s: %(before)s → %(after)s.")
            % {
                "fact": form.fields[name].label,
                "before": _shown(before[name]),
                "after": _shown(form.cleaned_data[name]),
            }
            for name in FACTS
            if before[name] != form.cleaned_data[name]
        ]
        return changes or [_("Nothing changes: all is as it was.")]

    return run_act(
        request,
        form,
        lambda: update_agency(actor=request.user, agency=agency, **form.cleaned_data),
        tell=tell,
        onward=_address,
        title=_("Change %(unit)s") % {"unit": agency.name},
        lead=_("Its code, %(code)s, stays: staff files name the unit by it.") % {"code": agency.code},
        button=_("Save"),
        back=_address(agency),
    )


def _shown(value: object) -> str:
    """Return a fact as a reader sees it."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value) if value else _("none")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def move(request: SignedInRequest, agency_id: int) -> HttpResponse:
    """Another place in the tree, from a day on."""
    today = timezone.localdate()
    agency = get_managed(request, agency_id, today)
    if not user_can_manage_agency(request.user, agency.get_parent(), as_of=today):
        # Whoever manages the unit alone would take it away from those who manage what it stands below.
        raise Http404
    form = MoveUnitForm(
        posted(request),
        agency=agency,
        units=list_managed_agencies(request.user, as_of=today),
        to_top=user_can_manage_agency(request.user, None, as_of=today),
        today=today,
        initial={"on": today},
    )

    def tell(moved: Agency) -> list[str]:
        parent = form.cleaned_data["new_parent"]
        facts = {"unit": moved.name, "day": say_day(form.cleaned_data["on"]), "parent": parent and parent.name}
        units = moved.get_descendant_count()
        return [
            _("%(unit)s stands below %(parent)s from %(day)s on.") % facts
            if parent
            else _("%(unit)s stands at the top of the tree from %(day)s on.") % facts,
            ngettext(
                "%(number)s unit below it moves along, and all people keep their jobs.",
                "%(number)s units below it move along, and all people keep their jobs.",
                units,
            )
            % {"number": units}
            if units
            else _("Its people keep their jobs."),
            _("Earlier days keep the tree as it was."),
        ]

    return run_act(
        request,
        form,
        lambda: move_agency(
            actor=request.user,
            agency=agency,
            new_parent=form.cleaned_data["new_parent"],
            on=form.cleaned_data["on"],
        ),
        tell=tell,
        onward=_address,
        title=_("Move %(unit)s") % {"unit": agency.name},
        lead=_("Its people and all units below it move along."),
        button=_("Move it"),
        back=_address(agency),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def split(request: SignedInRequest, agency_id: int) -> HttpResponse:
    """A new unit out of this one, with some of its people."""
    today = timezone.localdate()
    agency = get_managed(request, agency_id, today)
    form = SplitUnitForm(
        posted(request),
        agency=agency,
        jobs=list_jobs_at(agency, as_of=today),
        may_beside=user_can_manage_agency(request.user, agency.get_parent(), as_of=today),
        initial={"on": today},
    )

    def tell(made: Agency) -> list[str]:
        jobs = list(form.cleaned_data["jobs"])
        facts = {"unit": made.name, "day": say_day(form.cleaned_data["on"]), "number": len(jobs)}
        return [
            _("%(unit)s stands from %(day)s on.") % facts,
            ngettext(
                "%(number)s person moves there that day, with the same job and supervisor: %(names)s.",
                "%(number)s people move there that day, with the same job and supervisor: %(names)s.",
                len(jobs),
            )
            % {**facts, "names": name_some([resolve_person(job.person).full_name for job in jobs])},
        ]

    return run_act(
        request,
        form,
        lambda: split_agency(
            actor=request.user,
            agency=agency,
            code=form.cleaned_data["code"],
            name=form.cleaned_data["name"],
            beside=form.cleaned_data["where"] == "beside",
            jobs=list(form.cleaned_data["jobs"]),
            on=form.cleaned_data["on"],
        ),
        tell=tell,
        onward=lambda made: _address(made, form.cleaned_data["on"]),
        title=_("Split %(unit)s") % {"unit": agency.name},
        lead=_("A new unit of the same kind and area. Who is chosen moves there with the same job and supervisor."),
        button=_("Split it"),
        back=_address(agency),
        opened=agency,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def close(request: SignedInRequest, agency_id: int) -> HttpResponse:
    """The end of a unit; nobody is left behind in it."""
    today = timezone.localdate()
    agency = get_managed(request, agency_id, today)
    form = CloseUnitForm(
        posted(request),
        agency=agency,
        units=list_managed_agencies(request.user, as_of=today),
        today=today,
        initial={"on": today},
    )

    def tell(closed: Agency) -> list[str]:
        day = form.cleaned_data["on"]
        facts = {"unit": closed.name, "day": say_day(day)}
        sentences = [_("%(unit)s is closed from %(day)s on. Every earlier day stays as it was.") % facts]
        ended = list(Employment.objects.filter(agency=closed, valid_until=day).select_related("person__merged_into"))
        names = name_some([resolve_person(job.person).full_name for job in ended])
        facts |= {"names": names, "other": str(form.cleaned_data["transfer_to"])}
        if ended and form.cleaned_data["people"] == "transfer":
            sentences.append(_("To %(other)s move that day, with the same job and supervisor: %(names)s.") % facts)
        elif ended:
            sentences.append(_("Their jobs end that day: %(names)s. Their training records stay.") % facts)
        rights = Grant.objects.filter(agency=closed, valid_until=day).count()
        if rights:
            sentences.append(
                ngettext("%(number)s right over it ends that day.", "%(number)s rights over it end that day.", rights)
                % {"number": rights}
            )
        return sentences

    working = list_jobs_at(agency, as_of=today).count()
    return run_act(
        request,
        form,
        lambda: close_agency(
            actor=request.user,
            agency=agency,
            on=form.cleaned_data["on"],
            transfer_to=form.cleaned_data["transfer_to"] if form.cleaned_data["people"] == "transfer" else None,
            end_jobs=form.cleaned_data["people"] == "end",
        ),
        tell=tell,
        onward=_address,
        title=_("Close %(unit)s") % {"unit": agency.name},
        lead=ngettext("%(number)s job is held there today.", "%(number)s jobs are held there today.", working)
        % {"number": working},
        button=_("Close it"),
        back=_address(agency),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def reopen(request: SignedInRequest, agency_id: int) -> HttpResponse:
    """Takes back a closing that has not come yet."""
    today = timezone.localdate()
    agency = get_managed(request, agency_id, today)
    words = _("%(unit)s stays open. Who was to leave or move for it still does: see each person’s jobs.") % {
        "unit": agency.name
    }
    return run_act(
        request,
        ActForm(posted(request)),
        lambda: reopen_agency(actor=request.user, agency=agency, today=today),
        tell=lambda reopened: [words],
        onward=_address,
        title=_("Keep %(unit)s open") % {"unit": agency.name},
        lead=words,
        button=_("Keep it open"),
        back=_address(agency),
    )
