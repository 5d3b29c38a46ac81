import datetime
from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.db import transaction

from lms.audit.models import AuditEvent
from lms.audit.services import record

pytestmark = pytest.mark.django_db


def test_it_works() -> None:
    ana = get_user_model().objects.create_user("ana@example.org", first_name="Ana", last_name="Reyes")
    ben = get_user_model().objects.create_user("ben@example.org", first_name="Ben", last_name="Cho")
    event = record(actor=ana, action="person.renamed", target=ben, detail={"before": "Benny Cho"})
    event.refresh_from_db()
    assert (event.actor, event.actor_name, event.action) == (ana, "Ana Reyes", "person.renamed")
    assert (event.target_type, event.target_id, event.target_name) == ("accounts.person", str(ben.pk), "Ben Cho")
    assert event.detail == {"before": "Benny Cho"}
    assert str(event).endswith("Ana Reyes: person.renamed Ben Cho")


@pytest.mark.parametrize("actor", [None, AnonymousUser()])
def test_the_site_itself(actor: AnonymousUser | None) -> None:
    event = record(actor=actor, action="site.checked", target=None)
    assert event.actor is None
    assert (event.actor_name, event.target_type, event.target_id, event.target_name) == ("", "", "", "")
    assert event.detail == {}


def test_names_are_copied_as_they_were() -> None:
    ana = get_user_model().objects.create_user("ana@example.org", first_name="Ana", last_name="Reyes")
    event = record(actor=ana, action="person.renamed", target=ana)
    ana.last_name = "Reyes-Lund"
    ana.save()
    event.refresh_from_db()
    assert event.actor_name == "Ana Reyes"


def test_long_names_are_cut() -> None:
    ana = get_user_model().objects.create_user("ana@example.org", first_name="A" * 120, last_name="R" * 120)
    event = record(actor=ana, action="person.renamed", target=ana)
    assert len(event.actor_name) == len(event.target_name) == 200


def test_detail_holds_dates_and_decimals() -> None:
    event = record(actor=None, action="x", target=None, detail={"on": datetime.date(2026, 3, 4), "h": Decimal("1.25")})
    event.refresh_from_db()
    assert event.detail == {"on": "2026-03-04", "h": "1.25"}


@transaction.atomic
def record_and_fail() -> None:
    record(actor=None, action="site.checked", target=None)
    raise ValueError("stop")


def test_it_goes_with_the_transaction() -> None:
    with pytest.raises(ValueError, match="stop"):
        record_and_fail()
    assert not AuditEvent.objects.exists()
