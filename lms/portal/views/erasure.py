"""Removing the data of somebody who left."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lms.accounts.erasing import ErasureError
from lms.accounts.models import Person
from lms.agencies.permissions import user_can_erase
from lms.agencies.services import record_opening
from lms.agencies.services.erasure import erase_leaver, why_not_erase
from lms.portal.forms import ErasureForm

from .pages import SignedInRequest


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def erase(request: SignedInRequest, person_id: int) -> HttpResponse:
    """What would go and what would stay; on a POST with a reason it goes. 404 for who may erase nobody."""
    now = timezone.now()
    today = timezone.localdate(now)
    if not user_can_erase(request.user, as_of=today):
        raise Http404
    person = get_object_or_404(Person.objects.unmerged(), pk=person_id, erased_at=None)
    if request.method != "POST":
        record_opening(actor=request.user, opened=person, page="portal:erase", as_of=today)
    refusal = why_not_erase(person, today=today)
    form = ErasureForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            erase_leaver(actor=request.user, person=person, reason=form.cleaned_data["reason"], now=now, today=today)
        except ErasureError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The data was removed. What was completed stays on record."))
            return redirect("portal:team")
    status = 422 if form.errors else 200
    return render(request, "portal/erase.html", {"person": person, "refusal": refusal, "form": form}, status=status)
