"""What anybody may open: the check of a code, and a certificate that its holder shares."""

from __future__ import annotations

from datetime import datetime

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_safe

from certificates.codes import InvalidCode, group, parse
from certificates.forms import CodeForm
from certificates.models import ShareLink
from certificates.selectors import (
    TranscriptEntry,
    get_issued_certificate,
    get_issued_transcript,
    get_open_share,
    list_entries_taken_back,
)
from certificates.services import describe_sheet, ornament_svg

from .answers import serve_pdf, unlisted

MISSES_A_MINUTE = 20


class _Misses:
    """Codes that led nowhere, counted for each address and minute."""

    def __init__(self, request: HttpRequest, now: datetime) -> None:
        self.key = f"verify-misses:{get_adapter().get_client_ip(request)}:{now:%Y%m%d%H%M}"
        self.count: int = cache.get(self.key, 0)

    @property
    def too_many(self) -> bool:
        return self.count >= MISSES_A_MINUTE

    def add(self) -> None:
        cache.set(self.key, self.count + 1, timeout=120)


@require_safe
@never_cache
def verify_index(request: HttpRequest) -> HttpResponse:
    """Ask for a code; a typed one leads to its own address."""
    form = CodeForm(request.GET if "code" in request.GET else None)
    if form.is_bound and form.is_valid():
        return redirect("certificates:verify", code=group(form.cleaned_data["code"]))
    return unlisted(
        render(request, "certificates/verify_index.html", {"form": form}, status=400 if form.errors else 200)
    )


@require_safe
@never_cache
def verify(request: HttpRequest, code: str) -> HttpResponse:
    """Say whether a code is of a document of this site, and repeat what is printed on it.

    Guessing is slowed down: after 20 unknown codes within a minute an address waits for the next minute.
    """
    now = timezone.now()
    misses = _Misses(request, now)
    if misses.too_many:
        return _too_many(request, now)
    try:
        signs = parse(code)
    except InvalidCode:
        signs = ""
    if signs and code != group(signs):
        return redirect("certificates:verify", code=group(signs))
    response = (_show_certificate(request, signs, now) or _show_transcript(request, signs, now)) if signs else None
    if response is None:
        misses.add()
        form = CodeForm(initial={"code": code})
        response = render(request, "certificates/verify_unknown.html", {"form": form}, status=404)
    return unlisted(response)


def _show_certificate(request: HttpRequest, signs: str, now: datetime) -> HttpResponse | None:
    certificate = get_issued_certificate(signs)
    if certificate is None:
        return None
    context = {
        "certificate": certificate,
        "printed": certificate.printed,
        "status": certificate.status_on(timezone.localdate(now)),
        "sha256": certificate.file.sha256,
        "now": now,
    }
    return render(request, "certificates/verify.html", context)


def _show_transcript(request: HttpRequest, signs: str, now: datetime) -> HttpResponse | None:
    transcript = get_issued_transcript(signs)
    if transcript is None:
        return None
    taken_back = list_entries_taken_back(transcript)
    entries = [TranscriptEntry.from_json(line) for line in transcript.lines]
    context = {
        "transcript": transcript,
        "entries": [(entry, entry.completion in taken_back) for entry in entries],
        "taken_back": len(taken_back),
        "sha256": transcript.file.sha256,
        "now": now,
    }
    return render(request, "certificates/verify_transcript.html", context)


def _too_many(request: HttpRequest, now: datetime) -> HttpResponse:
    response = render(request, "certificates/verify_wait.html", status=429)
    response["Retry-After"] = str(60 - now.second)
    return unlisted(response)


@require_safe
@never_cache
def shared(request: HttpRequest, code: str) -> HttpResponse:
    """Show what a holder shares, until its last day; afterwards only that it has ended, or never was."""
    link, refusal = _find_share(request, code)
    if link is None:
        return refusal
    certificate = link.certificate
    context = {
        **describe_sheet(certificate),
        "link": link,
        "certificate": certificate,
        "status": certificate.status_on(timezone.localdate()),
    }
    return unlisted(render(request, "certificates/shared.html", context))


@require_safe
@never_cache
def shared_download(request: HttpRequest, code: str) -> HttpResponseBase:
    """Serve the file of what a holder shares."""
    link, refusal = _find_share(request, code)
    if link is None:
        return refusal
    file = link.certificate.file
    response = serve_pdf(request, sha256=file.sha256, pdf=file.pdf, name=f"certificate-{link.certificate.number}")
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _find_share(request: HttpRequest, code: str) -> tuple[ShareLink | None, HttpResponse]:
    now = timezone.now()
    misses = _Misses(request, now)
    if misses.too_many:
        return None, _too_many(request, now)
    try:
        link = get_open_share(parse(code), now=now)
    except InvalidCode:
        link = None
    if link is None:
        misses.add()
        return None, unlisted(render(request, "certificates/shared_gone.html", status=404))
    return link, HttpResponse()


@require_safe
@cache_control(public=True, max_age=86_400)
def ornament(request: HttpRequest, paper_name: str, name: str) -> HttpResponse:
    """Serve the drawing that lies under a sheet: it says nothing about anybody."""
    try:
        svg = ornament_svg(paper_name, signed={"signed": True, "sealed": False}[name])
    except KeyError:
        raise Http404 from None
    return HttpResponse(svg, content_type="image/svg+xml")
