"""Making an account oneself: off, unless an agency named the domain of one's address."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.test import Client

from lms.accounts.models import Person
from lms.agencies.models import Agency, RegistrationDomain
from lms.audit.models import AuditEvent
from lms.outbox.models import Mail
from tests.conftest import Cast

SIGNUP = "/accounts/signup/"
FORM = {"email": "new.comer@county.example", "first_name": "New", "last_name": "Comer", "password1": "a lamp in harbor"}
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh(settings: Any) -> None:
    cache.clear()
    settings.EMAIL_BACKEND = "lms.outbox.backend.OutboxEmailBackend"


@pytest.fixture
def opened(cast: Cast) -> RegistrationDomain:
    return RegistrationDomain.objects.create(agency=Agency.objects.get(code="cast-home"), domain="county.example")


def test_it_is_off(client: Client) -> None:
    assert SIGNUP not in client.get("/accounts/login/").content.decode()
    for answer in (client.get(SIGNUP), client.post(SIGNUP, FORM)):
        assert "Your agency makes your account" in answer.content.decode()
    assert not Person.objects.exists()


def test_who_proves_an_address_of_the_domain_gets_in(opened: RegistrationDomain, client: Client) -> None:
    assert SIGNUP in client.get("/accounts/login/").content.decode()
    assert client.post(SIGNUP, FORM).status_code == 302
    assert "_auth_user_id" not in client.session
    person = Person.objects.get(email="new.comer@county.example")
    assert person.full_name == "New Comer"
    assert not EmailAddress.objects.get(user=person).verified
    link = re.search(r"https?://[^/]+(/\S+)", Mail.objects.get().text)
    assert link is not None
    client.post(link[1])
    client.post("/accounts/login/", {"login": FORM["email"], "password": FORM["password1"]})
    assert client.session["_auth_user_id"] == str(person.pk)
    assert AuditEvent.objects.filter(action="person.registered", target_id=person.pk).count() == 1


@pytest.mark.parametrize(
    "address",
    [
        "somebody@other.example",
        "somebody@sub.county.example",
        "somebody@county.example.evil.example",
        "county.example@evil.example",
        '"x@county.example"@evil.example',
    ],
)
def test_any_other_domain_is_refused_in_words(opened: RegistrationDomain, client: Client, address: str) -> None:
    answer = client.post(SIGNUP, {**FORM, "email": address})
    assert answer.status_code == 200
    assert "Nothing was lost" in answer.content.decode()
    assert not Person.objects.filter(first_name="New").exists()


def test_a_known_address_gets_the_same_answer_and_a_mail(opened: RegistrationDomain, client: Client) -> None:
    known = Person.objects.create_user("known@county.example", "x", first_name="Known", last_name="One")
    EmailAddress.objects.create(user=known, email=known.email, verified=True, primary=True)
    answers = [Client().post(SIGNUP, {**FORM, "email": email}) for email in (known.email, "other@county.example")]
    assert answers[0].status_code == answers[1].status_code == 302
    assert answers[0]["Location"] == answers[1]["Location"]
    assert Person.objects.filter(email=known.email).count() == 1
    assert Mail.objects.get(to=known.email).subject == "You have an account already"


@pytest.mark.parametrize(
    "domain", ["county", "@county.example", "County.Example", "a b.example", "county.example/", ""]
)
def test_only_a_domain_is_a_domain(cast: Cast, domain: str) -> None:
    with pytest.raises(ValidationError):
        RegistrationDomain(agency=Agency.objects.get(code="cast-home"), domain=domain).full_clean()
