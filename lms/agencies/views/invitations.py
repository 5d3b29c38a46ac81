"""Invitations: sent, withdrawn, and the page that the link opens."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from lms.accounts.models import Person
from lms.agencies.forms import ActForm, FirstPasswordForm
from lms.agencies.selectors import list_managed_people, list_without_sign_in
from lms.agencies.services import (
    AgencyError,
    InvitationExpiredError,
    InvitationInvalidError,
    accept_invitation,
    invite_people,
    invite_person,
    read_invitation,
    withdraw_invitation,
)

from .pages import SignedInRequest, get_managed, name_some, posted, run_act, say_day


@require_POST
@login_required
def invite(request: SignedInRequest, person_id: int) -> HttpResponse:
    """Mail one of my people the link to a first password, or a new one."""
    now = timezone.now()
    person = get_object_or_404(list_managed_people(request.user, as_of=timezone.localdate(now)), pk=person_id)
    try:
        invitation = invite_person(actor=request.user, person=person, now=now)
    except AgencyError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request,
            _("An invitation to %(address)s is on its way. Its link works until %(day)s.")
            % {"address": invitation.address, "day": say_day(timezone.localtime(invitation.expires_at))},
        )
    return redirect("agencies:person", person.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def invite_all(request: SignedInRequest, agency_id: int) -> HttpResponse:
    """Invite everybody of a unit and below who can't sign in yet, after saying how many they are."""
    now = timezone.now()
    today = timezone.localdate(now)
    agency = get_managed(request, agency_id, today)
    people = list_without_sign_in(agency, as_of=today, now=now)
    waiting = people.count()

    def tell(invited: Sequence[Person]) -> list[str]:
        sentences = [
            ngettext(
                "%(number)s person here and below gets an invitation by mail: %(names)s.",
                "%(number)s people here and below get an invitation by mail: %(names)s.",
                len(invited),
            )
            % {"number": len(invited), "names": name_some([person.full_name or person.email for person in invited])}
        ]
        if waiting > len(invited):
            sentences.append(_("The others are invited when you do this again."))
        return sentences

    return run_act(
        request,
        ActForm(posted(request)),
        lambda: invite_people(actor=request.user, people=people.iterator(chunk_size=500), now=now),
        tell=tell,
        onward=lambda invited: reverse("agencies:unit", args=[agency.pk]),
        title=_("Invite people of %(unit)s") % {"unit": agency.name},
        lead=ngettext(
            "%(number)s person here and below can't sign in yet.",
            "%(number)s people here and below can't sign in yet.",
            waiting,
        )
        % {"number": waiting},
        button=_("Send the invitations"),
        back=reverse("agencies:unit", args=[agency.pk]),
    )


@require_POST
@login_required
def withdraw(request: SignedInRequest, person_id: int) -> HttpResponse:
    """Make the link that was sent to one of my people open nothing."""
    now = timezone.now()
    person = get_object_or_404(list_managed_people(request.user, as_of=timezone.localdate(now)), pk=person_id)
    try:
        withdraw_invitation(actor=request.user, person=person, now=now)
    except AgencyError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Withdrawn: the link in the mail opens nothing any more."))
    return redirect("agencies:person", person.pk)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """The page that an invitation's link opens: one field, for a password of one's own."""
    now = timezone.now()
    try:
        invitation = read_invitation(token, now=now)
        form = FirstPasswordForm(posted(request), person=invitation.person)
        if form.is_valid():
            accept_invitation(token=token, password=form.cleaned_data["password"], now=now)
            messages.success(request, _("Your password is set. Sign in with it."))
            return redirect("account_login")
    except InvitationExpiredError:
        return render(request, "agencies/invitation_gone.html", {"expired": True}, status=410)
    except InvitationInvalidError:
        return render(request, "agencies/invitation_gone.html", {"expired": False}, status=404)
    context = {"form": form, "invitation": invitation}
    return render(request, "agencies/invitation.html", context, status=422 if form.errors else 200)
