"""Who a person is, by address and across merges."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from lms.accounts.merging import merge_persons
from lms.accounts.models import Person
from lms.accounts.selectors import find_by_email

pytestmark = pytest.mark.django_db


def test_addresses_are_found_whatever_their_case(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    ana = Person.objects.create_user("ana@example.org")
    ben = Person.objects.create_user("ben@example.org")
    EmailAddress.objects.create(user=ben, email="ben@home.example.org", verified=True)
    EmailAddress.objects.create(user=ana, email="somebody@example.org", verified=False)
    wanted = ["ANA@example.org", " Ben@Home.example.org", "somebody@example.org", "nobody@example.org"]
    with django_assert_num_queries(2):
        found = find_by_email(wanted)
    assert found == {"ana@example.org": ana, "ben@home.example.org": ben}


def test_an_address_of_a_merged_row_finds_the_survivor() -> None:
    stays = Person.objects.create_user("stays@example.org")
    goes = Person.objects.create_user("goes@example.org")
    EmailAddress.objects.create(user=goes, email="old@example.org", verified=True)
    merge_persons(actor=None, survivor=stays, merged=goes, now=timezone.now())
    assert find_by_email(["goes@example.org", "old@example.org"]) == {
        "goes@example.org": stays,
        "old@example.org": stays,
    }
