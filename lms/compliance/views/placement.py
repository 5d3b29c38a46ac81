"""Ready for placements or not, and what contracts ask of providers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from lms.accounts.models import Person
from lms.agencies.enums import NAMING_KINDS
from lms.agencies.models import Agency
from lms.agencies.permissions import user_can_see_names, user_has_grant
from lms.agencies.selectors import visible_to
from lms.agencies.services import record_opening
from lms.compliance.forms import ContractForm
from lms.compliance.models import ProviderContract, Requirement
from lms.compliance.readiness import Readiness
from lms.compliance.selectors import (
    ContractLine,
    list_contract_agencies,
    list_contract_people,
    list_contracts,
    list_facilities,
    list_facility_readiness,
    list_missing,
    list_people_before_placement,
    list_readiness,
    list_shares,
)
from lms.compliance.services import ContractRefused, save_contract
from lms.sheets.writing import Value

from .pages import PAGE, SignedInRequest, send_csv


def _reader_or_404(user: Person, today: date) -> None:
    if not (user_has_grant(user, *NAMING_KINDS, as_of=today) or visible_to(user, as_of=today).exists()):
        raise Http404


@require_safe
@login_required
def readiness(request: SignedInRequest) -> HttpResponse:
    """The facilities, or the caregivers, that are not ready; or all of them."""
    today = timezone.localdate()
    _reader_or_404(request.user, today)
    who = "caregivers" if request.GET.get("who") == "caregivers" else "facilities"
    only_missing = request.GET.get("show") != "all"
    context = {"who": who, "only_missing": only_missing, "today": today}
    if who == "caregivers":
        record_opening(actor=request.user, opened=None, page="compliance:readiness", as_of=today)
        people = list_people_before_placement(request.user, as_of=today, only_missing=only_missing)
        page = Paginator(people, PAGE).get_page(request.GET.get("page"))
        return render(request, "compliance/readiness.html", context | {"page": page, "lines": _lines(page, today)})
    facilities = list_facilities(request.user, as_of=today, only_missing=only_missing)
    shown = Paginator(facilities, PAGE).get_page(request.GET.get("page"))
    rows: list[dict[str, Any]] = list(shown)
    units = Agency.objects.select_related("service_area").in_bulk([row["unit"] for row in rows])
    standing = list_facility_readiness(list(units), as_of=today)
    lines = [(units[row["unit"]], standing.get(row["unit"]), row) for row in rows]
    return render(request, "compliance/readiness.html", context | {"page": shown, "lines": lines})


def _lines(people: Iterable[Person], today: date) -> list[tuple[Person, Readiness | None, list[str]]]:
    shown = list(people)
    standing, missing = list_readiness(shown, as_of=today), list_missing(shown, as_of=today)
    return [(person, standing.get(person.pk), missing.get(person.pk, [])) for person in shown]


@require_safe
@login_required
def facility(request: SignedInRequest, agency_id: int) -> HttpResponse:
    """Who at a facility is ready, and what the others lack."""
    today = timezone.localdate()
    agency = get_object_or_404(Agency, pk=agency_id)
    if not user_can_see_names(request.user, agency, as_of=today):
        raise Http404
    record_opening(actor=request.user, opened=agency, page="compliance:facility", as_of=today)
    people = list_people_before_placement(request.user, as_of=today, agency=agency)
    page = Paginator(people, PAGE).get_page(request.GET.get("page"))
    context = {
        "agency": agency,
        "page": page,
        "lines": _lines(page, today),
        "readiness": list_facility_readiness([agency.pk], as_of=today).get(agency.pk),
    }
    return render(request, "compliance/facility.html", context)


# --- contracts


@require_safe
@login_required
def contracts(request: SignedInRequest) -> HttpResponse:
    """The contracts of providers that I may open, and how far each is."""
    today = timezone.localdate()
    _grant_or_404(request.user, today)
    page = Paginator(list_contracts(request.user, as_of=today), PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "compliance/contracts.html",
        {
            "page": page,
            "shares": list_shares(list(page), as_of=today),
            "may_add": list_contract_agencies(request.user, as_of=today).exists(),
        },
    )


def _grant_or_404(user: Person, today: date) -> None:
    if not (user.is_superuser or user_has_grant(user, *NAMING_KINDS, as_of=today)):
        raise Http404


def _contract_or_404(request: SignedInRequest, contract_id: int, today: date) -> ProviderContract:
    _grant_or_404(request.user, today)
    return get_object_or_404(list_contracts(request.user, as_of=today), pk=contract_id)


@require_safe
@login_required
def contract(request: SignedInRequest, contract_id: int) -> HttpResponse:
    """How many of the provider's people are trained, and the names of who is missing."""
    today = timezone.localdate()
    found = _contract_or_404(request, contract_id, today)
    record_opening(actor=request.user, opened=found.agency, page="compliance:contract", as_of=today)
    share, lines = list_contract_people(request.user, found, as_of=today)
    page = Paginator(lines, PAGE).get_page(request.GET.get("page"))
    context = {"contract": found, "share": share, "page": page, "today": today}
    return render(request, "compliance/contract.html", context)


@require_safe
@login_required
def contract_file(request: SignedInRequest, contract_id: int) -> HttpResponseBase:
    """The same as a CSV file, one row for each person and missing rule."""
    today = timezone.localdate()
    found = _contract_or_404(request, contract_id, today)
    record_opening(actor=request.user, opened=found.agency, page="compliance:contract-file", as_of=today)
    share, lines = list_contract_people(request.user, found, as_of=today)
    header = [_("name"), _("e-mail"), _("trained"), _("missing"), _("due"), _("as of"), _("contract"), _("citation")]
    return send_csv(header, _contract_rows(found, lines, today), f"contract-{found.pk}-{share.as_of}.csv")


def _contract_rows(contract: ProviderContract, lines: list[ContractLine], today: date) -> Iterator[list[Value]]:
    for line in lines:
        missing: list[tuple[str, date | None]] = [(rule.name, due_on) for rule, due_on in line.missing]
        for rule, due_on in missing or [("", None)]:
            yield [
                line.person.full_name,
                line.person.email,
                _("no") if line.missing else _("yes"),
                rule,
                due_on,
                today,
                contract.title,
                contract.citation,
            ]


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def add_contract(request: SignedInRequest) -> HttpResponse:
    """A contract is written down."""
    return _edit(request, None, timezone.localdate())


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def edit_contract(request: SignedInRequest, contract_id: int) -> HttpResponse:
    """What a contract asks is changed."""
    today = timezone.localdate()
    return _edit(request, _contract_or_404(request, contract_id, today), today)


def _edit(request: SignedInRequest, contract: ProviderContract | None, today: date) -> HttpResponse:
    agencies = list_contract_agencies(request.user, as_of=today)
    may_change = agencies.filter(pk=contract.agency_id).exists() if contract else agencies.exists()
    if not may_change:
        raise Http404
    names = ("agency", "title", "citation", "target_percent", "starts_on", "due_on", "ends_on")
    initial: dict[str, Any] = {name: getattr(contract, name) for name in names} if contract else {"starts_on": today}
    if contract:
        initial["requirements"] = [rule.pk for rule in contract.requirements.all()]
    form = ContractForm(
        request.POST if request.method == "POST" else None,
        agencies=agencies,
        rules=Requirement.objects.filter(mandatory=True, course_list=None),
        initial=initial,
    )
    if form.is_bound and form.is_valid():
        try:
            saved = save_contract(actor=request.user, contract=contract or ProviderContract(), **form.cleaned_data)
        except ContractRefused as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            messages.success(request, _("“%(title)s” is saved.") % {"title": saved.title})
            return redirect("compliance:contract", saved.pk)
    context = {
        "form": form,
        "title": _("Edit the contract") if contract else _("Add a contract"),
        "contract": contract,
    }
    return render(request, "compliance/contract_edit.html", context, status=422 if form.errors else 200)
