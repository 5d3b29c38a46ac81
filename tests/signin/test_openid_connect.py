"""Signing in by an agency's own OpenID Connect provider: identity is issuer and subject, never an address alone."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import ValidationError
from django.test import Client

from lms.accounts.models import Person
from lms.agencies.models import Agency, Employment, IdentityProvider, RegistrationDomain
from lms.audit.models import AuditEvent
from tests.conftest import PASSWORD, Cast

from .conftest import CALLBACK, Visit, sign_in_as

pytestmark = pytest.mark.django_db


@pytest.fixture
def learner(cast: Cast) -> Person:
    EmailAddress.objects.create(user=cast.learner, email=cast.learner.email, verified=True, primary=True)
    return cast.learner


def who(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


def connect(client: Client, person: Person, subject: str = "lena") -> Any:
    """Sign in by password, show it again as a change of sign-in asks, and connect the provider."""
    client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return sign_in_as(client, subject, process="connect")


def test_the_sign_in_page_offers_it(provider: IdentityProvider, client: Client) -> None:
    page = client.get("/accounts/login/?next=/courses/").content.decode()
    link = re.search(r'<a href="([^"]+)">Cast sign-in</a>', page)
    assert link is not None
    assert link[1].startswith("/accounts/oidc/cast-sign-in/login/?process=login")
    assert "%2Fcourses%2F" in link[1]


def test_who_connected_it_once_signs_in_by_it(provider: IdentityProvider, learner: Person, client: Client) -> None:
    assert connect(client, learner).status_code == 200
    identity = SocialAccount.objects.get()
    assert (identity.user, identity.provider, identity.uid) == (learner, "cast-sign-in", "lena")
    again = Client()
    answer: Any = sign_in_as(again, "lena", next_url="/courses/")
    assert who(again) == str(learner.pk)
    assert answer.redirect_chain[-1][0] == "/courses/"
    acts = AuditEvent.objects.filter(action__in=["identity.connected", "sign_in.done"]).order_by("pk")
    assert list(acts.values_list("action", "detail__methods")) == [
        ("sign_in.done", ["password"]),
        ("identity.connected", None),
        ("sign_in.done", ["socialaccount"]),
    ]


def test_an_address_alone_opens_nothing(provider: IdentityProvider, learner: Person, client: Client) -> None:
    """Neither before the account's owner connected it nor after does another subject with the same address get in."""
    for _time in range(2):
        stranger = Client()
        answer: Any = sign_in_as(stranger, "impostor")
        assert who(stranger) is None
        assert "Your agency makes your account" in answer.content.decode()
        assert not SocialAccount.objects.filter(uid="impostor").exists()
        connect(client, learner)


def test_the_same_address_at_an_open_agency_opens_nothing_either(provider: IdentityProvider, learner: Person) -> None:
    RegistrationDomain.objects.create(agency=provider.agency, domain="example.org")
    stranger = Client()
    sign_in_as(stranger, "lena")
    assert who(stranger) is None
    assert not SocialAccount.objects.exists()
    assert Person.objects.filter(email=learner.email).count() == 1


def test_the_same_subject_of_another_provider_is_somebody_else(
    provider: IdentityProvider, learner: Person, client: Client
) -> None:
    connect(client, learner)
    SocialAccount.objects.update(provider="another-provider")
    other = Client()
    sign_in_as(other, "lena")
    assert who(other) is None


def test_connecting_needs_the_password_again(provider: IdentityProvider, learner: Person, client: Client) -> None:
    client.post("/accounts/login/", {"login": learner.email, "password": PASSWORD})
    answer: Any = sign_in_as(client, "lena", process="connect")
    assert answer.redirect_chain[-1][0].startswith("/accounts/reauthenticate/")
    assert not SocialAccount.objects.exists()


def test_the_employee_number_that_the_agency_names_is_enough(provider: IdentityProvider, learner: Person) -> None:
    provider.employee_number_claim = "employee_number"
    provider.save()
    Employment.objects.filter(person=learner).update(employee_number="4711")
    client = Client()
    sign_in_as(client, "numbered")
    assert who(client) == str(learner.pk)
    assert SocialAccount.objects.get().uid == "numbered"


@pytest.mark.parametrize("trouble", ["no claim", "another agency", "two people", "already somebody"])
def test_a_number_that_does_not_name_one_present_person_is_not(
    provider: IdentityProvider, learner: Person, cast: Cast, trouble: str
) -> None:
    provider.employee_number_claim = "" if trouble == "no claim" else "employee_number"
    provider.save()
    Employment.objects.filter(person=learner).update(employee_number="4711")
    if trouble == "another agency":
        Employment.objects.filter(person=learner).update(agency=Agency.objects.get(code="cast-other"))
    if trouble == "two people":
        Employment.objects.filter(person=cast.manager).update(employee_number="4711")
    if trouble == "already somebody":
        SocialAccount.objects.create(user=learner, provider="cast-sign-in", uid="earlier")
    client = Client()
    sign_in_as(client, "numbered")
    assert who(client) is None


def test_the_second_step_is_asked_all_the_same(provider: IdentityProvider, learner: Person, client: Client) -> None:
    connect(client, learner)
    TOTP.activate(learner, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    again = Client()
    answer: Any = sign_in_as(again, "lena")
    assert answer.redirect_chain[-1][0] == "/accounts/2fa/authenticate/"
    assert who(again) is None


def test_a_disabled_person_stays_out(provider: IdentityProvider, learner: Person, client: Client) -> None:
    connect(client, learner)
    Person.objects.filter(pk=learner.pk).update(is_active=False)
    again = Client()
    answer: Any = sign_in_as(again, "lena")
    assert "Your account is switched off" in answer.content.decode()
    assert who(again) is None


@pytest.mark.parametrize(
    ("subject", "domain", "made"),
    [
        ("newcomer", "county.example", True),
        ("newcomer", "", False),
        ("newcomer", "other.example", False),
        ("unproved", "county.example", False),
        ("foreign", "county.example", False),
    ],
)
def test_who_has_no_account_gets_one_only_where_the_agency_says_so(
    provider: IdentityProvider, subject: str, domain: str, made: bool
) -> None:
    if domain:
        RegistrationDomain.objects.create(agency=provider.agency, domain=domain)
    client = Client()
    sign_in_as(client, subject)
    assert (who(client) is not None) == made
    if made:
        person = Person.objects.get(pk=who(client))
        assert (person.full_name, person.email) == ("New Comer", "new.comer@county.example")
        assert not person.has_usable_password()
        assert EmailAddress.objects.get(user=person).verified


def test_a_domain_of_another_agency_does_not_count(provider: IdentityProvider) -> None:
    RegistrationDomain.objects.create(agency=Agency.objects.get(code="cast-other"), domain="county.example")
    client = Client()
    sign_in_as(client, "newcomer")
    assert who(client) is None


def test_a_provider_out_of_use_signs_nobody_in(provider: IdentityProvider, learner: Person, client: Client) -> None:
    connect(client, learner)
    IdentityProvider.objects.update(active=False)
    assert client.get("/accounts/3rdparty/").status_code == 200
    again = Client()
    assert "Cast sign-in" not in again.get("/accounts/login/").content.decode()
    sign_in_as(again, "lena")
    assert who(again) is None


def test_stopping_at_the_provider_is_said_in_words(provider: IdentityProvider) -> None:
    client = Client()
    answer: Any = sign_in_as(client, "cancels")
    assert "You stopped signing in" in answer.content.decode()


@pytest.mark.parametrize("query", ["", "?code=x", "?code=x&state=y", "?state=y", "?error=server_error&state=y"])
def test_an_answer_that_nobody_asked_for_is_refused(provider: IdentityProvider, query: str) -> None:
    client = Client()
    answer = client.get(f"{CALLBACK}{query}", follow=True)
    assert answer.status_code in {200, 401}
    assert who(client) is None
    assert "did not work" in answer.content.decode()


def test_an_answer_for_another_browser_is_refused(provider: IdentityProvider, learner: Person, client: Client) -> None:
    connect(client, learner)
    begin = Client().get("/accounts/oidc/cast-sign-in/login/?process=login")
    back = Visit().follow(f"{begin['Location']}&login_hint=lena")
    victim = Client()
    victim.get(back.removeprefix("http://testserver"), follow=True)
    assert who(victim) is None


def test_an_issuer_that_is_away_is_said_in_words(provider: IdentityProvider) -> None:
    IdentityProvider.objects.update(issuer="http://127.0.0.1:9")
    answer = Client().get("/accounts/oidc/cast-sign-in/login/?process=login")
    assert answer.status_code == 503
    assert "That sign-in did not work" in answer.content.decode()


def test_an_unknown_provider_is_not_found(provider: IdentityProvider) -> None:
    assert Client().get("/accounts/oidc/no-such/login/").status_code == 404


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"issuer": "http://idp.county.example"}, {"issuer"}),
        ({"issuer": "file:///etc/passwd"}, {"issuer"}),
        ({"issuer": "https://other.example"}, {"issuer"}),
        ({"code": "another"}, {"code"}),
        ({"client_secret": ""}, {"client_secret"}),
        ({"kind": "saml", "metadata_url": ""}, {"kind", "metadata_url"}),
        ({"name": "Another name", "client_secret": "another secret"}, set()),
    ],
)
def test_a_row_that_somebody_signed_in_by_keeps_its_issuer(
    provider: IdentityProvider, learner: Person, fields: dict[str, str], wrong: set[str]
) -> None:
    SocialAccount.objects.create(user=learner, provider=provider.code, uid="lena")
    for name, value in fields.items():
        setattr(provider, name, value)
    if not wrong:
        provider.full_clean()
        return
    with pytest.raises(ValidationError) as refused:
        provider.full_clean()
    assert set(refused.value.message_dict) == wrong
