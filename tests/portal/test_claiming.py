"""A person joins an older record of their own by proving its address."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from time_machine import travel

from lms.accounts.models import Person
from lms.agencies.enums import GrantKind
from lms.outbox.services import send_due
from tests.conftest import Cast

from .test_merging import give, sign_in

pytestmark = pytest.mark.django_db
CLAIM = "/my/claim/"
SAME_ANSWER = "If another record here has this address"


@pytest.fixture
def old(cast: Cast) -> Person:
    return Person.objects.create_user("lena@old.example.org", first_name="Lena", last_name="Learner")


def ask(client: Client, address: str) -> str:
    response = client.post(CLAIM, {"address": address}, follow=True)
    assert SAME_ANSWER in response.content.decode()
    send_due(now=timezone.now())
    return str(mail.outbox[-1].body) if mail.outbox else ""


def link(text: str) -> str:
    found = re.search(r"http://localhost:8000(/my/claim/\S+)", text)
    assert found
    return found[1]


def test_the_link_joins_the_records(cast: Cast, old: Person) -> None:
    client = sign_in(cast.learner)
    text = ask(client, "LENA@old.example.org")
    assert mail.outbox[-1].to == ["lena@old.example.org"]
    assert cast.learner.email in text
    path = link(text)
    assert "lena@old.example.org" in client.get(path).content.decode()
    old.refresh_from_db()
    assert old.merged_into is None
    assert "counts here now" in client.post(path, follow=True).content.decode()
    old.refresh_from_db()
    assert old.merged_into == cast.learner
    assert client.get(path).status_code == 404


def test_the_answer_tells_nothing(cast: Cast, old: Person) -> None:
    client = sign_in(cast.learner)
    for address in ("nobody@example.org", cast.learner.email):
        assert ask(client, address) == ""


def test_a_link_is_of_use_to_nobody_else(cast: Cast, old: Person) -> None:
    path = link(ask(sign_in(cast.learner), old.email))
    stranger = sign_in(cast.outsider)
    assert stranger.get(path).status_code == 404
    assert stranger.post(path).status_code == 404
    assert stranger.get(path[:-3] + "abc/").status_code == 404
    assert Client().get(path).status_code == 302
    old.refresh_from_db()
    assert old.merged_into is None


def test_a_link_ends_after_three_days(cast: Cast, old: Person) -> None:
    client = sign_in(cast.learner)
    path = link(ask(client, old.email))
    with travel(timezone.now() + timezone.timedelta(days=3, minutes=1)):
        response = client.get(path)
    assert response.status_code == 410
    assert "more than three days ago" in response.content.decode()


def test_a_record_with_rights_is_not_opened_by_a_mail(cast: Cast) -> None:
    cast.editor.is_staff = True
    cast.editor.save()
    give(cast.coordinator, GrantKind.COORDINATOR, None)
    for record in (cast.editor, cast.coordinator):
        text = ask(sign_in(cast.learner), record.email)
        assert "ask your training coordinator" in " ".join(text.split())
        assert "/my/claim/" not in text


def test_rights_given_after_the_mail_close_the_link(cast: Cast, old: Person) -> None:
    client = sign_in(cast.learner)
    path = link(ask(client, old.email))
    give(old, GrantKind.COORDINATOR, None)
    assert client.post(path).status_code == 404
    old.refresh_from_db()
    assert old.merged_into is None


def test_asking_is_slowed_down(cast: Cast) -> None:
    client = sign_in(cast.learner)
    for _turn in range(5):
        ask(client, "nobody@example.org")
    response = client.post(CLAIM, {"address": "nobody@example.org"})
    assert response.status_code == 429
    assert "five times" in response.content.decode()


def test_what_is_no_address_is_said_at_the_field(cast: Cast) -> None:
    response = sign_in(cast.learner).post(CLAIM, {"address": "lena at old"})
    assert response.status_code == 400
    assert "lena at old" in response.content.decode()
