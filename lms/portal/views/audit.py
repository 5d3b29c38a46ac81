"""The audit trail: who did what to whom and when, filtered, in pages and as a file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from lms.agencies.services import record_opening
from lms.audit.services import record
from lms.portal.forms import TrailForm
from lms.portal.selectors import (
    TrailLine,
    list_audit_events,
    older_than,
    read_lines,
    stream_lines,
    user_can_read_audit,
    user_reads_whole_audit,
)
from lms.portal.selectors.trail import EXPORT_LIMIT, PAGE
from lms.sheets.writing import Value, write_csv

from .pages import SignedInRequest


@never_cache
@require_safe
@login_required
def trail(request: SignedInRequest) -> HttpResponse:
    """The events that the reader may see, the latest first, fifty to a page."""
    today, form = _ask(request)
    if not form.is_valid():
        return render(request, "portal/audit.html", {"form": form}, status=422)
    record_opening(actor=request.user, opened=None, page="portal:audit", as_of=today)
    whole = user_reads_whole_audit(request.user, as_of=today)
    events = list_audit_events(request.user, form.wanted, as_of=today)
    before = request.GET.get("before", "")
    key = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    lines = read_lines(older_than(events, key)[: PAGE + 1], whole=whole)
    context = {
        "form": form,
        "lines": lines[:PAGE],
        "more": lines[PAGE - 1].event.pk if len(lines) > PAGE else None,
        "is_later_page": key is not None,
        "whole": whole,
        "wanted": form.wanted,
    }
    return render(request, "portal/audit.html", context)


@never_cache
@require_safe
@login_required
def trail_file(request: SignedInRequest) -> HttpResponseBase:
    """The same events as a CSV file; taking it leaves an event of its own."""
    today, form = _ask(request)
    if not form.is_valid():
        return render(request, "portal/audit.html", {"form": form}, status=422)
    wanted = form.wanted
    events = list_audit_events(request.user, wanted, as_of=today)
    if events.order_by()[: EXPORT_LIMIT + 1].count() > EXPORT_LIMIT:
        words = _("These are more than %(limit)s events. Choose fewer days.") % {"limit": EXPORT_LIMIT}
        form.add_error(None, words)
        return render(request, "portal/audit.html", {"form": form}, status=422)
    record(
        actor=request.user,
        action="audit.exported",
        target=None,
        detail={
            "valid_from": wanted.first_on.isoformat(),
            "until": wanted.last_on.isoformat(),
            "filter": wanted.kind,
            "person": wanted.person,
        },
    )
    header = ["at (UTC)", "who", "who: key", "act", "what", "about", "about: kind", "about: key", "details", "reason"]
    lines = stream_lines(events, whole=user_reads_whole_audit(request.user, as_of=today))
    name = f"audit-{wanted.first_on}-{wanted.last_on}.csv"
    return StreamingHttpResponse(
        write_csv(header, _cells(lines)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _ask(request: SignedInRequest) -> tuple[date, TrailForm]:
    """Return today and what is asked for; 404 for who may read nothing."""
    now = timezone.now()
    today = timezone.localdate(now)
    if not user_can_read_audit(request.user, as_of=today):
        raise Http404
    return today, TrailForm(request.GET, today=now.astimezone(UTC).date())


def _cells(lines: Iterator[TrailLine]) -> Iterator[list[Value]]:
    for line in lines:
        event = line.event
        yield [
            event.at.astimezone(UTC).isoformat(sep=" ", timespec="seconds"),
            event.actor_name,
            str(event.actor_id or ""),
            event.action,
            line.act,
            event.target_name,
            event.target_type,
            event.target_id,
            "; ".join(line.changes),
            line.reason,
        ]
