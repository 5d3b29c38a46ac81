"""The audit trail: who reads which events, how they are found, paged and taken home."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lms.accounts.merging import merge_persons
from lms.accounts.models import Person
from lms.agencies.enums import GrantKind
from lms.agencies.models import Agency, Employment
from lms.agencies.services import end_employment, give_grant, transfer, update_agency
from lms.audit.models import AuditEvent
from lms.audit.services import record, record_rarely
from lms.portal.audit_words import ACTS, EventKind, name_act, tell_changes
from tests.conftest import PASSWORD, START, Cast
from tests.flows.conftest import words

TRAIL, FILE = "/team/audit/", "/team/audit/file/"


def browser(person: Person) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def give(person: Person, kind: str, agency: Agency | None) -> None:
    give_grant(
        actor=None,
        person=person,
        kind=kind,
        agency=agency,
        valid_from=START,
        reason="Named",
        today=timezone.localdate(),
    )


@pytest.fixture
def manager(cast: Cast) -> Client:
    give(cast.manager, GrantKind.MANAGER, Agency.objects.get(code="cast-home"))
    return browser(cast.manager)


@pytest.fixture
def coordinator(cast: Cast) -> Client:
    give(cast.coordinator, GrantKind.COORDINATOR, None)
    return browser(cast.coordinator)


def rows(client: Client, **asked: Any) -> list[str]:
    """The acts that the page lists, the latest first, with whom they are about."""
    response = client.get(TRAIL, asked)
    assert response.status_code == 200, words(response)
    return [f"{line.act}: {line.event.target_name}".rstrip(": ") for line in response.context.get("lines", [])]


def taken(client: Client, **asked: Any) -> list[dict[str, str]]:
    response = client.get(FILE, asked)
    assert response.status_code == 200
    text = b"".join(response).decode("utf-8-sig")  # type: ignore[arg-type]
    return list(csv.DictReader(io.StringIO(text)))


def at(days_ago: float, action: str, target: Person | None = None, **detail: Any) -> AuditEvent:
    """An event of some days ago."""
    return AuditEvent.objects.create(
        at=timezone.now() - timedelta(days=days_ago),
        action=action,
        target_type="accounts.person" if target else "",
        target_id=str(target.pk) if target else "",
        target_name=target.full_name if target else "",
        detail=detail,
    )


def test_it_says_who_did_what_to_whom_when_and_why(cast: Cast, coordinator: Client) -> None:
    give_grant(
        actor=cast.coordinator,
        person=cast.trainer,
        kind=GrantKind.TRAINER,
        agency=Agency.objects.get(code="cast-home"),
        valid_from=timezone.localdate(),
        reason="Certified in spring",
        today=timezone.localdate(),
    )
    page = words(coordinator.get(TRAIL, {"kind": "right", "person": cast.trainer.email}))
    assert "Cora Coordinator Right given Tess Trainer right: Trainer unit: Cast Home" in page
    assert "Certified in spring" in page
    assert "Times are UTC." in page


@pytest.mark.postgres
def test_a_manager_reads_of_own_units_and_people_only(cast: Cast, manager: Client) -> None:
    home, other = Agency.objects.get(code="cast-home"), Agency.objects.get(code="cast-other")
    update_agency(actor=None, agency=home, name="Home renamed")
    update_agency(actor=None, agency=other, name="Other renamed")
    end_employment(actor=None, employment=Employment.objects.get(person=cast.outsider), on=timezone.localdate())
    record(actor=cast.learner, action="sign_in.done", target=cast.learner, detail={"ip": "192.0.2.7"})
    record(actor=cast.outsider, action="sign_in.done", target=cast.outsider, detail={"ip": "192.0.2.8"})
    seen = rows(manager)
    assert "Unit changed: Home renamed" in seen
    assert "Signed in: Lena Learner" in seen
    assert "Right given: Mara Manager" in seen
    assert not [row for row in seen if "Other" in row or "Otto" in row]
    assert rows(manager, person=cast.outsider.email) == []
    page = manager.get(TRAIL).content.decode()
    assert "192.0.2.7" not in page, "from where somebody signed in is nobody's business but the site's"
    assert "192.0.2.7" not in str(taken(manager))


def test_a_manager_reads_a_transfer_on_this_side_only(cast: Cast, manager: Client) -> None:
    other = Agency.objects.get(code="cast-other")
    transfer(actor=None, employment=Employment.objects.get(person=cast.learner), agency=other, on=timezone.localdate())
    give(cast.learner, GrantKind.TRAINER, other)
    seen = rows(manager)
    assert "Job ended: Lena Learner" in seen
    assert "Job added: Lena Learner" not in seen
    assert "Right given: Lena Learner" not in seen


def test_a_coordinator_reads_everything_and_leaves_a_row(cast: Cast, coordinator: Client) -> None:
    record(actor=cast.outsider, action="sign_in.done", target=cast.outsider, detail={"ip": "192.0.2.8"})
    assert "Signed in: Otto Outsider" in rows(coordinator)
    assert "192.0.2.8" in coordinator.get(TRAIL).content.decode()
    events = AuditEvent.objects.filter(action="names.opened", actor=cast.coordinator)
    assert {event.detail["page"] for event in events} == {"portal:audit"}
    assert events.count() == 2


@pytest.mark.parametrize("who", ["learner", "trainer", "editor", "outsider"])
def test_who_manages_nothing_has_no_trail(cast: Cast, who: str) -> None:
    client = browser(getattr(cast, who))
    assert client.get(TRAIL).status_code == client.get(FILE).status_code == 404


@pytest.mark.parametrize("kind", [GrantKind.READER, GrantKind.OVERSIGHT, GrantKind.CONTRACT_MANAGER, GrantKind.TRAINER])
def test_who_only_reads_has_no_trail(cast: Cast, kind: GrantKind) -> None:
    home = Agency.objects.get(code="cast-home")
    today = timezone.localdate()
    give_grant(
        actor=None,
        person=cast.outsider,
        kind=kind,
        agency=home,
        valid_from=today,
        valid_until=today + timedelta(days=9),
        reason="Named",
        today=today,
    )
    assert browser(cast.outsider).get(TRAIL).status_code == 404


def test_a_site_administrator_reads_everything(cast: Cast) -> None:
    cast.editor.is_superuser = True
    cast.editor.save()
    at(1, "sign_in.failed", cast.outsider)
    assert "Sign-in refused: Otto Outsider" in rows(browser(cast.editor))


@pytest.mark.parametrize(
    ("kind", "actions"),
    [
        ("sign-in", ["sign_in.done", "sign_in.failed", "password.changed", "second_factor.removed"]),
        ("invitation", ["invitation.sent"]),
        ("right", ["grant.given", "grant.ended"]),
        ("job", ["employment.added", "employment.taken_back", "person.created"]),
        ("unit", ["agency.moved"]),
        ("import", ["staff.imported", "completions.import_undone"]),
        ("merge", ["person.merged", "person.merge_undone", "person.distinct"]),
        ("export", ["audit.exported", "certificates.bundled"]),
        ("opening", ["names.opened"]),
        ("privacy", ["person.erased", "records.removed", "text.redacted", "retention.changed"]),
        ("record", ["completion.voided", "certificate.revoked", "completions.matched"]),
        ("quiz", ["quiz.time_extended", "question.regraded"]),
        ("rule", ["requirement.changed", "contract.created", "list.made", "reminders.changed", "calendar.made"]),
    ],
)
def test_events_are_found_by_kind(cast: Cast, coordinator: Client, kind: str, actions: list[str]) -> None:
    for action in (*actions, "something.else"):
        at(1, action, cast.learner)
    response = coordinator.get(TRAIL, {"kind": kind, "person": str(cast.learner.pk)})
    assert {line.event.action for line in response.context["lines"]} == set(actions)


def test_every_act_has_words() -> None:
    root = Path(settings.BASE_DIR)
    sources = [path for room in ("lms", "certificates", "quizzes") for path in (root / room).rglob("*.py")]
    acts = {act for path in sources for act in re.findall(r'action="([a-z_]+\.[a-z_]+)"', path.read_text())}
    assert len(acts) > 40
    assert sorted(acts - ACTS.keys()) == []


def test_every_kind_is_in_that_table() -> None:
    (mark,) = [m for m in test_events_are_found_by_kind.pytestmark if m.name == "parametrize"]  # type: ignore[attr-defined]
    assert {kind for kind, _actions in mark.args[1]} == set(EventKind.values)


def test_events_are_found_by_person(cast: Cast, coordinator: Client) -> None:
    at(1, "sign_in.done", cast.learner)
    at(1, "sign_in.done", cast.outsider)
    for asked in (
        cast.learner.email.upper(),
        "lena",
        "Learner Lena",
        str(cast.learner.pk),
        " lena.learner@example.org ",
    ):
        assert rows(coordinator, person=asked) == ["Signed in: Lena Learner"], asked
    for asked in ("nobody", "nobody@example.org", "999999999999999999999", "٣", "%", "@"):
        assert rows(coordinator, person=asked) == [], asked


def test_the_events_of_a_joined_record_are_the_persons(cast: Cast, coordinator: Client) -> None:
    twin = Person.objects.create_user("lena@old.example.org", first_name="Lena", last_name="Learner")
    at(2, "sign_in.done", twin)
    merge_persons(actor=None, survivor=cast.learner, merged=twin, reason="Came back", now=timezone.now())
    assert rows(coordinator, person=cast.learner.email, kind="sign-in") == ["Signed in: Lena Learner"]
    page = words(coordinator.get(TRAIL, {"kind": "merge"}))
    assert "Records joined" in page
    assert "Came back" in page


def test_the_period_is_half_a_line_in_days_of_utc(cast: Cast, coordinator: Client) -> None:
    for moment in ("2026-10-01T00:00:00", "2026-10-02T23:59:59", "2026-10-03T00:00:00"):
        AuditEvent.objects.create(at=datetime.fromisoformat(moment).replace(tzinfo=UTC), action="sign_in.done")
    response = coordinator.get(TRAIL, {"first_on": "2026-10-01", "last_on": "2026-10-02"})
    assert [line.event.at.isoformat()[:19] for line in response.context["lines"]] == [
        "2026-10-02T23:59:59",
        "2026-10-01T00:00:00",
    ]
    assert "23:59:59" in response.content.decode()


def test_without_days_the_last_thirty_are_shown(cast: Cast, coordinator: Client) -> None:
    at(29, "sign_in.done", cast.learner)
    at(40, "sign_in.failed", cast.learner)
    assert rows(coordinator, person=cast.learner.email) == ["Signed in: Lena Learner"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"kind": "ghosts"}, "Select a valid choice"),
        ({"first_on": "soon"}, "Enter a day"),
        ({"first_on": "0001-01-01"}, "Check the year."),
        ({"first_on": "2026-10-02", "last_on": "2026-10-01"}, "This day comes before the first one."),
        ({"person": "a\x00b"}, "Null characters"),
        ({"person": "a" * 255}, "at most 254"),
    ],
)
@pytest.mark.parametrize("path", [TRAIL, FILE])
def test_a_wrong_question_is_told_and_kept(coordinator: Client, asked: dict[str, str], said: str, path: str) -> None:
    response = coordinator.get(path, asked)
    assert response.status_code == 422
    assert said in words(response)
    assert not AuditEvent.objects.filter(action="audit.exported").exists()


@pytest.mark.postgres
def test_pages_follow_each_other_without_gap_or_repeat(cast: Cast, coordinator: Client) -> None:
    moment = timezone.now() - timedelta(days=2)
    for number in range(120):
        # Half of them in one and the same moment.
        AuditEvent.objects.create(at=moment - timedelta(minutes=max(0, number - 60)), action=f"sign_in.{number}")
    seen: list[int] = []
    asked: dict[str, Any] = {"kind": "sign-in"}
    for _page in range(3):
        response = coordinator.get(TRAIL, asked)
        seen += [line.event.pk for line in response.context["lines"]]
        asked["before"] = response.context["more"]
    assert asked["before"] is None
    assert seen == list(AuditEvent.objects.filter(action__startswith="sign_in.").values_list("pk", flat=True))
    assert len(seen) == 120


@pytest.mark.parametrize("before", ["0", "-1", "x", "9" * 30, "٣", "", "999999"])
def test_a_page_that_is_none_is_the_first(cast: Cast, coordinator: Client, before: str) -> None:
    at(1, "sign_in.done", cast.learner)
    assert "Signed in: Lena Learner" in rows(coordinator, before=before)


def test_the_file_holds_the_same_events_and_no_formula(cast: Cast, coordinator: Client) -> None:
    for name in ("=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\tx", "plain"):
        AuditEvent.objects.create(action="person.created", target_name=name, detail={"reason": "=1+1"})
    file = taken(coordinator, kind="job")
    assert sorted(row["about"] for row in file if row["act"] == "person.created") == sorted(
        ["'=cmd|' /C calc'!A0", "'+1+1", "'-2+3", "'@SUM(A1)", "'\tx", "plain"]
    )
    assert {row["reason"] for row in file} == {"'=1+1"}
    assert file[0]["at (UTC)"].endswith("+00:00")
    event = AuditEvent.objects.get(action="audit.exported")
    assert (event.actor, event.detail["filter"]) == (cast.coordinator, "job")


def test_too_long_a_file_is_refused_in_words(cast: Cast, coordinator: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lms.portal.views.audit.EXPORT_LIMIT", 2)
    for _event in range(3):
        at(1, "sign_in.done", cast.learner)
    response = coordinator.get(FILE)
    assert response.status_code == 422
    assert "Choose fewer days." in words(response)


def test_a_page_asks_as_much_for_fifty_events_as_for_one(cast: Cast, manager: Client) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            manager.get(TRAIL)
        return len(queries)

    manager.get(TRAIL)
    before = count()
    for _event in range(60):
        at(1, "sign_in.done", cast.learner)
    assert count() == before
    assert before <= 11


@pytest.mark.parametrize(
    ("detail", "lines"),
    [
        ({}, []),
        ({"reason": "x", "grant": 4}, []),
        ({"name": ["Old", "New"]}, ["name: Old → New"]),
        ({"short_name": ["Old", None]}, ["short name: Old → none"]),
        ({"high_priority": [False, True]}, ["high priority: no → yes"]),
        ({"from": "a", "to": None, "on": "2026-01-01"}, ["a → none", "on: 2026-01-01"]),
        ({"taken": {"email": {"was": "a", "is": "b"}}}, ["email: a → b"]),
        ({"counts": {"new": 4, "moved": 0}}, ["counts: new: 4", "counts: moved: 0"]),
        ({"kind": "contract_manager"}, ["right: Contract manager"]),
        ({"methods": ["password", "mfa"]}, ["with: password, mfa"]),
        ({"agency": ["a", "b"], "page": []}, ["unit: a → b", "page: none"]),
        ({"page": "portal:team"}, ["page: team"]),
        ({"long": "x" * 500}, ["long: " + "x" * 200]),
    ],
)
def test_changes_in_words(detail: dict[str, Any], lines: list[str]) -> None:
    assert tell_changes(detail) == lines


def test_acts_in_words() -> None:
    assert name_act("grant.given") == "Right given"
    assert name_act("thing.never_heard_of") == "thing: never heard of"
    assert all(ACTS.values())


def test_what_happens_often_is_written_rarely(cast: Cast) -> None:
    for _time in range(120):
        record_rarely(key="a@example.org", actor=None, action="sign_in.failed", target=None)
    record_rarely(key="b@example.org", actor=None, action="sign_in.failed", target=None)
    events = AuditEvent.objects.filter(action="sign_in.failed").order_by("pk")
    assert [event.detail["times"] for event in events] == [1, 10, 100, 1]


def test_signing_in_and_out_and_being_refused_are_events(cast: Cast, client: Client) -> None:
    cache.clear()
    EmailAddress.objects.create(user=cast.learner, email=cast.learner.email, verified=True, primary=True)
    for password in ("not it", "nor this", PASSWORD):
        client.post("/accounts/login/", {"login": cast.learner.email.upper(), "password": password})
    client.post("/accounts/logout/")
    client.post("/accounts/login/", {"login": "secret-typed-here@example.org", "password": "not it"})
    events = AuditEvent.objects.filter(action__startswith="sign_in.").order_by("pk")
    assert [(event.action, event.target_name) for event in events] == [
        ("sign_in.failed", "Lena Learner"),
        ("sign_in.done", "Lena Learner"),
        ("sign_in.ended", "Lena Learner"),
        ("sign_in.failed", ""),
    ]
    assert "secret-typed-here" not in str([event.detail for event in events])
