"""Completions that wait for a second person: asked for by one, decided by another."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lms.accounts.selectors import identities
from lms.agencies.selectors import answerable_for
from lms.agencies.services import record_opening
from lms.learning.models import Completion
from lms.portal.enums import ChangeState
from lms.portal.forms import CorrectForm, DecideChangeForm
from lms.portal.selectors import list_changes
from lms.portal.services import ChangeRefused, approve_change, propose_correction, refuse_change, withdraw_change

from .pages import SignedInRequest


@never_cache
@require_safe
@login_required
def changes(request: SignedInRequest) -> HttpResponse:
    """What waits for a decision about my people, and what was decided last."""
    today = timezone.localdate()
    if not answerable_for(request.user, as_of=today).exists():
        raise Http404
    record_opening(actor=request.user, opened=None, page="portal:changes", as_of=today)
    rows = list_changes(request.user, as_of=today)
    own = set(identities(request.user).values_list("pk", flat=True))
    waiting = [(change, change.proposed_by_id in own) for change in rows.filter(state=ChangeState.WAITING)]
    decided = rows.exclude(state=ChangeState.WAITING).order_by("-decided_at", "-pk")[:50]
    return render(request, "portal/changes.html", {"waiting": waiting, "decided": decided})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def change(request: SignedInRequest, key: UUID) -> HttpResponse:
    """One of them; a POST decides it, unless the reader asked for it."""
    today = timezone.localdate()
    row = get_object_or_404(list_changes(request.user, as_of=today), key=key)
    mine = identities(request.user).filter(pk=row.proposed_by_id).exists()
    form = DecideChangeForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            now = timezone.now()
            try:
                if form.cleaned_data["decision"] == "approve":
                    approve_change(actor=request.user, change=row, now=now)
                else:
                    refuse_change(actor=request.user, change=row, reason=form.cleaned_data["reason"], now=now)
            except ChangeRefused as refusal:
                form.add_error(None, str(refusal))
                status = 409
            else:
                messages.success(request, _("Decided. The record follows at once."))
                return redirect("portal:changes")
    else:
        record_opening(actor=request.user, opened=row.person, page="portal:changes", as_of=today)
    context = {"change": row, "form": form, "mine": mine, "open": row.state == ChangeState.WAITING}
    return render(request, "portal/change.html", context, status=status)


@never_cache
@require_POST
@login_required
def withdraw(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Take back what I asked for and nobody decided."""
    rows = list_changes(request.user, as_of=timezone.localdate())
    row = get_object_or_404(rows.filter(proposed_by__in=identities(request.user)), key=key)
    try:
        withdraw_change(actor=request.user, change=row, now=timezone.now())
    except ChangeRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Withdrawn. Nothing changes."))
    return redirect("portal:changes")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def correct(request: SignedInRequest, completion_id: int) -> HttpResponse:
    """Ask for a completion of one of my people to be corrected or taken back."""
    today = timezone.localdate()
    completion = get_object_or_404(Completion.objects.standing().select_related("person", "course"), pk=completion_id)
    survivors = identities(completion.person).filter(merged_into=None).values("pk")
    person = get_object_or_404(answerable_for(request.user, as_of=today), pk__in=survivors)
    if request.method != "POST":
        record_opening(actor=request.user, opened=person, page="portal:changes", as_of=today)
    names = ("started_on", "completed_on", "mode", "hours", "place", "instructor")
    form = CorrectForm(
        request.POST if request.method == "POST" else None,
        today=today,
        initial={name: getattr(completion, name) for name in names},
    )
    status = 422 if form.errors else 200
    if form.is_valid():
        try:
            propose_correction(
                actor=request.user,
                completion=completion,
                taken=form.taken if form.cleaned_data["change"] == "correct" else None,
                reason=form.cleaned_data["reason"],
                now=timezone.now(),
            )
        except ChangeRefused as refusal:
            form.add_error(None, str(refusal))
            status = 409
        else:
            messages.success(request, _("It waits for a second person. Until then nothing changes."))
            return redirect("portal:person", person.pk)
    context = {"form": form, "completion": completion, "person": person}
    return render(request, "portal/correct.html", context, status=status)
