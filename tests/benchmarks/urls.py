"""The site's addresses, and beside them the floors: the least that a view of the same kind can do."""

from __future__ import annotations

from django.conf import settings
from django.db import connection
from django.http import FileResponse, HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from lms.urls import urlpatterns as site


def stored_file(request: HttpRequest) -> FileResponse:
    """A file from the disk, for who is signed in."""
    assert request.user.is_authenticated
    return FileResponse(settings.BENCH_FILE.open("rb"))


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
    path("bench/trivial/", trivial),
    path("bench/insert/", insert_row),
    path("bench/file/", stored_file),
    *site,
]
