"""Outside training: staff send proof; who decides about their records approves, returns or refuses it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from certificates.selectors import list_bodies
from certificates.services import CreditRefused
from lms.accounts.selectors import identities, resolve_person
from lms.agencies.selectors import answerable_for
from lms.agencies.services import record_opening
from lms.learning.enums import ExternalState
from lms.learning.external import (
    OPEN_TO_SENDER,
    ExternalRefused,
    refuse_external,
    return_external,
    send_external,
    send_external_again,
)
from lms.learning.models import ExternalCredit, ExternalProof
from lms.portal.forms import ClaimExternalForm, DecideForm
from lms.portal.selectors import get_external_for, list_external_of_team
from lms.portal.services import approve_outside
from lms.privacy.uploads import KINDS

from .pages import SignedInRequest

TYPES = {"pdf": "application/pdf", "png": "image/png", "jpeg": "image/jpeg"}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def outside(request: SignedInRequest) -> HttpResponse:
    """What I sent and what became of it; a POST sends another one."""
    now = timezone.now()
    posted = request.method == "POST"
    form = ClaimExternalForm(
        request.POST if posted else None, request.FILES if posted else None, today=timezone.localdate(now)
    )
    if posted and form.is_valid():
        credit = send_external(
            person=resolve_person(request.user),
            claim=form.claim,
            proof=form.cleaned_data["proof"],
            actor=request.user,
            now=now,
        )
        messages.success(request, _("Sent. It counts as soon as your manager has approved it."))
        return redirect("portal:outside-one", credit.key)
    sent = ExternalCredit.objects.filter(person__in=identities(request.user)).select_related("decided_by")
    context = {"form": form, "sent": sent}
    return render(request, "portal/outside.html", context, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def outside_one(request: SignedInRequest, key: UUID) -> HttpResponse:
    """One that I sent; while it is not decided, a POST changes it and sends it again."""
    own = ExternalCredit.objects.filter(person__in=identities(request.user))
    credit = get_object_or_404(own.select_related("decided_by", "completion__voided_by"), key=key)
    now = timezone.now()
    posted, status = request.method == "POST", 200
    form = ClaimExternalForm(
        request.POST if posted else None,
        request.FILES if posted else None,
        today=timezone.localdate(now),
        credit=credit,
    )
    if posted:
        status = 422
        if form.is_valid():
            try:
                send_external_again(
                    credit=credit, claim=form.claim, proof=form.cleaned_data["proof"], actor=request.user, now=now
                )
            except ExternalRefused as refusal:
                form.add_error(None, str(refusal))
                status = 409
            else:
                messages.success(request, _("Sent again."))
                return redirect("portal:outside-one", key)
    context = {
        "credit": credit,
        "proofs": credit.proofs.defer("content"),
        "form": form,
        "open": credit.state in OPEN_TO_SENDER,
    }
    return render(request, "portal/outside_one.html", context, status=status)


@never_cache
@require_safe
@login_required
def outside_proof(request: SignedInRequest, key: UUID, proof_id: int) -> HttpResponse:
    """Give out a proof to who sent it and to who may see that person; a browser saves it and shows nothing of it."""
    credit = get_external_for(request.user, key, as_of=timezone.localdate())
    if credit is None:
        raise Http404
    proof = get_object_or_404(ExternalProof, pk=proof_id, credit=credit)
    record_opening(actor=request.user, opened=credit.person, page="portal:outside-decide", as_of=timezone.localdate())
    ending = KINDS[proof.kind].extensions[0]
    return HttpResponse(
        bytes(proof.content),
        content_type=TYPES[proof.kind],
        headers={
            "Content-Disposition": f'attachment; filename="proof-{proof.pk}.{ending}"',
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
        },
    )


@never_cache
@require_safe
@login_required
def outside_team(request: SignedInRequest) -> HttpResponse:
    """What my people sent: first what waits for a decision. Who decides about nobody gets a 404."""
    today = timezone.localdate()
    if not answerable_for(request.user, as_of=today).exists():
        raise Http404
    record_opening(actor=request.user, opened=None, page="portal:outside-team", as_of=today)
    credits = list_external_of_team(request.user, as_of=today)
    context = {
        "waiting": credits.filter(state=ExternalState.WAITING).order_by("sent_at", "pk"),
        "decided": credits.exclude(state=ExternalState.WAITING)[:50],
    }
    return render(request, "portal/outside_team.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def outside_decide(request: SignedInRequest, key: UUID) -> HttpResponse:
    """One that somebody of my people sent; a POST decides it."""
    now = timezone.now()
    credits = list_external_of_team(request.user, as_of=timezone.localdate(now))
    credit = get_object_or_404(credits, key=key)
    posted, status = request.method == "POST", 200
    if not posted:
        today = timezone.localdate(now)
        record_opening(actor=request.user, opened=credit.person, page="portal:outside-decide", as_of=today)
    bodies = list_bodies(credit.person, on=credit.completed_on)
    form = DecideForm(
        request.POST if posted else None,
        initial={"hours": f"{credit.hours.normalize():f}"},
        bodies=[body for body in bodies if body.counts_outside],
    )
    if posted:
        status = 422
        if form.is_valid():
            try:
                _decide(request, credit, form)
            except (ExternalRefused, CreditRefused) as refusal:
                form.add_error(None, str(refusal))
                status = 409
            else:
                messages.success(request, _("Decided. The person is told by mail, and sees it here."))
                return redirect("portal:outside-team")
    context = {
        "credit": credit,
        "proofs": credit.proofs.defer("content"),
        "form": form,
        "not_outside": [body for body in bodies if not body.counts_outside],
        "open": credit.state == ExternalState.WAITING,
    }
    return render(request, "portal/outside_decide.html", context, status=status)


def _decide(request: SignedInRequest, credit: ExternalCredit, form: DecideForm) -> None:
    given, now = form.cleaned_data, timezone.now()
    if given["decision"] == "approve":
        approve_outside(credit=credit, hours=given["hours"], with_bodies=form.with_bodies, actor=request.user, now=now)
    elif given["decision"] == "return":
        return_external(credit=credit, reason=given["reason"], actor=request.user, now=now)
    else:
        refuse_external(credit=credit, reason=given["reason"], actor=request.user, now=now)
