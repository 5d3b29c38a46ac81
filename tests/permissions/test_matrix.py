"""Every address of the site, for everybody: who gets what, as matrix.yaml has it.

An address without a row fails, so that nobody can add a page without saying who may open it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from .conftest import Places

MATRIX: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "matrix.yaml").read_text())
ROWS = [row for row in MATRIX if "name" in row]
COVERED = [row for row in MATRIX if "under" in row]
CLOSED = [row for row in COVERED if row.get("closed")]
EVERYBODY = ("visitor", "learner", "manager", "outsider", "trainer", "coordinator", "editor")


def list_addresses(resolver: URLResolver, route: str = "", space: str = "") -> Iterator[tuple[str, str]]:
    """Yield route and full name of every address below the resolver."""
    for pattern in resolver.url_patterns:
        path = route + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from list_addresses(pattern, path, f"{space}{pattern.namespace}:" if pattern.namespace else space)
        elif isinstance(pattern, URLPattern):
            yield path, space + (pattern.name or "")


ADDRESSES = list(list_addresses(get_resolver()))


def test_every_address_has_a_row() -> None:
    named = {row["name"] for row in ROWS}
    spaces = tuple(row["under"] for row in COVERED)
    assert [f"{path} ({name})" for path, name in ADDRESSES if name not in named and not path.startswith(spaces)] == []


def test_every_row_has_an_address() -> None:
    names = {name for _path, name in ADDRESSES}
    assert [row["name"] for row in ROWS if row["name"] not in names] == []
    assert [
        row["under"] for row in COVERED if not any(path.startswith(row["under"]) for path, _name in ADDRESSES)
    ] == []


@pytest.mark.parametrize("row", ROWS, ids=[row["name"] for row in ROWS])
def test_who_gets_what(row: dict[str, Any], places: Places) -> None:
    wrong = []
    hidden: dict[tuple[str, str], set[bytes]] = {}
    for method in ("get", "post"):
        for template, expected in row[method].items():
            path = template.format_map(places.keys)
            for person in EVERYBODY:
                response = ask(places.clients[person], method, path)
                outcome = "login" if is_sign_in(response) else response.status_code
                if outcome != expected.get(person, expected.get("else")):
                    wrong.append(f"{method} {template} as {person}: {outcome}")
                if outcome == 404:
                    hidden.setdefault((method, person), set()).add(without_path(response, path))
    assert wrong == []
    # Foreign and missing keys answer alike, to the letter.
    if not row.get("tells"):
        assert {who for who, answers in hidden.items() if len(answers) > 1} == set()


@pytest.mark.parametrize("person", ["visitor", "learner", "manager", "coordinator", "trainer"])
@pytest.mark.parametrize("row", CLOSED, ids=[row["under"] for row in CLOSED])
def test_a_whole_space_is_closed_to_who_has_no_business_there(row: dict[str, Any], person: str, places: Places) -> None:
    opened = []
    for route, name in ADDRESSES:
        if not route.startswith(row["under"]) or name in row.get("except", ()):
            continue
        path = fill(route)
        response = ask(places.clients[person], "get", path)
        if not is_sign_in(response) and response.status_code not in {403, 404, 405}:
            opened.append(f"{path} ({name}): {response.status_code} {response.headers.get('Location', '')}")
    assert opened == []


def ask(client: Client, method: str, path: str) -> HttpResponse:
    """Send the request, and take back what it wrote in the database and in the browser."""
    cookies = client.cookies.copy()
    with transaction.atomic():
        response: Any = getattr(client, method)(path)
        transaction.set_rollback(True)
    client.cookies = cookies
    return response


def is_sign_in(response: HttpResponse) -> bool:
    return response.status_code == 302 and response["Location"].startswith(("/accounts/login/", "/cms/login/"))


def without_path(response: HttpResponse, path: str) -> bytes:
    return response.content.replace(path.encode(), b"")


def fill(route: str) -> str:
    """Put something of the right kind into each gap of a route."""
    path = re.sub(r"<int:\w+>", "1", route)
    path = re.sub(r"<uuid:\w+>", "00000000-0000-4000-8000-000000000000", path)
    path = re.sub(r"<[^>]+>", "x", path)
    path = re.sub(r"\(\?P<\w+>|\(\?:", "(", path)
    path = re.sub(r"\(\\d\+\)", "1", path)
    return "/" + re.sub(r"\([^()]*\)|[\^$\\]", "x", path).replace("xx", "x").strip("x")
