"""A person's own licenses, and where they stand with each body."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from certificates.forms import LicenseForm
from certificates.selectors import list_body_hours
from certificates.services import save_license

from .answers import SignedInRequest


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def licenses(request: SignedInRequest) -> HttpResponse:
    """Hours in each body's cycle with what counted; the form enters a license or changes it."""
    form = LicenseForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        save_license(person=request.user, actor=request.user, **form.cleaned_data)
        messages.success(request, _("Saved. Certificates that are issued from now on can name it."))
        return redirect("certificates:licenses")
    context = {"bodies": list_body_hours(request.user, as_of=timezone.localdate()), "form": form}
    return render(request, "certificates/licenses.html", context, status=422 if form.errors else 200)
