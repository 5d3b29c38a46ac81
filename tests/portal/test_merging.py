"""Joining records in screens: who may, what is shown first, what is refused."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils import timezone

from lms.accounts.merging import CHOICES
from lms.accounts.models import Person, PersonMerge
from lms.agencies.enums import GrantKind
from lms.agencies.models import Agency, Employment
from lms.agencies.services import give_grant
from lms.portal.forms.people import LABELS
from tests.conftest import START, Cast

from .test_pages import complete, course  # noqa: F401  (a fixture)

pytestmark = pytest.mark.django_db
LIST, MERGES = "/team/duplicates/", "/team/merges/"


def sign_in(person: Person) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def twin(cast: Cast) -> Person:
    """The learner again, from a staff file of the same agency, under another address."""
    twin = Person.objects.create_user("lena@old.example.org", first_name="Lena", last_name="Learner")
    job = Employment.objects.get(person=cast.learner)
    Employment.objects.create(person=twin, agency=job.agency, job_role=job.job_role, valid_from=START)
    return twin


@pytest.fixture
def manager(cast: Cast) -> Client:
    give(cast.manager, GrantKind.MANAGER, Agency.objects.get(code="cast-home"))
    return sign_in(cast.manager)


def give(person: Person, kind: GrantKind, agency: Agency | None) -> None:
    give_grant(
        actor=None, person=person, kind=kind, agency=agency, valid_from=START, reason="Test", today=timezone.localdate()
    )


def address(first: Person, second: Person) -> str:
    return f"{LIST}{first.pk}/{second.pk}/"


def test_a_manager_finds_compares_and_joins(cast: Cast, twin: Person, manager: Client, course) -> None:  # type: ignore[no-untyped-def]  # noqa: F811
    complete(twin, course, timezone.localdate())
    listed = manager.get(LIST).content.decode()
    assert "lena@old.example.org" in listed
    assert "The same name" in listed
    shown = manager.get(address(cast.learner, twin)).content.decode()
    assert "1 completed and 0 begun courses" in shown
    response = manager.post(
        address(cast.learner, twin), {"email": "take", "reason": "Came back from leave"}, follow=True
    )
    assert "Lena Learner is one record now" in response.content.decode()
    cast.learner.refresh_from_db()
    assert cast.learner.email == "lena@old.example.org"
    assert "First course" in manager.get(f"/team/{cast.learner.pk}/").content.decode()
    assert "lena@old.example.org" not in manager.get(LIST).content.decode()


def test_it_can_be_undone(cast: Cast, twin: Person, manager: Client) -> None:
    manager.post(address(cast.learner, twin), {"email": "keep", "reason": "Same person"})
    merge = PersonMerge.objects.get()
    assert "Same person" in manager.get(MERGES).content.decode()
    undo = f"{MERGES}{merge.pk}/undo/"
    assert "Undone: they are two records again" in manager.post(undo, follow=True).content.decode()
    assert "This merge was undone already." in manager.post(undo, follow=True).content.decode()
    twin.refresh_from_db()
    assert twin.merged_into is None


def test_two_people_of_one_name_are_told_apart(cast: Cast, twin: Person, manager: Client) -> None:
    response = manager.post(f"{address(cast.learner, twin)}apart/", follow=True)
    assert "they are two people" in response.content.decode()
    assert "lena@old.example.org" not in response.content.decode()


def test_a_shared_number_and_a_shared_local_part_are_noticed(cast: Cast, twin: Person, manager: Client) -> None:
    Person.objects.filter(pk=twin.pk).update(first_name="Magdalena", sort_name="learner, magdalena")
    assert "old.example.org" not in manager.get(LIST).content.decode()
    Employment.objects.filter(person__in=[twin, cast.learner]).update(employee_number="4711")
    assert "The same employee number at one agency" in manager.get(LIST).content.decode()
    Person.objects.filter(pk=twin.pk).update(email="lena.learner@old.example.org")
    assert "the same address before the @" in manager.get(LIST).content.decode()


def test_nobody_else_may_even_know(cast: Cast, twin: Person) -> None:
    for person in (cast.learner, cast.outsider, cast.trainer, cast.manager):
        client = sign_in(person)
        for path in (LIST, MERGES, address(cast.learner, twin)):
            assert client.get(path).status_code == 404, (person, path)
    give(cast.outsider, GrantKind.MANAGER, Agency.objects.get(code="cast-other"))
    give(cast.trainer, GrantKind.OVERSIGHT, None)
    for person in (cast.outsider, cast.trainer):
        assert sign_in(person).get(address(cast.learner, twin)).status_code == 404
        assert sign_in(person).post(address(cast.learner, twin), {"reason": "x"}).status_code == 404
    assert Client().get(LIST).status_code == 302
    assert not PersonMerge.objects.exists()


def test_a_manager_cannot_pull_in_another_agencys_record(cast: Cast, manager: Client) -> None:
    assert manager.get(address(cast.learner, cast.outsider)).status_code == 404
    assert manager.get(address(cast.learner, cast.manager)).status_code == 404
    named = manager.get(LIST, {"first": cast.learner.email, "second": cast.outsider.email})
    unknown = manager.get(LIST, {"first": cast.learner.email, "second": "nobody@example.org"})
    assert named.status_code == unknown.status_code == 400
    assert "None of your people has this address." in named.content.decode()
    assert "None of your people has this address." in unknown.content.decode()


def test_a_coordinator_of_the_whole_site_joins_who_left_too(cast: Cast, twin: Person) -> None:
    give(cast.coordinator, GrantKind.COORDINATOR, None)
    Employment.objects.filter(person=twin).update(valid_until=timezone.localdate())
    client = sign_in(cast.coordinator)
    found = client.get(LIST, {"first": cast.learner.email, "second": twin.email})
    assert found["Location"] == address(cast.learner, twin)


def test_the_screen_offers_what_the_service_takes() -> None:
    assert tuple(LABELS) == CHOICES


def test_wrong_input_loses_nothing(cast: Cast, twin: Person, manager: Client) -> None:
    response = manager.post(address(cast.learner, twin), {"email": "take", "reason": ""})
    text = response.content.decode()
    assert response.status_code == 400
    assert re.search(r'value="take"[^>]* checked', text)
    response = manager.post(address(cast.learner, twin), {"email": "take", "reason": "Case number 12-345678"})
    assert response.status_code == 400
    assert "Case number 12-345678" in response.content.decode()
    twin.is_staff = True
    twin.save()
    response = manager.post(address(cast.learner, twin), {"email": "keep", "reason": "Same person"})
    assert response.status_code == 409
    assert "may open the CMS" in response.content.decode()
    assert not PersonMerge.objects.exists()
