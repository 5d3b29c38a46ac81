"""A certificate's page for its holder and those who may see the holder; its file; issuing again; sharing."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from certificates.enums import CertificateState
from certificates.forms import ReissueForm, ShareForm
from certificates.models import Certificate, ShareLink
from certificates.permissions import user_can_reissue, user_is_holder
from certificates.selectors import get_certificate_for, get_own_file, list_credit_lines
from certificates.services import ReissueRefused, describe_sheet, end_share, reissue_certificate, share_certificate
from lms.accounts.selectors import resolve_person
from lms.agencies.services import record_opening
from lms.pdf.fonts import missing_glyphs

from .answers import SignedInRequest, serve_pdf


def _own_or_404(request: SignedInRequest, number: str) -> Certificate:
    today = timezone.localdate()
    certificate = get_certificate_for(request.user, number, as_of=today)
    if certificate is None:
        raise Http404
    if request.method != "POST":
        record_opening(
            actor=request.user, opened=certificate.completion.person, page="certificates:detail", as_of=today
        )
    return certificate


def _detail(
    request: SignedInRequest, certificate: Certificate, *, status: int = 200, share_form: ShareForm | None = None
) -> HttpResponse:
    now, printed = timezone.now(), certificate.printed
    today = timezone.localdate(now)
    context = {
        "certificate": certificate,
        "printed": printed,
        "status": certificate.status_on(today),
    }
    if certificate.state == CertificateState.PENDING:
        context["missing"] = missing_glyphs(printed.name + printed.course)
        return render(request, "certificates/pending.html", context, status=202)
    if certificate.issued_at is not None and certificate.state != CertificateState.REVOKED:
        context |= describe_sheet(certificate)
    if certificate.state == CertificateState.VALID:
        lines, context["refused"] = list_credit_lines(certificate.completion, signed=bool(printed.signers))
        context["can_reissue"] = user_can_reissue(request.user, certificate, as_of=today)
        context["more_lines"] = len(lines) > len(printed.lines)
    context["is_holder"] = user_is_holder(request.user, certificate)
    context["holder"] = resolve_person(certificate.completion.person)
    if context["is_holder"] and certificate.state != CertificateState.REVOKED:
        context["share_links"] = certificate.share_links.open(now)
        context["share_form"] = share_form or ShareForm(today=today)
    return render(request, "certificates/detail.html", context, status=status)


@login_required
@require_safe
@never_cache
def detail(request: SignedInRequest, number: str) -> HttpResponse:
    """Show a certificate's fields to its holder and to who may see the holder; 404 for everybody else."""
    return _detail(request, _own_or_404(request, number))


@login_required
@require_safe
@cache_control(private=True, no_cache=True)
def download(request: SignedInRequest, number: str) -> HttpResponseBase:
    """Serve the stored bytes; a page in words while they are being made (202) and once they were taken back (410)."""
    if own := get_own_file(request.user, number):
        sha256, pdf = own
    else:
        certificate = _own_or_404(request, number)
        if certificate.issued_at is None or certificate.state == CertificateState.REVOKED:
            return _detail(request, certificate, status=410)
        sha256, pdf = certificate.file.sha256, certificate.file.pdf
    # The number names the file: a person's name in a file name arrives garbled on half of all machines.
    return serve_pdf(request, sha256=sha256, pdf=pdf, name=f"certificate-{number}")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def reissue(request: SignedInRequest, number: str) -> HttpResponse:
    """Ask why a certificate is to be issued again; the POST issues it (409 where it can't be, in words)."""
    certificate = _own_or_404(request, number)
    if not user_can_reissue(request.user, certificate, as_of=timezone.localdate()):
        raise Http404
    form = ReissueForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                again = reissue_certificate(
                    certificate=certificate,
                    reason=form.cleaned_data["reason"],
                    actor=request.user,
                    now=timezone.now(),
                )
            except ReissueRefused as refusal:
                form.add_error(None, str(refusal))
                status = 409
            else:
                messages.success(request, _("Issued again. The earlier one now says that this one replaces it."))
                return redirect("certificates:detail", again.number)
    context = {"certificate": certificate, "printed": certificate.printed, "form": form}
    return render(request, "certificates/reissue.html", context, status=status)


@login_required
@require_POST
@never_cache
def share(request: SignedInRequest, number: str) -> HttpResponse:
    """Make a link for others, with its last day."""
    certificate = _own_or_404(request, number)
    if not user_is_holder(request.user, certificate):
        raise Http404
    now = timezone.now()
    form = ShareForm(request.POST, today=timezone.localdate(now))
    if certificate.issued_at is None or certificate.state == CertificateState.REVOKED:
        return _detail(request, certificate, status=409)
    if not form.is_valid():
        return _detail(request, certificate, status=422, share_form=form)
    share_certificate(certificate=certificate, until=form.cleaned_data["until"], actor=request.user, now=now)
    messages.success(request, _("The link stands below. Whoever has it sees this certificate until its last day."))
    return redirect("certificates:detail", number)


@login_required
@require_POST
@never_cache
def end(request: SignedInRequest, number: str, link_id: int) -> HttpResponse:
    """End one of the holder's links before its day."""
    certificate = _own_or_404(request, number)
    if not user_is_holder(request.user, certificate):
        raise Http404
    end_share(
        link=get_object_or_404(ShareLink, pk=link_id, certificate=certificate), actor=request.user, now=timezone.now()
    )
    messages.success(request, _("The link is ended: it shows nothing any more."))
    return redirect("certificates:detail", number)
