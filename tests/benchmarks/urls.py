"""The site's addresses, and beside them the floors: the least that a view of the same kind can do."""

from __future__ import annotations

from django.conf import settings
from django.db import connection
from django.http import FileResponse, HttpRequest, HttpResponse
from django.template import engines
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from wagtail import hooks
from wagtail.models import Page

from lms.urls import urlpatterns as site

BARE = engines["django"].from_string("{% load wagtailcore_tags %}<h1>{{ page.title }}</h1>{% pageurl page %}")


def bare_page(request: HttpRequest) -> HttpResponse:
    """The course's page as Wagtail itself serves it (found by its address, restrictions asked), with a template of one
    line, for who is signed in."""
    found = Page.route_for_request(request, "courses/csec-101/")
    assert found is not None
    page = found.page.specific
    for hook in hooks.get_hooks("before_serve_page"):
        assert hook(page, request, found.args, found.kwargs) is None
    return HttpResponse(BARE.render({**Page.get_context(page, request), "user": request.user.pk}))


def stored_file(request: HttpRequest) -> FileResponse:
    """A file from the disk, for who is signed in."""
    assert request.user.is_authenticated
    return FileResponse((settings.BASE_DIR / "static/build/lantern.css").open("rb"))


def trivial(request: HttpRequest) -> HttpResponse:
    return HttpResponse("<!doctype html><title>x</title><p>x</p>")


@csrf_exempt
def insert_row(request: HttpRequest) -> HttpResponse:
    """One row into one table, by the plainest way, for who is signed in."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS bench_row (id integer PRIMARY KEY, person integer, chosen text)")
        cursor.execute("INSERT INTO bench_row (person, chosen) VALUES (%s, %s)", [request.user.pk, "[1]"])
    return HttpResponse(status=302, headers={"Location": "/"})


urlpatterns = [
    path("bench/page/", bare_page),
    path("bench/trivial/", trivial),
    path("bench/insert/", insert_row),
    path("bench/file/", stored_file),
    *site,
]
