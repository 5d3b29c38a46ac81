"""A person at a browser without a script: follows links, presses buttons, reads words."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from curricula.models import Course
from lms.accounts.models import Person
from tests.conftest import PASSWORD
from tests.learning.conftest import make_course


@pytest.fixture
def course(db: None) -> Course:
    return make_course()


def words(response: Any) -> str:
    """What the page says, in one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def sign_in(client: Client, email: str, next_url: str = "/my/") -> Any:
    """Sign in through the form, with an address that was confirmed; returns the page it leads to."""
    person = Person.objects.get(email=email)
    EmailAddress.objects.get_or_create(user=person, email=email, defaults={"verified": True, "primary": True})
    form = {"login": email, "password": PASSWORD, "next": next_url}
    response = client.post("/accounts/login/", form, follow=True)
    assert response.status_code == 200, words(response)
    return response


def press(client: Client, response: Any, action: str, **fields: Any) -> Any:
    """Send the form of the page whose address holds ``action``, with its hidden fields; returns where it leads."""
    for form in re.findall(r"<form[^>]*>.*?</form>", response.content.decode(), re.DOTALL):
        start = form[: form.index(">")]
        address = re.search(r'action="([^"]*)"', start)
        target = html.unescape(address.group(1)) if address and address.group(1) else response.request["PATH_INFO"]
        if 'method="post"' in start and action in target and "logout" not in target:
            hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form))
            return client.post(target, {**hidden, **fields}, follow=True)
    raise AssertionError(f"No form leads to {action!r}: {words(response)}")


def choose(response: Any, text: str) -> str:
    """The value of the choice with these words."""
    found = re.search(rf'name="chosen" value="(\d+)"[^>]*>\s*<span>\s*{re.escape(text)}', response.content.decode())
    assert found, words(response)
    return found.group(1)
