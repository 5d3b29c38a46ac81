"""My training, my team, one person's record."""

from __future__ import annotations

from datetime import UTC, timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from lms.accounts.models import Person
from lms.agencies.selectors import visible_to
from lms.agencies.services import record_opening

from .selectors import get_training_record, list_team


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
@login_required
def team(request: SignedInRequest) -> HttpResponse:
    """My own people with their duties; who leads nobody gets a 404."""
    today = timezone.localdate()
    if not visible_to(request.user, as_of=today).exists():
        raise Http404
    record_opening(actor=request.user, opened=None, page="portal:team", as_of=today)
    search = request.GET.get("q", "").strip()[:100]
    lines = list_team(request.user, as_of=today, search=search)
    late = [line for line in lines if line.late]
    only_late = request.GET.get("show") == "late"
    return render(
        request,
        "portal/team.html",
        {
            "lines": late if only_late else lines,
            "people": len(lines),
            "late": len(late),
            "search": search,
            "only_late": only_late,
            "today": today,
        },
    )


@require_safe
@login_required
def person_record(request: SignedInRequest, person_id: int) -> HttpResponse:
    """The whole record of one of my people; anybody else's is a 404."""
    today = timezone.localdate()
    person = get_object_or_404(visible_to(request.user, as_of=today), pk=person_id)
    record_opening(actor=request.user, opened=person, page="portal:person", as_of=today)
    record = get_training_record(person, as_of=today)
    return render(request, "portal/person.html", {"person": person, "record": record, "today": today})


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
