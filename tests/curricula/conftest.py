"""Who writes in these tests."""

from __future__ import annotations

import pytest
from django.test import Client

from lms.accounts.models import Person


@pytest.fixture
def author(db: None) -> Person:
    return Person.objects.create_superuser("ada@example.org", first_name="Ada", last_name="Author")


@pytest.fixture
def cms(client: Client, author: Person) -> Client:
    """The CMS, signed in with every permission: what is refused here is refused to everybody."""
    client.force_login(author)
    return client
