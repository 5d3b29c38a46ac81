"""What the pages of rules, readiness and lists share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from django.http import HttpRequest, QueryDict, StreamingHttpResponse
from django.utils.formats import date_format

from lms.accounts.models import Person
from lms.sheets.writing import Value, write_csv

PAGE = 50


class SignedInRequest(HttpRequest):
    """A request behind ``login_required``."""

    user: Person


def list_sent(data: QueryDict) -> list[tuple[str, str]]:
    """Return what was sent as names and values of hidden fields, but for the act and the token."""
    return [
        (name, value) for name, values in data.lists() if name not in {"act", "csrfmiddlewaretoken"} for value in values
    ]


def say_day(day: date) -> str:
    """Return the day as the pages of the site write it."""
    return date_format(day, "M j, Y")


def send_csv(header: Sequence[str], rows: Iterable[Sequence[Value]], name: str) -> StreamingHttpResponse:
    """Answer with a CSV file of this name."""
    return StreamingHttpResponse(
        write_csv(header, rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )
