"""Answers that several views give."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag

from lms.accounts.models import Person


class SignedInRequest(HttpRequest):
    """A request behind ``login_required``."""

    user: Person


def serve_pdf(request: HttpRequest, *, sha256: str, pdf: bytes | memoryview, name: str) -> HttpResponseBase:
    """Answer with stored bytes, or that the reader has them already."""
    etag = quote_etag(sha256)
    unchanged = get_conditional_response(request, etag=etag)
    if unchanged is not None:
        return unchanged
    headers = {"ETag": etag, "Content-Disposition": f'attachment; filename="{name}.pdf"'}
    return HttpResponse(bytes(pdf), content_type="application/pdf", headers=headers)


def unlisted(response: HttpResponse) -> HttpResponse:
    """Keep a page about a person out of search engines."""
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
