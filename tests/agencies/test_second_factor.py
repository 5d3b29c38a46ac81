"""Who may see or change more than their own training needs a second step at sign-in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from lms.accounts.merging import merge_persons
from lms.accounts.models import Person
from lms.agencies.enums import GrantKind
from lms.agencies.models import Agency
from lms.agencies.permissions import user_needs_second_factor
from lms.agencies.services import give_grant
from tests.conftest import PASSWORD, START, Cast

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
SET_UP = "/accounts/2fa/"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def enforced(settings: Any) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "lms.agencies.middleware.SecondFactorMiddleware"]


def give(person: Person, kind: str, **fields: Any) -> None:
    agency = None if kind == GrantKind.COORDINATOR else Agency.objects.get(code="cast-home")
    give_grant(
        actor=None, person=person, kind=kind, agency=agency, reason="Test", today=timezone.localdate(),
        **{"valid_from": START, "valid_until": None} | fields,
    )  # fmt: skip


def code_now(secret: str = SECRET) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def sign_in(person: Person, client: Client | None = None) -> Client:
    EmailAddress.objects.get_or_create(user=person, email=person.email, verified=True, primary=True)
    client = client or Client()
    client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    return client


@pytest.mark.parametrize("kind", GrantKind.values)
def test_every_kind_of_grant_needs_it(cast: Cast, kind: str) -> None:
    today = timezone.localdate()
    assert not user_needs_second_factor(cast.learner, as_of=today)
    give(cast.learner, kind, valid_until=today + timedelta(days=1))
    assert user_needs_second_factor(cast.learner, as_of=today)
    assert not user_needs_second_factor(cast.learner, as_of=today + timedelta(days=1))


def test_who_leads_people_or_edits_pages_needs_it(cast: Cast) -> None:
    today = timezone.localdate()
    assert user_needs_second_factor(cast.manager, as_of=today)
    assert not user_needs_second_factor(cast.editor, as_of=today)
    cast.editor.groups.add(Group.objects.create(name="Somebody of the CMS"))
    assert user_needs_second_factor(cast.editor, as_of=today)
    administrator = Person.objects.create_superuser("admin@example.org", PASSWORD, first_name="Ad", last_name="Min")
    assert user_needs_second_factor(administrator, as_of=today)


def test_a_grant_of_a_merged_row_counts(cast: Cast) -> None:
    give(cast.trainer, GrantKind.TRAINER)
    merge_persons(actor=None, survivor=cast.learner, merged=cast.trainer, now=timezone.now())
    assert user_needs_second_factor(cast.learner, as_of=timezone.localdate())


@pytest.mark.parametrize("path", ["/my/", "/team/", "/team/1/", "/cms/", "/team/duplicates/"])
def test_without_one_the_way_leads_to_setting_it_up(cast: Cast, path: str) -> None:
    client = sign_in(cast.manager)
    answer = client.get(path, follow=True)
    assert answer.redirect_chain == [(SET_UP, 302)]
    assert "needs a second step at sign-in" in answer.content.decode()
    assert "<h1>Second step at sign-in</h1>" in answer.content.decode()


@pytest.mark.parametrize("path", ["/verify/", "/healthz", "/", "/accounts/email/", "/accounts/logout/", SET_UP])
def test_what_everybody_may_read_and_the_way_there_stay_open(cast: Cast, path: str) -> None:
    answer = sign_in(cast.manager).get(path)
    assert answer.status_code == 200 or "reauthenticate" in answer["Location"]


def test_who_needs_none_is_not_asked(cast: Cast) -> None:
    assert sign_in(cast.learner).get("/my/").status_code == 200


def test_setting_it_up_opens_this_session_and_no_other(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    # Nothing commits in a test's transaction; what waits for that runs at once, as it does before the answer is sent.
    monkeypatch.setattr("django.db.transaction.on_commit", lambda later: later())
    elsewhere, client = sign_in(cast.manager), sign_in(cast.manager)
    activate = "/accounts/2fa/totp/activate/"
    client.post(f"/accounts/reauthenticate/?next={activate}", {"password": PASSWORD})
    page = client.get(activate).content.decode()
    secret = page.split("<code>")[1].split("</code>")[0]
    assert client.post(activate, {"code": code_now(secret)}).status_code == 302
    assert client.get("/team/").status_code == 200
    assert elsewhere.get("/team/")["Location"] == "/accounts/2fa/reauthenticate/?next=%2Fteam%2F"


def test_a_password_alone_does_not_open_the_session(cast: Cast) -> None:
    TOTP.activate(cast.manager, SECRET)
    client = sign_in(cast.manager)
    assert client.get("/my/")["Location"].startswith("/accounts/login/")
    assert client.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 200
    assert client.post("/accounts/2fa/authenticate/", {"code": code_now()}).status_code == 302
    assert client.get("/team/").status_code == 200


def test_a_code_counts_once_and_a_recovery_code_stands_in(cast: Cast) -> None:
    TOTP.activate(cast.manager, SECRET)
    codes = RecoveryCodes.activate(cast.manager).get_unused_codes()
    code = code_now()
    first, second = sign_in(cast.manager), sign_in(cast.manager)
    assert first.post("/accounts/2fa/authenticate/", {"code": code}).status_code == 302
    assert second.post("/accounts/2fa/authenticate/", {"code": code}).status_code == 200
    assert second.post("/accounts/2fa/authenticate/", {"code": codes[0]}).status_code == 302
    assert second.get("/team/").status_code == 200


def test_removing_the_last_one_closes_the_session_again(cast: Cast) -> None:
    TOTP.activate(cast.manager, SECRET)
    client = sign_in(cast.manager)
    client.post("/accounts/2fa/authenticate/", {"code": code_now()})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert client.post("/accounts/2fa/totp/deactivate/").status_code == 302
    assert client.get("/team/")["Location"] == SET_UP


def test_an_answer_under_way_is_taken(cast: Cast) -> None:
    """A grant that begins while its holder is answering: the answer arrives, then comes the second step."""
    client = sign_in(cast.manager)
    key = "00000000-0000-4000-8000-000000000000"
    assert client.post(f"/learn/{key}/quiz/").status_code == 404
    assert client.get(f"/learn/{key}/quiz/")["Location"] == SET_UP


def test_asking_costs_one_query(cast: Cast, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        user_needs_second_factor(cast.manager, as_of=timezone.localdate())
