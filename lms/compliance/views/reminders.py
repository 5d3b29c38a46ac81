"""When people are reminded, and everybody's own calendar."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from lms.accounts.selectors import resolve_person
from lms.agencies.permissions import user_can_manage_agency
from lms.compliance.feed import write_calendar
from lms.compliance.forms import StepRows, list_typed_steps, read_steps
from lms.compliance.models import CalendarFeed, ReminderStep
from lms.compliance.selectors import list_obligations
from lms.compliance.services import StepsRefused, close_feed, make_feed, set_reminder_steps

from .pages import SignedInRequest


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def steps(request: SignedInRequest) -> HttpResponse:
    """How many days before and after the due day somebody hears of it; for who manages the whole site."""
    if not user_can_manage_agency(request.user, None, as_of=timezone.localdate()):
        raise Http404
    if request.method != "POST":
        standing = [
            {"days": abs(step.offset), "side": "before" if step.offset < 0 else "after", "audience": step.audience}
            for step in ReminderStep.objects.all()
        ]
        return render(request, "compliance/reminders.html", {"rows": StepRows(initial=standing)})
    if request.POST.get("act") == "more":
        return render(request, "compliance/reminders.html", {"rows": StepRows(initial=list_typed_steps(request.POST))})
    rows = StepRows(request.POST)
    error = ""
    if rows.is_valid():
        try:
            set_reminder_steps(actor=request.user, steps=read_steps(rows))
        except StepsRefused as refusal:
            error = str(refusal)
        else:
            messages.success(request, _("Saved. It holds from the next reminders on."))
            return redirect("compliance:reminders")
    return render(request, "compliance/reminders.html", {"rows": rows, "error": error, "wrong": True}, status=422)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def calendar(request: SignedInRequest) -> HttpResponse:
    """My own calendar address: made, renewed, taken away."""
    act = request.POST.get("act", "")
    if act == "make":
        make_feed(person=request.user, now=timezone.now())
        messages.success(request, _("This is the new address. An older one shows nothing any more."))
        return redirect("compliance:calendar")
    if act == "close":
        close_feed(person=request.user)
        messages.success(request, _("The address shows nothing any more."))
        return redirect("compliance:calendar")
    feed = CalendarFeed.objects.filter(person=request.user).first()
    address = f"{settings.SITE_URL}{reverse('compliance:calendar-feed', args=[feed.token])}" if feed else ""
    return render(request, "compliance/calendar.html", {"address": address}, status=422 if act else 200)


@require_safe
def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:
    """The due days of whom the address belongs to, for a calendar program, which signs in nowhere."""
    feed = get_object_or_404(CalendarFeed.objects.select_related("person__merged_into__merged_into"), token=token)
    person = resolve_person(feed.person)
    if not person.is_active:
        raise Http404
    now = timezone.now()
    lines = list_obligations([person], as_of=timezone.localdate(now))[person.pk]
    with override(person.language):
        content = write_calendar(
            lines,
            name=settings.SITE_NAME,
            host=urlsplit(settings.SITE_URL).hostname or "localhost",
            link=f"{settings.SITE_URL}{reverse('portal:my')}",
            now=now,
        )
    headers = {"Content-Disposition": 'inline; filename="training.ics"', "Cache-Control": "private, max-age=3600"}
    return HttpResponse(content, content_type="text/calendar; charset=utf-8", headers=headers)
