"""Likely duplicates, joining two rows of one person, taking them apart again."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lms.accounts.merging import MergeError, mark_distinct, merge_persons, undo_merge, why_not_merge
from lms.accounts.models import Person
from lms.accounts.selectors import find_by_email
from lms.agencies.services import record_opening
from lms.portal.forms import MergeForm, PairForm
from lms.portal.selectors import list_likely_pairs, list_mergeable, list_merges, summarize_record

from .pages import SignedInRequest


def _mergeable_or_404(user: Person, *keys: int, as_of: date) -> list[Person]:
    """Return these people in this order; 404 for who may join nobody's rows, and for each one they may not see."""
    people = list_mergeable(user, as_of=as_of)
    if not people.exists():
        raise Http404
    return [get_object_or_404(people, pk=key) for key in keys]


@require_safe
@login_required
def duplicates(request: SignedInRequest) -> HttpResponse:
    """Pairs of rows that look like one person; two more can be named by their addresses."""
    today = timezone.localdate()
    _mergeable_or_404(request.user, as_of=today)
    form = PairForm(request.GET if "first" in request.GET else None)
    if form.is_bound and form.is_valid():
        found = find_by_email([form.cleaned_data["first"], form.cleaned_data["second"]])
        seen = list_mergeable(request.user, as_of=today).filter(pk__in=[person.pk for person in found.values()])
        keys = {person.pk for person in seen}
        pair = []
        for name in ("first", "second"):
            person = found.get(form.cleaned_data[name].lower())
            if person is None or person.pk not in keys:
                form.add_error(name, _("None of your people has this address."))
            else:
                pair.append(person.pk)
        if len(pair) == 2:
            return redirect("portal:merge", *pair)
    record_opening(actor=request.user, opened=None, page="portal:duplicates", as_of=today)
    context = {"pairs": list_likely_pairs(request.user, as_of=today), "form": form}
    return render(request, "portal/duplicates.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def merge(request: SignedInRequest, survivor_id: int, merged_id: int) -> HttpResponse:
    """Show two rows side by side and what joining them does; a POST joins them."""
    now = timezone.now()
    today = timezone.localdate(now)
    survivor, merged = _mergeable_or_404(request.user, survivor_id, merged_id, as_of=today)
    form = MergeForm(request.POST if request.method == "POST" else None, survivor=survivor, merged=merged)
    against = why_not_merge(survivor, merged)
    if request.method == "POST" and not against and form.is_valid():
        try:
            merge_persons(
                actor=request.user,
                survivor=survivor,
                merged=merged,
                take=form.taken,
                reason=form.cleaned_data["reason"],
                now=now,
            )
        except MergeError as refusal:
            against = str(refusal)
        else:
            survivor.refresh_from_db()
            messages.success(
                request,
                _("%(person)s is one record now. Nothing was moved or deleted; you can undo it below.")
                % {"person": survivor.full_name},
            )
            return redirect("portal:merges")
    for person in (survivor, merged):
        record_opening(actor=request.user, opened=person, page="portal:merge", as_of=today)
    context = {
        "form": form,
        "against": against,
        "stays": summarize_record(survivor, as_of=today),
        "goes": summarize_record(merged, as_of=today),
    }
    failed = request.method == "POST"
    return render(request, "portal/merge.html", context, status=(409 if against else 400) if failed else 200)


@require_POST
@login_required
def tell_apart(request: SignedInRequest, first_id: int, second_id: int) -> HttpResponse:
    """Say that two rows that look alike are two people."""
    now = timezone.now()
    one, other = _mergeable_or_404(request.user, first_id, second_id, as_of=timezone.localdate(now))
    try:
        mark_distinct(actor=request.user, one=one, other=other, now=now)
    except MergeError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Noted: they are two people. This pair is not shown again."))
    return redirect("portal:duplicates")


@require_safe
@login_required
def merges(request: SignedInRequest) -> HttpResponse:
    """Every merge that the user may undo, the latest first."""
    today = timezone.localdate()
    _mergeable_or_404(request.user, as_of=today)
    record_opening(actor=request.user, opened=None, page="portal:merges", as_of=today)
    page = Paginator(list_merges(request.user, as_of=today), 50).get_page(request.GET.get("page"))
    return render(request, "portal/merges.html", {"merges": page})


@require_POST
@login_required
def undo(request: SignedInRequest, merge_id: int) -> HttpResponse:
    """Take two rows apart again."""
    now = timezone.now()
    merge = get_object_or_404(list_merges(request.user, as_of=timezone.localdate(now)), pk=merge_id)
    try:
        undo_merge(actor=request.user, merge=merge, now=now)
    except MergeError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Undone: they are two records again, each with its own courses and jobs."))
    return redirect("portal:merges")
