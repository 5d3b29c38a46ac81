"""Which passwords are taken."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client

from lms.accounts.models import Person
from tests.conftest import PASSWORD


@pytest.mark.parametrize(
    "password",
    [
        "lamphbr8",
        "ten letters",
        "aaaaaaaabbbb cccc dddd",
        "только слова и пробелы",
        "灯灯灯灯灯灯灯灯灯",
        "x" * 63 + "y",
        "correct horse battery staple " * 8,
    ],
)
def test_any_long_enough_password_is_taken(password: str) -> None:
    validate_password(password)


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("", "at least 8"),
        ("lamp-78", "at least 8"),
        ("password", "too common"),
        ("Password1", "too common"),
        ("123456789", "too common"),
        ("z" * 257, "at most 256"),
    ],
)
def test_a_short_or_common_one_is_refused_in_words(password: str, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        validate_password(password)


def test_the_page_advises_and_lets_paste(client: Client, db: None) -> None:
    person = Person.objects.create_user("ana@example.org", PASSWORD, first_name="Ana", last_name="Reyes")
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/accounts/password/change/").content.decode()
    assert "At least 8 characters; 15 or more are much safer." in page
    assert "onpaste" not in page
    fields = re.findall(r"<input[^>]*type=\"password\"[^>]*>", page)
    assert len(fields) == 3
    assert not [field for field in fields if "maxlength" in field]
    assert [re.search(r'autocomplete="([^"]+)"', field)[1] for field in fields] == [  # type: ignore[index]
        "current-password",
        "new-password",
        "new-password",
    ]
