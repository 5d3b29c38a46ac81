"""Signing in by an agency's own SAML provider: the same rules, by signed answers to questions of this browser."""

from __future__ import annotations

import base64
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.core.cache import cache
from django.test import Client

from lms.accounts.models import Person
from lms.agencies.models import Agency, Employment, IdentityProvider
from tests.conftest import PASSWORD, Cast

from .conftest import HERE, free_port, wait_for

pytest.importorskip("saml2", reason="pysaml2 comes with the development tools")

HOST = "sp.county.example"
EMPLOYEE_NUMBER = "urn:oid:2.16.840.1.113730.3.1.3"
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="session")
def saml_provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The address of a running SAML provider, and the folder in which it looks for our metadata."""
    port, folder = free_port(), tmp_path_factory.mktemp("saml")
    with (folder / "log").open("w") as output:
        process = subprocess.Popen(
            [sys.executable, str(HERE / "saml_provider.py"), str(port), str(folder)],
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_for(f"http://127.0.0.1:{port}/metadata", process, folder / "log")
        yield f"http://127.0.0.1:{port}", folder
    finally:
        process.terminate()
        process.wait(timeout=10)


@pytest.fixture
def provider(cast: Cast, settings: Any, saml_provider: tuple[str, Path]) -> IdentityProvider:
    cache.clear()
    settings.ALLOWED_HOSTS = [HOST]
    address, folder = saml_provider
    row = IdentityProvider.objects.create(
        agency=Agency.objects.get(code="cast-home"),
        kind="saml",
        code="cast-saml",
        name="Cast SAML",
        issuer=f"{address}/metadata",
        metadata_url=f"{address}/metadata",
    )
    row.full_clean()
    metadata = browser().get("/accounts/saml/cast-saml/metadata/")
    assert metadata.status_code == 200
    (folder / "sp.xml").write_bytes(metadata.content)
    return row


@pytest.fixture
def learner(cast: Cast) -> Person:
    EmailAddress.objects.create(user=cast.learner, email=cast.learner.email, verified=True, primary=True)
    return cast.learner


def browser() -> Client:
    return Client(headers={"host": HOST})


def who(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


def ask(client: Client, subject: str, *, process: str = "login", flaw: str = "") -> str:
    """Begin at our page, let the provider sign the subject in, and return what it sends with the browser."""
    begin = client.get(f"/accounts/saml/cast-saml/login/?process={process}")
    assert begin.status_code == 302, begin.content
    address = f"{begin['Location']}&{urlencode({'as': subject, 'flaw': flaw})}"
    with urllib.request.urlopen(address, timeout=20) as answer:
        return base64.b64encode(answer.read()).decode()


def bring(client: Client, response: str) -> Any:
    return client.post("/accounts/saml/cast-saml/acs/", {"SAMLResponse": response, "RelayState": ""}, follow=True)


def connect(person: Person) -> None:
    client = browser()
    client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    bring(client, ask(client, "lena", process="connect"))
    assert SocialAccount.objects.get().uid == "lena"


def test_who_connected_it_once_signs_in_by_it(provider: IdentityProvider, learner: Person) -> None:
    connect(learner)
    identity = SocialAccount.objects.get()
    assert (identity.user, identity.provider) == (learner, "cast-saml")
    client = browser()
    bring(client, ask(client, "lena"))
    assert who(client) == str(learner.pk)


def test_an_address_alone_opens_nothing(provider: IdentityProvider, learner: Person) -> None:
    connect(learner)
    client = browser()
    answer = bring(client, ask(client, "impostor"))
    assert who(client) is None
    assert "Your agency makes your account" in answer.content.decode()


def test_the_employee_number_that_the_agency_names_is_enough(provider: IdentityProvider, learner: Person) -> None:
    IdentityProvider.objects.update(employee_number_claim=EMPLOYEE_NUMBER)
    Employment.objects.filter(person=learner).update(employee_number="4711")
    client = browser()
    bring(client, ask(client, "numbered"))
    assert who(client) == str(learner.pk)


@pytest.mark.parametrize(
    "flaw", ["no signature", "foreign key", "another request", "another service", "changed afterwards", "old algorithm"]
)
def test_an_answer_that_is_not_quite_right_is_refused(provider: IdentityProvider, learner: Person, flaw: str) -> None:
    connect(learner)
    subject = "impostor" if flaw == "changed afterwards" else "lena"
    client = browser()
    answer = bring(client, ask(client, subject, flaw=flaw))
    assert who(client) is None
    if flaw == "another request":
        assert answer.status_code == 403
    else:
        assert "That sign-in did not work" in answer.content.decode()


def test_an_answer_counts_once_and_for_its_own_browser(provider: IdentityProvider, learner: Person) -> None:
    connect(learner)
    first = browser()
    response = ask(first, "lena")
    assert who(first) is None
    other = browser()
    bring(other, response)
    assert who(other) is None
    bring(first, response)
    assert who(first) == str(learner.pk)
    first.post("/accounts/logout/")
    bring(first, response)
    assert who(first) is None


@pytest.mark.parametrize("response", ["", "x", "PHg+", "%%%", "A" * 10_000])
def test_nonsense_is_refused_in_words(provider: IdentityProvider, response: str) -> None:
    client = browser()
    answer = bring(client, response)
    assert answer.status_code in {200, 401, 503}
    assert "did not work" in answer.content.decode()
    assert who(client) is None


def test_a_provider_that_is_away_is_said_in_words(provider: IdentityProvider) -> None:
    IdentityProvider.objects.update(metadata_url="http://127.0.0.1:9/metadata", issuer="http://127.0.0.1:9/metadata")
    answer = browser().get("/accounts/saml/cast-saml/login/?process=login")
    assert answer.status_code == 503
    assert "That sign-in did not work" in answer.content.decode()
