"""The holder's page of a certificate, its file, and the public check."""

from __future__ import annotations

from datetime import datetime

from allauth.account.adapter import get_adapter
from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_safe

from .codes import InvalidCode, group, parse
from .enums import CertificateState
from .forms import CodeForm
from .models import Certificate
from .selectors import get_certificate_for, get_issued_certificate, get_own_file

MISSES_A_MINUTE = 20


def _own_or_404(request: HttpRequest, number: str) -> Certificate:
    certificate = get_certificate_for(request.user, number, as_of=timezone.localdate())
    if certificate is None:
        raise Http404
    return certificate


def _detail(request: HttpRequest, certificate: Certificate, *, status: int = 200) -> HttpResponse:
    context = {
        "certificate": certificate,
        "printed": certificate.printed,
        "status": certificate.status_on(timezone.localdate()),
    }
    if certificate.state == CertificateState.PENDING:
        return render(request, "certificates/pending.html", context, status=202)
    return render(request, "certificates/detail.html", context, status=status)


@login_required
@require_safe
@never_cache
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """Show a certificate's fields to its holder and to who may see the holder; 404 for everybody else."""
    return _detail(request, _own_or_404(request, number))


@login_required
@require_safe
@cache_control(private=True, no_cache=True)
def download(request: HttpRequest, number: str) -> HttpResponse:
    """Serve the stored bytes; a page in words while they are being made (202) and once they were taken back (410)."""
    if own := get_own_file(request.user, number):
        sha256, pdf = own
    else:
        certificate = _own_or_404(request, number)
        if certificate.issued_at is None or certificate.state == CertificateState.REVOKED:
            return _detail(request, certificate, status=410)
        sha256, pdf = certificate.file.sha256, certificate.file.pdf
    etag = quote_etag(sha256)
    unchanged = get_conditional_response(request, etag=etag)
    if unchanged is not None:
        return unchanged
    # The number names the file: a person's name in a file name arrives garbled on half of all machines.
    headers = {"ETag": etag, "Content-Disposition": f'attachment; filename="certificate-{number}.pdf"'}
    return HttpResponse(bytes(pdf), content_type="application/pdf", headers=headers)


@require_safe
@never_cache
def verify_index(request: HttpRequest) -> HttpResponse:
    """Ask for a code; a typed one leads to its own address."""
    form = CodeForm(request.GET if "code" in request.GET else None)
    if form.is_bound and form.is_valid():
        return redirect("certificates:verify", code=group(form.cleaned_data["code"]))
    return _unlisted(
        render(request, "certificates/verify_index.html", {"form": form}, status=400 if form.errors else 200)
    )


@require_safe
@never_cache
def verify(request: HttpRequest, code: str) -> HttpResponse:
    """Say whether a code is of a certificate of this site, and repeat what is printed on it.

    Guessing is slowed down: after 20 unknown codes within a minute an address waits for the next minute.
    """
    now = timezone.now()
    key = f"verify-misses:{get_adapter().get_client_ip(request)}:{now:%Y%m%d%H%M}"
    misses = cache.get(key, 0)
    if misses >= MISSES_A_MINUTE:
        return _too_many(request, now)
    try:
        signs = parse(code)
    except InvalidCode:
        signs = ""
    if signs and code != group(signs):
        return redirect("certificates:verify", code=group(signs))
    certificate = get_issued_certificate(signs) if signs else None
    if certificate is None:
        cache.set(key, misses + 1, timeout=120)
        form = CodeForm(initial={"code": code})
        return _unlisted(render(request, "certificates/verify_unknown.html", {"form": form}, status=404))
    context = {
        "certificate": certificate,
        "printed": certificate.printed,
        "status": certificate.status_on(timezone.localdate(now)),
        "now": now,
    }
    return _unlisted(render(request, "certificates/verify.html", context))


def _too_many(request: HttpRequest, now: datetime) -> HttpResponse:
    response = render(request, "certificates/verify_wait.html", status=429)
    response["Retry-After"] = str(60 - now.second)
    return _unlisted(response)


def _unlisted(response: HttpResponse) -> HttpResponse:
    """Keep a page about a person out of search engines."""
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
