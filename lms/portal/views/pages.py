"""My training, and what the site says of itself."""

from __future__ import annotations

from datetime import UTC, timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from lms.accounts.models import Person
from lms.portal.selectors import get_training_record


class SignedInRequest(HttpRequest):
    """A request behind ``login_required``."""

    user: Person


@require_safe
@login_required
def my_training(request: SignedInRequest) -> HttpResponse:
    """What I owe, by when and because of which rule; what I began; what I have done."""
    today = timezone.localdate()
    record = get_training_record(request.user, as_of=today)
    days_left = (record.next_due - today).days if record.next_due else None
    return render(request, "portal/my.html", {"record": record, "today": today, "days_left": days_left})


@require_safe
def show_the_door(request: HttpRequest) -> HttpResponse:
    """Lead from Wagtail's own sign-in pages to the one of the site; 403 for who is signed in and may not go on."""
    if request.user.is_authenticated:
        raise PermissionDenied
    query = request.META.get("QUERY_STRING", "")
    return redirect(reverse("account_login") + (f"?{query}" if query else ""))


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 when the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """Whom to tell about a weakness (RFC 9116, which wants an end within a year)."""
    expires = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=180)
    lines = [
        f"Contact: {settings.SECURITY_CONTACT}",
        f"Expires: {expires.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en, es",
        f"Canonical: {settings.SITE_URL}/.well-known/security.txt",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
