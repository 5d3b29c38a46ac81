"""The whole record of one person."""

from __future__ import annotations

from datetime import date, timedelta

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from lms.agencies.selectors import answerable_for, visible_to
from lms.agencies.services import record_opening
from lms.portal.forms.team import EARLIEST
from lms.portal.selectors import get_person_page

from .pages import SignedInRequest


@never_cache
@require_safe
@login_required
def person_record(request: SignedInRequest, person_id: int) -> HttpResponse:
    """The whole record of one of my people, today or as of a past day; anybody else's is a 404."""
    today = timezone.localdate()
    day = _read_day(request.GET.get("day", ""), today)
    person = get_object_or_404(visible_to(request.user, as_of=day, today=today), pk=person_id)
    record_opening(actor=request.user, opened=person, page="portal:person", as_of=today)
    context = {
        "person": person,
        "page": get_person_page(person, as_of=day),
        "manages": day == today and answerable_for(request.user, as_of=today).filter(pk=person.pk).exists(),
        "day": day,
        "today": today,
        "until": day + timedelta(days=1),
    }
    return render(request, "portal/person.html", context)


def _read_day(text: str, today: date) -> date:
    """Return the day of the address, today without one. One that is none, or is still to come, is no page."""
    if not text:
        return today
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise Http404 from error
    if not EARLIEST <= day <= today:
        raise Http404
    return day
