"""Rights given, lent and ended in screens; and what a right never brings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from lms.accounts.models import Person
from lms.agencies.enums import GrantKind
from lms.agencies.models import Agency, Grant
from lms.agencies.selectors import visible_to
from lms.audit.models import AuditEvent
from tests.conftest import START, Cast

from .conftest import Department, add_staff, today
from .test_unit_screens import words

DAY = timedelta(days=1)


def give(client: Client, agency: Agency | None, step: str = "confirm", **fields: Any) -> Any:
    path = f"/team/agencies/{agency.pk}/rights/give/" if agency else "/team/agencies/rights/give/"
    form = {"valid_from": str(today()), "reason": "While the manager is away", "step": step, **fields}
    return client.post(path, form, follow=step == "confirm")


@pytest.fixture
def coordinator(cast: Cast, department: Department) -> Client:
    client = Client()
    client.force_login(cast.coordinator, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_manager_lends_reading_with_an_end(manager: Client, cast: Cast, department: Department) -> None:
    page = words(manager.get(f"/team/agencies/{department.east.pk}/rights/give/"))
    assert "Lend the right to read" in page
    assert "Coordinator" not in page
    loan = {"person": cast.trainer.email, "kind": "reader", "valid_until": str(today() + 30 * DAY)}
    preview = words(give(manager, department.east, "", **loan))
    assert "Tess Trainer is Reader for East from" in preview
    assert "sees the training of the people here, until a day" in preview
    assert not Grant.objects.filter(person=cast.trainer).exists()
    done = words(give(manager, department.east, **loan))
    assert "Tess Trainer Reader East" in done
    grant = Grant.objects.get(person=cast.trainer)
    assert (grant.granted_by, grant.valid_until) == (cast.manager, today() + 30 * DAY)
    (staff,) = add_staff(department.east, 1)
    assert list(visible_to(cast.trainer, as_of=today())) == [staff]
    event = AuditEvent.objects.get(action="grant.given")
    assert (event.actor, event.target_name, event.detail["agency"]) == (cast.manager, "Tess Trainer", "east")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"kind": "reader"}, "This field is required."),
        ({"kind": "reader", "valid_until": "2026-01-01"}, "This day must come after the first day."),
        ({"kind": "manager"}, "Select a valid choice"),
        ({"kind": "reader", "valid_from": "2026-01-05", "valid_until": "2036-01-01"}, "can't begin before today"),
        ({"kind": "reader", "valid_until": "2036-01-01", "reason": ""}, "This field is required."),
        ({"kind": "reader", "valid_until": "2036-01-01", "reason": "Case 21-04417"}, "case number"),
        ({"kind": "reader", "valid_until": "2036-01-01", "person": "otto.outsider@example.org"}, "Nobody with this"),
        ({"kind": "reader", "valid_until": "2036-01-01", "person": "mara.manager@example.org"}, "Nobody with this"),
    ],
)
def test_a_refused_loan_says_why(manager: Client, department: Department, fields: dict[str, str], said: str) -> None:
    response = give(manager, department.east, "", **{"person": "tess.trainer@example.org", **fields})
    assert response.status_code == 422
    assert said in words(response).replace("’", "'")
    assert not Grant.objects.filter(kind=GrantKind.READER).exists()


@pytest.mark.parametrize("kind", [kind for kind in GrantKind if kind != GrantKind.READER])
def test_a_coordinator_gives_and_ends_every_kind(
    coordinator: Client, cast: Cast, department: Department, kind: GrantKind
) -> None:
    give(coordinator, department.other, person=cast.trainer.email, kind=kind)
    grant = Grant.objects.get(person=cast.trainer)
    assert (grant.kind, grant.agency, grant.granted_by) == (kind, department.other, cast.coordinator)
    form = {"on": str(today()), "reason": "Left the post"}
    path = f"/team/agencies/rights/{grant.pk}/end/"
    assert "is no longer" in words(coordinator.post(path, form))
    coordinator.post(path, {**form, "step": "confirm"})
    grant.refresh_from_db()
    assert grant.valid_until == today()
    assert AuditEvent.objects.get(action="grant.ended").detail["reason"] == "Left the post"
    assert coordinator.post(path, {**form, "step": "confirm"}).status_code == 422


def test_over_the_whole_site_only_some_kinds_can_be_given(coordinator: Client, cast: Cast) -> None:
    page = words(coordinator.get("/team/agencies/rights/give/"))
    assert "Oversight reader" in page
    assert "Contract manager" not in page
    give(coordinator, None, person=cast.trainer.email, kind="oversight")
    assert "Tess Trainer Oversight reader the whole site" in words(coordinator.get("/team/agencies/"))


def test_a_manager_ends_loans_and_nothing_else(manager: Client, cast: Cast, department: Department) -> None:
    trainer = Grant.objects.create(
        person=cast.trainer, kind="trainer", agency=department.east, valid_from=START, reason="certified"
    )
    loan = Grant.objects.create(
        person=cast.trainer,
        kind="reader",
        agency=department.east,
        valid_from=START,
        valid_until=today() + DAY,
        reason="x",
    )
    assert manager.get(f"/team/agencies/rights/{trainer.pk}/end/").status_code == 404
    assert manager.get(f"/team/agencies/rights/{loan.pk}/end/").status_code == 200
    page = words(manager.get(f"/team/agencies/{department.east.pk}/"))
    assert "not yours to end" in page


@pytest.mark.parametrize("on", ["2026-01-01", "never", ""])
def test_a_right_is_not_taken_back_for_days_that_passed(
    coordinator: Client, cast: Cast, department: Department, on: str
) -> None:
    grant = Grant.objects.get(person=cast.manager)
    response = coordinator.post(f"/team/agencies/rights/{grant.pk}/end/", {"on": on, "reason": "x", "step": "confirm"})
    assert response.status_code == 422


def test_each_look_of_a_coordinator_at_names_leaves_a_row(
    coordinator: Client, cast: Cast, department: Department
) -> None:
    twin = Person.objects.create_user("lena@old.example.org", first_name="Lena", last_name="Learner")
    opened = {
        "/team/": ("portal:team", ""),
        f"/team/{cast.learner.pk}/": ("portal:person", "Lena Learner"),
        f"/team/agencies/{department.home.pk}/": ("agencies:unit", "Cast Home"),
        f"/team/agencies/people/{cast.learner.pk}/": ("agencies:person", "Lena Learner"),
        "/team/duplicates/": ("portal:duplicates", ""),
        f"/team/duplicates/{cast.learner.pk}/{twin.pk}/": ("portal:merge", "Lena Learner"),
        "/team/merges/": ("portal:merges", ""),
    }
    for path, (page, name) in opened.items():
        before = AuditEvent.objects.filter(action="names.opened").count()
        assert coordinator.get(path).status_code == 200
        assert coordinator.get(path).status_code == 200
        events = AuditEvent.objects.filter(action="names.opened", detail__page=page).order_by("-pk")
        assert events.count() >= 2, path
        assert AuditEvent.objects.filter(action="names.opened").count() >= before + 2, path
        assert {event.actor for event in events} == {cast.coordinator}
        assert events.first().target_name == name


@pytest.mark.parametrize("kind", GrantKind)
@pytest.mark.parametrize("path", ["users/", "users/new/", "users/1/", "groups/", "settings/", ""])
def test_no_right_opens_the_user_administration_of_the_cms(
    cast: Cast, department: Department, kind: GrantKind, path: str
) -> None:
    until = today() + DAY if kind == GrantKind.READER else None
    Grant.objects.create(
        person=cast.trainer, kind=kind, agency=department.home, valid_from=START, valid_until=until, reason="x"
    )
    client = Client()
    client.force_login(cast.trainer, backend="django.contrib.auth.backends.ModelBackend")
    response = client.get(f"/cms/{path}")
    assert response.status_code in {302, 403, 404}
    if response.status_code == 302:
        assert "login" in response["Location"]
    permissions = cast.trainer.get_all_permissions()
    assert not {each for each in permissions if "person" in each or "user" in each or "group" in each}
