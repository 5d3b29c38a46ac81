"""Claiming an older record of one's own."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.core.mail import send_mail
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from lms.accounts.claims import (
    ClaimExpiredError,
    ClaimInvalidError,
    address_is_proof_enough,
    find_claimable,
    read_claim,
    sign_claim,
)
from lms.accounts.merging import MergeError, merge_persons
from lms.accounts.models import Person
from lms.agencies.selectors import list_grants
from lms.portal.forms import ClaimForm

from .pages import SignedInRequest

MAILS_AN_HOUR = 5


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def claim(request: SignedInRequest) -> HttpResponse:
    """Ask for an old address, and mail a link to it when another record has it; the answer is the same either way."""
    form = ClaimForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        hour = f"claims:{request.user.pk}:{timezone.now():%Y%m%d%H}"
        asked = cache.get(hour, 0)
        if asked >= MAILS_AN_HOUR:
            form.add_error(None, _("You asked five times within the hour. Please wait for the next hour."))
            return render(request, "portal/claim.html", {"form": form}, status=429)
        cache.set(hour, asked + 1, timeout=3600)
        _mail_link(request, form.cleaned_data["address"])
        messages.success(
            request,
            _("If another record here has this address, a mail with a link is on its way. It works for three days."),
        )
        return redirect("portal:claim")
    return render(request, "portal/claim.html", {"form": form}, status=400 if form.errors else 200)


def _mail_link(request: SignedInRequest, address: str) -> None:
    found = find_claimable(request.user, address)
    if found is None:
        return
    context = {
        "SITE_NAME": settings.SITE_NAME,
        "claimant": request.user.email,
        "link": "",
    }
    if _proof_enough(found.record):
        context["link"] = settings.SITE_URL + reverse("portal:claim-confirm", args=[sign_claim(found)])
    send_mail(
        render_to_string("portal/email/claim_subject.txt", context).strip(),
        render_to_string("portal/email/claim_message.txt", context),
        None,
        [found.address],
    )


def _proof_enough(record: Person) -> bool:
    """Whether reading an address's mail may open the record: not where it carries rights over other people."""
    return address_is_proof_enough(record) and not list_grants(record, as_of=timezone.localdate()).exists()


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def claim_confirm(request: SignedInRequest, token: str) -> HttpResponse:
    """Show what the link joins; a POST joins it. A link is of use only to who asked for it."""
    try:
        found = read_claim(token, claimant=request.user)
    except ClaimExpiredError:
        return render(request, "portal/claim_gone.html", {"expired": True}, status=410)
    except ClaimInvalidError:
        return render(request, "portal/claim_gone.html", {"expired": False}, status=404)
    if not _proof_enough(found.record):
        return render(request, "portal/claim_gone.html", {"expired": False}, status=404)
    if request.method == "POST":
        try:
            merge_persons(
                actor=request.user,
                survivor=found.claimant,
                merged=found.record,
                reason=_("Claimed by proving the address"),
                now=timezone.now(),
            )
        except MergeError:
            return render(request, "portal/claim_gone.html", {"expired": False}, status=404)
        messages.success(
            request, _("Done. What you completed under %(address)s counts here now.") % {"address": found.address}
        )
        return redirect("portal:my")
    return render(request, "portal/claim_confirm.html", {"claim": found})
