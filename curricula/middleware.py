"""Pages that are the same for every reader, served from a rendered copy."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeGuard

from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from .stamp import COPY_SECONDS, content_stamp


class PageCopyMiddleware:
    """Serve a page that says ``keep_copy`` of its answer from this process's memory, while no content changes.

    It stands below what sets the headers of every answer and above sessions and languages, which such a page never
    touches: an answer that sets a cookie or depends on one is not kept. Django's own page cache would refuse these
    pages, since they ask browsers to store nothing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.copies = caches["copies"]
        self.known: set[str] = set()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method != "GET" or request.META.get("QUERY_STRING"):
            return self.get_response(request)
        address = request.get_host() + request.path
        stamp = content_stamp() if address in self.known else ""
        if stamp and (copy := self.copies.get(stamp + address)):
            content, headers = copy
            return HttpResponse(content, headers=headers)
        response = self.get_response(request)
        if self._may_keep(response):
            self.known.add(address)
            if stamp:
                self.copies.set(stamp + address, (response.content, dict(response.headers)), COPY_SECONDS)
        return response

    @staticmethod
    def _may_keep(response: HttpResponseBase) -> TypeGuard[HttpResponse]:
        return (
            getattr(response, "keep_copy", False)
            and isinstance(response, HttpResponse)
            and response.status_code == 200
            and not response.cookies
            and "cookie" not in response.get("Vary", "").lower()
        )
