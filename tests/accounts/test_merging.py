"""Joining two rows of one human being moves no record, and can be undone."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.utils import timezone

from lms.accounts.merging import CHOICES, MergeError, mark_distinct, merge_persons, undo_merge
from lms.accounts.models import DistinctPersons, Person, PersonMerge
from lms.accounts.selectors import identities, resolve_person
from lms.accounts.signals import persons_merged
from lms.audit.models import AuditEvent

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
PASSWORD = "lantern-light-2026"


def add_person(email: str, *, first: str = "Ana", last: str = "Reyes") -> Person:
    person = Person.objects.create_user(email, PASSWORD, first_name=first, last_name=last)
    EmailAddress.objects.create(user=person, email=email, verified=True, primary=True)
    return person


@pytest.fixture
def stays() -> Person:
    return add_person("ana.reyes@example.org")


@pytest.fixture
def goes() -> Person:
    return add_person("areyes@old.example.org", last="Reyes-Vidal")


def merge(stays: Person, goes: Person, *take: str) -> PersonMerge:
    done = merge_persons(actor=None, survivor=stays, merged=goes, take=take, now=timezone.now())
    stays.refresh_from_db()
    goes.refresh_from_db()
    return done


def facts(person: Person) -> tuple[object, ...]:
    person.refresh_from_db()
    addresses = EmailAddress.objects.filter(user=person).order_by("email")
    values = [getattr(person, field) for field in CHOICES]
    return (*values, person.is_active, person.merged_into, *addresses.values_list("email", "primary"))


def test_both_rows_read_as_one(stays: Person, goes: Person) -> None:
    merge(stays, goes)
    assert resolve_person(goes) == stays
    assert set(identities(stays)) == set(identities(goes)) == {stays, goes}
    assert not goes.is_active


def test_fields_are_taken_over_as_chosen(stays: Person, goes: Person) -> None:
    merge(stays, goes, "last_name", "email")
    assert stays.last_name == "Reyes-Vidal"
    assert stays.sort_name == "reyes-vidal, ana"
    assert stays.email == "areyes@old.example.org"
    assert goes.email == "ana.reyes@example.org"
    assert EmailAddress.objects.get(user=stays, primary=True).email == "areyes@old.example.org"


@pytest.mark.parametrize("take", [(), ("email",), ("first_name", "last_name"), CHOICES])
def test_undoing_restores_both_rows(stays: Person, goes: Person, take: tuple[str, ...]) -> None:
    before = facts(stays), facts(goes)
    done = merge(stays, goes, *take)
    undo_merge(actor=None, merge=done, now=timezone.now())
    assert (facts(stays), facts(goes)) == before


def test_what_was_changed_since_stays_when_undone(stays: Person, goes: Person) -> None:
    done = merge(stays, goes, "last_name")
    stays.last_name = "Reyes Vidal"
    stays.save()
    undo_merge(actor=None, merge=done, now=timezone.now())
    stays.refresh_from_db()
    assert stays.last_name == "Reyes Vidal"


def test_either_address_signs_in_as_the_survivor(stays: Person, goes: Person, client: Client) -> None:
    goes.set_password("another-long-word-2026")
    goes.save()
    merge(stays, goes)
    response = client.post("/accounts/login/", {"login": "areyes@old.example.org", "password": PASSWORD})
    assert response.status_code == 302
    assert client.session["_auth_user_id"] == str(stays.pk)


def test_the_merged_row_is_signed_out(stays: Person, goes: Person, client: Client) -> None:
    client.force_login(goes, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/my/").status_code == 200
    merge(stays, goes)
    assert client.get("/my/").status_code == 302


def test_a_merge_can_be_done_again_after_it_was_undone(stays: Person, goes: Person) -> None:
    undo_merge(actor=None, merge=merge(stays, goes), now=timezone.now())
    goes.refresh_from_db()
    merge(stays, goes)
    assert PersonMerge.objects.count() == 2


def test_merges_of_merges_are_read_over_two_steps_and_no_more(stays: Person, goes: Person) -> None:
    third, fourth = add_person("third@example.org"), add_person("fourth@example.org")
    merge(stays, goes)
    merge(third, stays)
    assert set(identities(third)) == {third, stays, goes}
    with pytest.raises(MergeError, match="twice over"):
        merge(fourth, third)
    merge(third, fourth)
    assert set(identities(goes)) == {third, stays, goes, fourth}


def test_what_cannot_be_merged_is_refused_in_words(stays: Person, goes: Person) -> None:
    editor = add_person("editor@example.org")
    editor.is_staff = True
    editor.save()
    with pytest.raises(MergeError, match="same record"):
        merge(stays, stays)
    with pytest.raises(MergeError, match="may open the CMS"):
        merge(stays, editor)
    with pytest.raises(MergeError, match="no field is_superuser"):
        merge(stays, goes, "is_superuser")
    done = merge(stays, goes)
    with pytest.raises(MergeError, match="merged into another record"):
        merge(editor, goes)
    undo_merge(actor=None, merge=done, now=timezone.now())
    with pytest.raises(MergeError, match="undone already"):
        undo_merge(actor=None, merge=done, now=timezone.now())


def test_merging_is_told_and_audited(stays: Person, goes: Person) -> None:
    told: list[list[int]] = []

    def listen(*, person_ids: list[int], **_kwargs: object) -> None:
        told.append(person_ids)

    persons_merged.connect(listen)
    try:
        undo_merge(actor=stays, merge=merge(stays, goes, "last_name"), now=timezone.now())
    finally:
        persons_merged.disconnect(listen)
    assert told == [[stays.pk, goes.pk]] * 2
    actions = AuditEvent.objects.order_by("pk").values_list("action", "target_name")
    assert list(actions) == [
        ("person.merged", "Ana Reyes-Vidal"),
        ("person.merge_undone", "Ana Reyes"),
    ]


def test_two_people_are_told_apart_once(stays: Person, goes: Person) -> None:
    for one, other in ((stays, goes), (goes, stays)):
        mark_distinct(actor=stays, one=one, other=other, now=timezone.now())
    assert DistinctPersons.objects.count() == 1
    assert AuditEvent.objects.filter(action="person.distinct").count() == 1
