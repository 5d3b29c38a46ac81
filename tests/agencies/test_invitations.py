"""The way to a first password: a mail, a link that works once, for two weeks, for this person."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.utils import timezone

from lms.accounts.models import Person
from lms.agencies.enums import SignInState
from lms.agencies.models import Invitation
from lms.agencies.selectors import map_sign_in_states
from lms.agencies.services import AgencyError, accept_invitation, invite_person, withdraw_invitation
from lms.agencies.services.invitations import VALID_FOR, InvitationInvalidError, sign_invitation
from lms.audit.models import AuditEvent
from lms.outbox.models import Mail
from tests.conftest import Cast
from tests.flows.conftest import words

from .conftest import Department, add_staff

PASSWORD = "three quiet lanterns by the door"


@pytest.fixture
def newcomer(department: Department) -> Person:
    (person,) = add_staff(department.east, 1)
    return person


def link() -> str:
    """The address in the newest mail."""
    found = re.search(r"https?://[^/\s]+(/welcome/\S+)", Mail.objects.latest("pk").text)
    assert found
    return found.group(1)


def state(person: Person) -> SignInState:
    return map_sign_in_states([Person.objects.get(pk=person.pk)], now=timezone.now())[person.pk]


@pytest.mark.postgres
def test_it_works(manager: Client, cast: Cast, newcomer: Person) -> None:
    assert state(newcomer) == SignInState.NOT_INVITED
    page = manager.post(f"/team/agencies/people/{newcomer.pk}/invitation/", follow=True)
    assert f"An invitation to {newcomer.email} is on its way" in words(page)
    assert "Send it again" in words(page)
    assert state(newcomer) == SignInState.INVITED
    mail = Mail.objects.get()
    assert (mail.to, "Mara Manager invites you" in mail.text) == (newcomer.email, True)

    visitor = Client()
    assert "Welcome, Sam0" in words(visitor.get(link()))
    done = visitor.post(link(), {"password": PASSWORD}, follow=True)
    assert "Your password is set." in words(done)
    assert EmailAddress.objects.get(user=newcomer).verified
    signed_in = visitor.post("/accounts/login/", {"login": newcomer.email, "password": PASSWORD}, follow=True)
    assert "My training" in words(signed_in)
    assert state(newcomer) == SignInState.READY
    assert visitor.get(link()).status_code == 404, "a link works once"
    actions = AuditEvent.objects.filter(action__startswith="invitation").order_by("pk").values_list("action", "actor")
    assert list(actions) == [("invitation.sent", cast.manager.pk), ("invitation.accepted", newcomer.pk)]


@pytest.mark.parametrize(
    ("password", "said"),
    [("", "This field is required."), ("short", "too short"), ("password123", "too common"), ("\x00" * 9, "Null")],
)
def test_a_refused_password_says_why(newcomer: Person, client: Client, password: str, said: str) -> None:
    invite_person(actor=None, person=newcomer, now=timezone.now())
    response = client.post(link(), {"password": password})
    assert response.status_code == 422
    assert said in words(response)
    assert state(newcomer) == SignInState.INVITED


def test_a_link_ends_after_two_weeks(newcomer: Person, client: Client) -> None:
    invite_person(actor=None, person=newcomer, now=timezone.now() - VALID_FOR - timedelta(minutes=1))
    gone = client.get(link())
    assert gone.status_code == 410
    assert "two weeks" in words(gone)
    assert client.post(link(), {"password": PASSWORD}).status_code == 410
    assert state(newcomer) == SignInState.EXPIRED


def test_sent_again_only_the_newest_link_works(newcomer: Person, client: Client) -> None:
    now = timezone.now()
    invite_person(actor=None, person=newcomer, now=now - timedelta(hours=1))
    old = link()
    with pytest.raises(AgencyError, match="went out at"):
        invite_person(actor=None, person=newcomer, now=now - timedelta(minutes=55))
    invite_person(actor=None, person=newcomer, now=now)
    assert client.get(old).status_code == 404
    assert client.get(link()).status_code == 200
    assert Invitation.objects.filter(person=newcomer).count() == 2


def test_withdrawn_it_opens_nothing(manager: Client, newcomer: Person) -> None:
    invite_person(actor=None, person=newcomer, now=timezone.now())
    page = manager.post(f"/team/agencies/people/{newcomer.pk}/invitation/withdraw/", follow=True)
    assert "the link in the mail opens nothing any more" in words(page)
    assert Client().get(link()).status_code == 404
    again = manager.post(f"/team/agencies/people/{newcomer.pk}/invitation/withdraw/", follow=True)
    assert "There is no invitation to withdraw." in words(again)


@pytest.mark.parametrize("change", ["address", "disabled", "merged", "password"])
def test_a_link_dies_with_what_it_was_sent_for(newcomer: Person, cast: Cast, client: Client, change: str) -> None:
    invite_person(actor=None, person=newcomer, now=timezone.now())
    fields = {
        "address": {"email": "elsewhere@example.org"},
        "disabled": {"is_active": False},
        "merged": {"merged_into": cast.learner, "is_active": False},
        "password": {"password": cast.learner.password},
    }[change]
    Person.objects.filter(pk=newcomer.pk).update(**fields)
    assert client.get(link()).status_code == 404
    assert client.post(link(), {"password": PASSWORD}).status_code == 404


def test_a_changed_link_opens_nothing(newcomer: Person, client: Client) -> None:
    invite_person(actor=None, person=newcomer, now=timezone.now())
    assert client.get(link()[:-3] + "x/").status_code == 404
    for token in ("W10:x:y", "bnVsbA:1:2", "%00", "é" * 50):
        assert client.get(f"/welcome/{token}/").status_code == 404


def test_who_has_a_password_is_not_invited(manager: Client, cast: Cast, department: Department) -> None:
    page = manager.post(f"/team/agencies/people/{cast.learner.pk}/invitation/", follow=True)
    assert "has a password already" in words(page)
    assert not Mail.objects.exists()


def test_an_address_that_signs_in_as_somebody_else_is_not_invited(newcomer: Person, cast: Cast) -> None:
    EmailAddress.objects.create(user=cast.learner, email=newcomer.email, verified=True)
    with pytest.raises(AgencyError, match="Join the two records first"):
        invite_person(actor=None, person=newcomer, now=timezone.now())


def test_two_answers_at_once_set_one_password(newcomer: Person) -> None:
    now = timezone.now()
    invitation = invite_person(actor=None, person=newcomer, now=now)
    token = sign_invitation(invitation)
    accept_invitation(token=token, password=PASSWORD, now=now)
    with pytest.raises(InvitationInvalidError):
        accept_invitation(token=token, password="another one entirely", now=now)
    with pytest.raises(AgencyError):
        withdraw_invitation(actor=None, person=newcomer, now=now)


def test_the_mail_speaks_the_persons_language(newcomer: Person) -> None:
    Person.objects.filter(pk=newcomer.pk).update(language="es")
    invite_person(actor=None, person=newcomer, now=timezone.now())
    assert Mail.objects.get().text


def test_states_take_as_many_queries_for_thirty_as_for_two(department: Department, django_assert_num_queries) -> None:
    people = add_staff(department.east, 30)
    with django_assert_num_queries(2):
        map_sign_in_states(people, now=timezone.now())


def test_everybody_of_a_unit_and_below_is_invited_at_once(manager: Client, cast: Cast, department: Department) -> None:
    people = add_staff(department.east, 3)
    invite_person(actor=None, person=people[0], now=timezone.now())
    (below,) = add_staff(department.west, 1)
    path = f"/team/agencies/{department.home.pk}/people/invite/"
    assert "3 people here and below can't sign in yet." in words(manager.get(path))
    done = manager.post(path, {"step": "confirm"}, follow=True)
    assert "3 people here and below get an invitation by mail: Sam0 Staff, Sam1 Staff, Sam2 Staff." in words(done)
    assert {mail.to for mail in Mail.objects.all()} == {person.email for person in [*people, below]}
    assert Mail.objects.count() == 4
    again = manager.post(path, {"step": "confirm"})
    assert again.status_code == 422
    assert "Everybody here can sign in, or was invited" in words(again)


def test_of_a_crowd_some_are_invited_and_the_others_the_next_time(
    manager: Client, department: Department, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lms.agencies.services.invitations.AT_ONCE", 2)
    add_staff(department.east, 5)
    path = f"/team/agencies/{department.east.pk}/people/invite/"
    for expected in (2, 4, 5):
        page = words(manager.post(path, {"step": "confirm"}, follow=True))
        assert Mail.objects.count() == expected
        assert ("The others are invited when you do this again." in page) is (expected < 5)
