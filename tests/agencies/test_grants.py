"""What a grant opens, over which part of the tree, and from which day to which."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from lms.accounts.models import Person
from lms.agencies.enums import NAMING_KINDS, GrantKind
from lms.agencies.models import Agency, Employment, Grant
from lms.agencies.permissions import (
    user_can_give_grant,
    user_can_import_staff,
    user_can_manage_agency,
    user_has_grant,
)
from lms.agencies.selectors import list_grants, list_managed_agencies, list_readable_agencies, visible_to
from lms.agencies.services import AgencyError, create_agency, end_grant, give_grant, move_agency, record_opening
from lms.audit.models import AuditEvent
from tests.conftest import START, Cast

TODAY = date(2026, 11, 23)
DAY = timedelta(days=1)


def give(person: Person, kind: str, agency: Agency | None, **fields: object) -> Grant:
    return Grant.objects.create(person=person, kind=kind, agency=agency, valid_from=START, reason="appointed", **fields)


def home(cast: Cast) -> Agency:
    return Employment.objects.get(person=cast.learner).agency


def names(user: Person, day: date = TODAY, today: date | None = None) -> set[str]:
    return {person.first_name for person in visible_to(user, as_of=day, today=today)}


def test_a_manager_sees_the_people_of_the_agency_and_nobody_elses(cast: Cast) -> None:
    give(cast.trainer, GrantKind.MANAGER, home(cast))
    assert names(cast.trainer) == {"Lena", "Mara"}
    assert names(cast.learner) == set()


@pytest.mark.parametrize("kind", GrantKind.values)
def test_only_some_kinds_show_names(cast: Cast, kind: str) -> None:
    until = TODAY + DAY if kind == GrantKind.READER else None
    give(cast.outsider, kind, home(cast), valid_until=until)
    assert names(cast.outsider) == ({"Lena", "Mara", "Tess"} if kind in NAMING_KINDS else set())


def test_a_coordinator_of_the_whole_site_sees_everybody_who_works_that_day(cast: Cast) -> None:
    give(cast.coordinator, GrantKind.COORDINATOR, None)
    Employment.objects.filter(person=cast.editor).update(valid_until=TODAY)
    assert names(cast.coordinator) == {"Lena", "Mara", "Otto", "Tess"}
    assert "Ed" in names(cast.coordinator, TODAY - DAY, TODAY)


def test_an_oversight_reader_of_the_whole_site_sees_nobody_by_name(cast: Cast) -> None:
    give(cast.coordinator, GrantKind.OVERSIGHT, None)
    assert names(cast.coordinator) == set()


def test_a_grant_holds_from_its_first_day_and_not_on_its_last(cast: Cast) -> None:
    give(cast.outsider, GrantKind.MANAGER, home(cast), valid_until=TODAY)
    assert names(cast.outsider, START - DAY) == set()
    assert names(cast.outsider, TODAY - DAY)
    assert names(cast.outsider, TODAY) == set()


def test_a_former_manager_sees_nothing_of_the_past_and_a_new_one_all_of_it(cast: Cast) -> None:
    give(cast.outsider, GrantKind.MANAGER, home(cast), valid_until=TODAY)
    Grant.objects.create(
        person=cast.editor, kind=GrantKind.MANAGER, agency=home(cast), valid_from=TODAY, reason="appointed"
    )
    past = START + DAY
    assert names(cast.outsider, past, TODAY) == set()
    assert names(cast.editor, past, TODAY) == {"Lena", "Mara", "Tess"}


def test_the_tree_of_the_day_decides(cast: Cast) -> None:
    kind = home(cast).kind
    department = create_agency(actor=None, code="department", name="Department", kind=kind, valid_from=START)
    give(cast.outsider, GrantKind.MANAGER, department)
    moved = date(2026, 6, 1)
    move_agency(actor=None, agency=home(cast), new_parent=department, on=moved)
    assert names(cast.outsider, moved - DAY, TODAY) == set()
    assert names(cast.outsider, moved, TODAY) == {"Lena", "Mara", "Tess"}
    assert {agency.code for agency in list_managed_agencies(cast.outsider, as_of=TODAY)} == {"department", "cast-home"}
    assert {agency.code for agency in list_managed_agencies(cast.outsider, as_of=moved - DAY)} == {"department"}


def test_a_disabled_person_and_a_visitor_hold_nothing(cast: Cast) -> None:
    give(cast.trainer, GrantKind.COORDINATOR, None)
    cast.trainer.is_active = False
    cast.trainer.save()
    for user in (cast.trainer, AnonymousUser()):
        assert not visible_to(user, as_of=TODAY).exists()
        assert not user_has_grant(user, as_of=TODAY)
        assert not user_can_import_staff(user, as_of=TODAY)
        assert not user_can_manage_agency(user, home(cast), as_of=TODAY)
        assert not list_readable_agencies(user, as_of=TODAY).exists()
        assert not user_can_give_grant(user, kind=GrantKind.READER, agency=home(cast), as_of=TODAY)


def test_a_grant_follows_a_merge(cast: Cast) -> None:
    give(cast.editor, GrantKind.MANAGER, home(cast))
    cast.editor.merged_into = cast.outsider
    cast.editor.save()
    assert names(cast.outsider) == {"Lena", "Mara", "Tess"}
    assert list_grants(cast.outsider, as_of=TODAY).get().person == cast.editor


@pytest.mark.postgres
@pytest.mark.parametrize("seed", range(8))
def test_visible_people_agree_with_a_naive_walk_of_the_tree(cast: Cast, seed: int) -> None:
    """A made-up county of moves, jobs and grants: whom each may see is compared, on several days, with a plain walk."""
    chance = random.Random(seed)
    kind, role = home(cast).kind, Employment.objects.get(person=cast.learner).job_role
    units: list[Agency] = []
    for number in range(9):
        parent = chance.choice([None, *units]) if units else None
        units.append(
            create_agency(
                actor=None, code=f"u{number}", name=f"Unit {number}", kind=kind, parent=parent, valid_from=START
            )
        )
    days = [START + timedelta(days=30 * step) for step in range(1, 8)]
    parents = {START: {unit.pk: (found.pk if (found := unit.get_parent()) else None) for unit in units}}
    for day in days[:3]:
        unit, target = chance.sample(units, 2)
        try:
            move_agency(actor=None, agency=unit, new_parent=target, on=day)
        except AgencyError:
            continue
        parents[day] = {
            unit.pk: (found.pk if (found := Agency.objects.get(pk=unit.pk).get_parent()) else None) for unit in units
        }
    people = [Person.objects.create_user(f"p{number}@example.org", first_name=f"P{number}") for number in range(12)]
    jobs = [
        Employment.objects.create(
            person=person,
            agency=chance.choice(units),
            job_role=role,
            supervisor=chance.choice([None, *(other for other in people if other != person)]),
            valid_from=chance.choice(days),
            valid_until=chance.choice([None, days[-1] + DAY]),
        )
        for person in people
        for _job in range(chance.choice([1, 1, 2]))
    ]
    grants = [
        give(
            person, chance.choice(GrantKind.values), chance.choice(units), valid_until=chance.choice([*days, days[-1]])
        )
        for person in chance.sample(people, 6)
    ]

    def below(node: int, root: int, day: date) -> bool:
        tree = parents[max(known for known in parents if known <= day)]
        while node != root and tree[node] is not None:
            node = tree[node]
        return node == root

    def holds(row: Employment | Grant, day: date) -> bool:
        return row.valid_from <= day and (row.valid_until is None or day < row.valid_until)

    for day in [*days, days[-1] + DAY]:
        for user in people:
            held = [
                grant for grant in grants if grant.person == user and grant.kind in NAMING_KINDS and holds(grant, day)
            ]
            expected = {
                job.person.first_name
                for job in jobs
                if holds(job, day)
                and job.person != user
                and (job.supervisor == user or any(below(job.agency_id, grant.agency_id, day) for grant in held))
            }
            assert names(user, day) == expected, (seed, user.first_name, day)


def test_seeing_costs_one_query_with_or_without_grants(cast: Cast, django_assert_num_queries) -> None:
    for _round in range(2):
        with django_assert_num_queries(1):
            visible_to(cast.trainer, as_of=TODAY).exists()
        with django_assert_num_queries(1):
            list(visible_to(cast.trainer, as_of=TODAY))
        with django_assert_num_queries(1):
            user_can_manage_agency(cast.trainer, None, as_of=TODAY)
        give(cast.trainer, GrantKind.MANAGER, home(cast))


def test_giving_and_ending_leave_their_rows(cast: Cast) -> None:
    give(cast.coordinator, GrantKind.COORDINATOR, None)
    grant = give_grant(
        actor=cast.coordinator,
        person=cast.trainer,
        kind=GrantKind.MANAGER,
        agency=home(cast),
        valid_from=START,
        reason="appointed chief",
        today=TODAY,
    )
    event = AuditEvent.objects.get(action="grant.given")
    assert (event.actor, event.target_name) == (cast.coordinator, "Tess Trainer")
    assert event.detail == {
        "grant": grant.pk,
        "kind": "manager",
        "agency": "cast-home",
        "valid_from": START.isoformat(),
        "valid_until": None,
        "reason": "appointed chief",
    }
    end_grant(actor=cast.coordinator, grant=grant, on=TODAY, today=TODAY, reason="left the post")
    assert names(cast.trainer) == set()
    assert names(cast.trainer, TODAY - DAY)
    assert AuditEvent.objects.get(action="grant.ended").detail["reason"] == "left the post"
    with pytest.raises(AgencyError, match="already ended"):
        end_grant(actor=cast.coordinator, grant=grant, on=TODAY, today=TODAY)


def test_a_grant_of_today_can_be_taken_back_at_once(cast: Cast) -> None:
    fields = {"person": cast.trainer, "kind": GrantKind.MANAGER, "agency": home(cast), "reason": "appointed"}
    grant = give_grant(actor=None, valid_from=TODAY, today=TODAY, **fields)
    end_grant(actor=None, grant=grant, on=TODAY, today=TODAY)
    assert names(cast.trainer) == set()
    again = give_grant(actor=None, valid_from=TODAY, today=TODAY, **fields)
    assert again.pk != grant.pk
    with pytest.raises(AgencyError, match="holds this already"):
        give_grant(actor=None, valid_from=TODAY + DAY, today=TODAY, **fields)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"kind": GrantKind.MANAGER, "agency": None}, "Choose the agency"),
        ({"kind": GrantKind.READER}, "until when"),
        ({"valid_until": TODAY}, "after the first day"),
    ],
)
def test_a_grant_that_cannot_be(cast: Cast, fields: dict[str, object], words: str) -> None:
    values = {"kind": GrantKind.MANAGER, "agency": home(cast), **fields}
    with pytest.raises(AgencyError, match=words):
        give_grant(actor=None, person=cast.trainer, valid_from=TODAY, reason="", today=TODAY, **values)


@pytest.mark.postgres
@pytest.mark.parametrize(
    "fields",
    [
        {"kind": GrantKind.MANAGER, "agency": None},
        {"kind": GrantKind.READER},
        {"kind": GrantKind.TRAINER, "valid_until": START - DAY},
    ],
)
def test_the_database_refuses_it_too(cast: Cast, fields: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Grant.objects.create(person=cast.trainer, valid_from=START, **{"agency": home(cast), **fields})


def test_who_may_give_what(cast: Cast) -> None:
    other = Employment.objects.get(person=cast.outsider).agency
    give(cast.manager, GrantKind.MANAGER, home(cast))
    give(cast.coordinator, GrantKind.COORDINATOR, None)
    give(cast.outsider, GrantKind.READER, home(cast), valid_until=TODAY + DAY)

    def may(user: Person, kind: str, agency: Agency | None, person: Person = cast.learner) -> bool:
        return user_can_give_grant(user, kind=kind, agency=agency, person=person, as_of=TODAY)

    assert may(cast.manager, GrantKind.READER, home(cast))
    assert not may(cast.manager, GrantKind.READER, other)
    assert not may(cast.manager, GrantKind.MANAGER, home(cast))
    assert not may(cast.manager, GrantKind.READER, home(cast), cast.manager)
    assert not may(cast.outsider, GrantKind.READER, home(cast))
    assert all(may(cast.coordinator, kind, other) for kind in GrantKind.values)
    assert may(cast.coordinator, GrantKind.COORDINATOR, None)
    assert not may(cast.coordinator, GrantKind.COORDINATOR, None, cast.coordinator)
    cast.editor.is_superuser = True
    assert may(cast.editor, GrantKind.COORDINATOR, None, cast.editor)


def test_who_may_not_give_is_refused_by_the_service_itself(cast: Cast) -> None:
    grant = give(cast.trainer, GrantKind.TRAINER, home(cast))
    fields = {"person": cast.learner, "kind": GrantKind.MANAGER, "agency": home(cast), "reason": "by myself"}
    with pytest.raises(PermissionDenied):
        give_grant(actor=cast.manager, valid_from=TODAY, today=TODAY, **fields)
    with pytest.raises(PermissionDenied):
        end_grant(actor=cast.manager, grant=grant, on=TODAY, today=TODAY)
    assert not AuditEvent.objects.filter(action__startswith="grant.").exists()


def test_what_a_manager_lent_ends_with_the_managers_own_grant(cast: Cast) -> None:
    own = give(cast.manager, GrantKind.MANAGER, home(cast), valid_until=TODAY + 30 * DAY)
    lend = {"person": cast.outsider, "kind": GrantKind.READER, "agency": home(cast), "reason": "away in spring"}
    with pytest.raises(AgencyError, match="as long as you hold it"):
        give_grant(actor=cast.manager, valid_from=TODAY, valid_until=TODAY + 31 * DAY, today=TODAY, **lend)
    give_grant(actor=cast.manager, valid_from=TODAY, valid_until=TODAY + 30 * DAY, today=TODAY, **lend)
    assert names(cast.outsider) == {"Lena", "Mara", "Tess"}
    end_grant(actor=None, grant=own, on=TODAY, today=TODAY)
    assert names(cast.outsider) == set()
    assert AuditEvent.objects.filter(action="grant.ended").count() == 2


def test_each_opening_by_a_coordinator_is_written_down(cast: Cast) -> None:
    give(cast.coordinator, GrantKind.COORDINATOR, None)
    assert record_opening(actor=cast.manager, opened=cast.learner, page="portal:person", as_of=TODAY) is None
    for _opening in range(2):
        record_opening(actor=cast.coordinator, opened=cast.learner, page="portal:person", as_of=TODAY)
    record_opening(actor=cast.coordinator, opened=None, page="portal:team", as_of=TODAY)
    events = AuditEvent.objects.filter(action="names.opened").order_by("pk")
    assert [event.target_name for event in events] == ["Lena Learner", "Lena Learner", ""]
    assert events[0].detail == {"page": "portal:person"}
