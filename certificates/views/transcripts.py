"""The whole record as a page, and as a PDF with a code."""

from __future__ import annotations

from decimal import Decimal

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods, require_safe

from certificates.codes import InvalidCode, parse
from certificates.models import Transcript
from certificates.selectors import list_transcript_entries
from certificates.services import issue_transcript
from lms.accounts.models import Person
from lms.accounts.selectors import identities, resolve_person
from lms.agencies.selectors import visible_to
from lms.agencies.services import record_opening
from lms.pdf.fonts import missing_glyphs

from .answers import SignedInRequest, serve_pdf


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def transcript(request: SignedInRequest, person_id: int | None = None) -> HttpResponse:
    """The record of the reader, or of one of the reader's people; a POST has it issued as a PDF."""
    now = timezone.now()
    today = timezone.localdate(now)
    if person_id is None:
        person = resolve_person(request.user)
    else:
        person = get_object_or_404(visible_to(request.user, as_of=today), pk=person_id)
    if request.method == "POST":
        issue_transcript(person=person, actor=request.user, language=get_language() or "en", now=now)
        messages.success(request, _("The transcript is being made. It stands below with its code in a moment."))
        return redirect(request.path)
    record_opening(actor=request.user, opened=person, page="certificates:transcript", as_of=today)
    entries = list_transcript_entries(person, as_of=today)
    context = {
        "person": person,
        "own": person_id is None,
        "entries": entries,
        "hours": sum((entry.hours for entry in entries), Decimal(0)),
        "issued": Transcript.objects.filter(person__in=identities(person))[:5],
        "missing": missing_glyphs(person.full_name),
        "today": today,
    }
    return render(request, "certificates/transcript.html", context)


@login_required
@require_safe
@cache_control(private=True, no_cache=True)
def transcript_download(request: SignedInRequest, code: str) -> HttpResponseBase:
    """Serve an issued transcript to the person and to who may see the person; 404 for everybody else."""
    try:
        found = Transcript.objects.filter(code=parse(code)).select_related("person", "file").exclude(issued_at=None)
    except InvalidCode:
        raise Http404 from None
    one = found.first()
    if one is None or not _may_see(request.user, one.person):
        raise Http404
    today = timezone.localdate()
    record_opening(actor=request.user, opened=one.person, page="certificates:transcript", as_of=today)
    return serve_pdf(request, sha256=one.file.sha256, pdf=one.file.pdf, name=f"transcript-{one.fields['as_of']}")


def _may_see(user: Person, person: Person) -> bool:
    person = resolve_person(person)
    return person == resolve_person(user) or visible_to(user, as_of=timezone.localdate()).filter(pk=person.pk).exists()
