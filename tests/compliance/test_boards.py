"""Shares and lists of names: against a naive walk over the spans, from spans and from counts."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, timedelta
from typing import NamedTuple

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lms.accounts.merging import merge_persons
from lms.accounts.models import Person
from lms.agencies.models import Agency, Employment, JobRole, ServiceArea
from lms.agencies.selectors import visible_to
from lms.agencies.services import add_employment, create_agency, give_grant, move_agency, transfer
from lms.compliance.enums import ScopeKind
from lms.compliance.evaluation import Kind, Span, status_on
from lms.compliance.models import ComplianceCount, CountedDay, ObligationSpan, Requirement, SettledTotal, StoredShare
from lms.compliance.selectors import (
    BadCursor,
    Line,
    Scope,
    get_board,
    get_scope,
    get_stored_at,
    list_due,
    list_duties,
    list_expiring,
    list_late,
    list_scope_choices,
    list_shares_by,
    list_trend,
)
from lms.compliance.services import count_day, counts, recompute_all, refresh_counts, store_shares, verify_counts
from lms.compliance.shares import Shares
from tests.conftest import START, Cast

from .conftest import NOW, Require, complete, employ_many, make_course

pytestmark = pytest.mark.postgres

TODAY = date(2026, 3, 20)
MOVED = date(2026, 3, 10)
DAY = timedelta(days=1)
DAYS = [START - DAY, START, date(2026, 2, 1), MOVED - DAY, MOVED, TODAY, date(2027, 6, 1)]
ALL_STATUSES = ("open", "due_soon", "overdue", "complete", "renew_soon", "expired", "waived")


class County(NamedTuple):
    """Two agencies: ``home`` with north (and yard below it) and south; ``other`` with east, which moved to home."""

    cast: Cast
    home: Agency
    other: Agency
    north: Agency
    yard: Agency
    south: Agency
    east: Agency
    people: list[Person]
    aware: Requirement
    respond: Requirement


@pytest.fixture
def county(cast: Cast, require: Require) -> County:
    home, other = Agency.objects.get(code="cast-home"), Agency.objects.get(code="cast-other")
    priority = ServiceArea.objects.create(code="2", name="Two", high_priority=True)
    plain = ServiceArea.objects.create(code="1", name="One")

    def unit(code: str, parent: Agency, area: ServiceArea | None) -> Agency:
        return create_agency(
            actor=None, code=code, name=code, kind=home.kind, parent=parent, valid_from=START, service_area=area
        )

    north, south, east = unit("north", home, plain), unit("south", home, priority), unit("east", other, priority)
    yard = unit("yard", Agency.objects.get(pk=north.pk), plain)
    line, lead = JobRole.objects.get(code="cast-deputy"), JobRole.objects.get(code="cast-lead")
    awareness, response = make_course("aware"), make_course("respond", level="response")
    aware = require("aware", course=awareness, months=12, days=20)
    respond = require("respond", course=response, conditions=[{"level": "line"}, {"agency": north}], days=60)
    require("elective", course=make_course("more"), mandatory=False)
    places = [[north], [north, yard], [yard, south], [south], [east], [south, east], [north, south, yard], [home, yard]]
    people = []
    for number, units in enumerate(places):
        person = Person.objects.create_user(f"p{number}@example.org", first_name="Pat", last_name=f"Plum {number}")
        for position, place in enumerate(units):
            add_employment(
                actor=None,
                person=person,
                agency=place,
                job_role=lead if (number + position) % 3 == 0 else line,
                supervisor=cast.manager if number < 3 else None,
                valid_from=START + position * 10 * DAY,
            )
        if number % 2:
            complete(person, awareness, START + number * 5 * DAY)
        if number % 3 == 0:
            complete(person, response, START + number * 9 * DAY)
        people.append(person)
    transfer(actor=None, employment=Employment.objects.get(person=people[3]), agency=north, on=date(2026, 2, 20))
    merge_persons(actor=None, survivor=people[0], merged=people[4], now=NOW)
    move_agency(actor=None, agency=east, new_parent=home, on=MOVED)
    for person, kind, agency in ((cast.manager, "manager", home), (cast.coordinator, "coordinator", None)):
        give_grant(actor=None, person=person, kind=kind, agency=agency, valid_from=START, reason="Office.", today=START)
    return County(cast, home, other, north, yard, south, east, people, aware, respond)


Found = dict[tuple[int, int], tuple[str, frozenset[int]]]


def naive(day: date, units: Collection[int] | None = None, persons: Collection[int] | None = None) -> Found:
    """Status and units of each person and mandatory requirement that has a span at one of the units."""
    found: Found = {}
    for row in ObligationSpan.objects.filter(requirement__mandatory=True):
        status = status_on([Span(row.from_on, row.to_on, Kind(row.kind), row.soon_on, row.late_on)], day)
        if status == "not_required" or (units is not None and row.unit_id not in units):
            continue
        if persons is None or row.person_id in persons:
            at = found.get((row.person_id, row.requirement_id), (status, frozenset()))[1]
            found[row.person_id, row.requirement_id] = (status, at | {row.unit_id})
    return found


def count(found: Found, requirement: int | None = None) -> Shares:
    sums = dict.fromkeys(ALL_STATUSES, 0)
    for (_person, asked), (status, _units) in found.items():
        if requirement in {None, asked}:
            sums[status] += 1
    return Shares(**sums)


def units_below(agency: Agency, day: date) -> list[int]:
    return list(Agency.objects.subtree_on(agency, day).values_list("pk", flat=True))


def scope_of(user: Person, agency: Agency | None, day: date, kind: ScopeKind = ScopeKind.SUBTREE) -> Scope:
    return get_scope(user, kind=kind, agency=agency, as_of=day, today=TODAY)


def both_ways(days: Collection[date]) -> Iterator[str]:
    yield "from spans"
    for day in days:
        count_day(day=day, now=NOW)
    yield "from counts"


def cells(line: Line) -> dict[int, Shares]:
    return {requirement: shares for requirement, shares in line.cells.items() if shares != Shares()}


def test_a_board_counts_each_person_once_on_every_day(county: County) -> None:
    for way in both_ways(DAYS):
        for day in DAYS:
            scope = scope_of(county.cast.manager, county.home, day)
            board = get_board(scope)
            found = naive(day, units_below(county.home, day))
            assert board.total.sum == count(found), (way, day)
            for line in board.units:
                assert line.sum == count(naive(day, units_below(line.thing, day))), (way, day, line.thing)
                for rule in (county.aware, county.respond):
                    expected = count(naive(day, units_below(line.thing, day)), rule.pk)
                    assert line.cells.get(rule.pk, Shares()) == expected
            assert (board.own.sum if board.own else Shares()) == count(naive(day, [county.home.pk]))
            whole = get_board(scope_of(county.cast.coordinator, None, day))
            assert whole.total.sum == count(naive(day)), (way, day)


def test_a_board_shows_the_tree_of_its_day(county: County) -> None:
    def names(day: date) -> list[str]:
        return [line.thing.code for line in get_board(scope_of(county.cast.manager, county.home, day)).units]

    assert names(MOVED - DAY) == ["north", "south"]
    assert names(MOVED) == ["east", "north", "south"]
    assert names(START - DAY) == []


def test_levels_stand_side_by_side_with_the_gap_between(county: County) -> None:
    board = get_board(scope_of(county.cast.manager, county.home, TODAY))
    assert [rule.code for rule in board.requirements] == ["aware", "respond"]
    total = board.total
    assert total.awareness == count(naive(TODAY, units_below(county.home, TODAY)), county.aware.pk)
    assert total.awareness + total.response == total.sum
    awareness, response = total.awareness.trained_share, total.response.trained_share
    assert awareness is not None
    assert response is not None
    assert total.gap == awareness - response


def test_own_reports_count_once_and_need_no_grant(county: County) -> None:
    reports = visible_to(county.cast.learner, as_of=TODAY)
    assert not reports
    Employment.objects.filter(person=county.people[6]).update(supervisor=county.cast.learner)
    scope = scope_of(county.cast.learner, None, TODAY, ScopeKind.REPORTS)
    assert scope.persons == {county.people[6].pk}
    assert get_board(scope).total.sum == count(naive(TODAY, persons=[county.people[6].pk]))
    assert len(list_duties(scope, statuses=ALL_STATUSES).lines) == 2


@pytest.mark.parametrize("kind", ScopeKind)
def test_nobody_sees_beyond_their_grants(county: County, kind: ScopeKind) -> None:
    for who in (county.cast.outsider, county.cast.learner, county.cast.trainer):
        for agency in (None, county.home, county.yard):
            scope = scope_of(who, agency, TODAY, kind)
            assert get_board(scope).total.sum == Shares()
            assert not list_duties(scope, statuses=ALL_STATUSES).lines
    for agency in (None, county.other):
        assert get_board(scope_of(county.cast.manager, agency, TODAY)).total.sum == Shares()
    assert not list_trend(county.cast.outsider, kind=kind, agency=county.home, as_of=TODAY)[-1].cells


def test_a_past_day_shows_who_was_in_my_units_then(county: County) -> None:
    before = list_duties(scope_of(county.cast.manager, county.east, MOVED - DAY), statuses=ALL_STATUSES)
    after = list_duties(scope_of(county.cast.manager, county.east, MOVED), statuses=ALL_STATUSES)
    assert not before.lines
    assert {line.person for line in after.lines} == {county.people[0], county.people[5]}


def test_names_are_those_whom_the_user_may_see(county: County) -> None:
    """All of them, and the user, who is part of the unit's figures."""
    for day in DAYS:
        listed = {line.person for line in all_pages(scope_of(county.cast.manager, county.home, day), "name")}
        visible = set(visible_to(county.cast.manager, as_of=day, today=TODAY)) | {county.cast.manager}
        reports = {person for person in visible if not naive(day, units_below(county.home, day), [person.pk])}
        assert listed == visible - reports


def all_pages(scope: Scope, order: str, statuses: Collection[str] = ALL_STATUSES, **options: object) -> list:
    lines, after, pages = [], None, 0
    while True:
        page = list_duties(scope, statuses=statuses, order=order, after=after, size=3, **options)
        lines += page.lines
        pages += 1
        assert pages < 50
        if page.next is None:
            return lines
        after = page.next


@pytest.mark.parametrize("order", ["date", "name"])
@pytest.mark.parametrize("statuses", [("overdue", "expired"), ("open", "due_soon"), ("complete",), ALL_STATUSES])
def test_pages_list_each_duty_once_in_order(county: County, order: str, statuses: tuple[str, ...]) -> None:
    for day in DAYS:
        for agency in (None, county.home, county.yard):
            scope = scope_of(county.cast.coordinator, agency, day)
            lines = all_pages(scope, order, statuses)
            found = naive(day, None if agency is None else units_below(agency, day))
            expected = {pair: (status, min(units)) for pair, (status, units) in found.items() if status in statuses}
            listed = [((line.person.pk, line.requirement.pk), (line.status, line.unit.pk)) for line in lines]
            assert dict(listed) == expected
            assert len(listed) == len(expected)
            if order == "date":
                assert [line.late_on or date.max for line in lines] == sorted(
                    line.late_on or date.max for line in lines
                )
            else:
                names = [line.person.sort_name for line in lines]
                assert names == sorted(names)


@pytest.mark.parametrize("order", ["date", "name"])
def test_a_list_is_searched_and_narrowed(county: County, order: str) -> None:
    scope = scope_of(county.cast.coordinator, None, TODAY)
    assert {line.person.last_name for line in all_pages(scope, order, search="PLUM 7 pat")} == {"Plum 7"}
    assert not all_pages(scope, order, search="nobody")
    assert {line.requirement for line in all_pages(scope, order, level="response")} == {county.respond}
    assert {line.requirement for line in all_pages(scope, order, requirements=[county.aware.pk])} == {county.aware}
    assert {line.unit for line in all_pages(scope, order, units=[county.yard.pk])} == {county.yard}
    with pytest.raises(BadCursor):
        list_duties(scope, statuses=ALL_STATUSES, order=order, after=("x", 1) if order == "date" else (TODAY, 1))


def test_what_is_due_and_what_expires_within_days(county: County) -> None:
    scope = scope_of(county.cast.coordinator, None, START)
    due = START + 20 * DAY
    aware = {"requirements": [county.aware.pk], "size": 100}
    assert not list_due(scope, within=19, **aware).lines
    lines = list_due(scope, within=20, **aware).lines
    assert {line.due_on for line in lines} == {due}
    # Who works in two units since START + 10 owes it since START.
    assert len(lines) == len({pair for pair in naive(START) if pair[1] == county.aware.pk})
    scope = scope_of(county.cast.coordinator, None, TODAY)
    expires = START.replace(year=2027) + 5 * DAY
    days = (expires - TODAY).days
    assert not list_expiring(scope, within=days - 1).lines
    assert [line.late_on for line in list_expiring(scope, within=days).lines] == [expires]
    assert {line.status for line in list_late(scope, size=100).lines} == {"overdue"}


@pytest.mark.parametrize("stored", [False, True])
def test_shares_by_job_role_level_and_area_count_each_person_once_in_a_line(
    county: County, stored: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if stored:
        monkeypatch.setattr(counts, "LIVE_PEOPLE", 0)
        refresh_counts(now=NOW.replace(month=3))
    # A second job under another name, at one of the units.
    add_employment(
        actor=None,
        person=county.people[7],
        agency=county.home,
        job_role=JobRole.objects.get(code="cast-lead"),
        valid_from=START,
    )
    if stored:
        store_shares(day=TODAY)
    for agency in (None, county.home):
        scope = scope_of(county.cast.coordinator, agency, TODAY)
        assert (get_stored_at(scope, "job_role") is not None) == stored
        found = naive(TODAY, scope.units)
        jobs = Employment.objects.on(TODAY).select_related("job_role", "agency__service_area", "person")
        for dimension, key in (
            ("job_role", lambda job: job.job_role),
            ("level", lambda job: job.job_role.level),
            ("service_area", lambda job: job.agency.service_area),
        ):
            expected: dict[object, Found] = {}
            for job in jobs:
                survivor = job.person.merged_into_id or job.person_id
                for (person, rule), (status, units) in found.items():
                    if person == survivor and job.agency_id in units:
                        expected.setdefault(key(job), {})[person, rule] = (status, units)
            lines = list_shares_by(scope, dimension)
            assert {line.thing: line.sum for line in lines} == {thing: count(some) for thing, some in expected.items()}
    areas = [line.thing for line in list_shares_by(scope_of(county.cast.coordinator, None, TODAY), "service_area")]
    assert [area and area.code for area in areas] == ["2", "1", None]


def test_stored_shares_are_those_of_the_night_and_of_large_nodes_alone(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counts, "LIVE_PEOPLE", Employment.objects.on(TODAY).count() - 1)
    now = NOW.replace(month=3)
    refresh_counts(now=now)
    whole = scope_of(county.cast.coordinator, None, TODAY)
    before = list_shares_by(whole, "level")
    assert get_stored_at(whole, "level") == now
    assert StoredShare.objects.exists()
    assert not StoredShare.objects.exclude(agency=None).exists()
    assert get_stored_at(scope_of(county.cast.coordinator, county.home, TODAY), "level") is None
    assert get_stored_at(scope_of(county.cast.coordinator, None, MOVED), "level") is None
    assert list_shares_by(scope_of(county.cast.outsider, None, TODAY), "level") == []
    with time_machine.travel(now):
        complete(county.people[2], county.aware.courses.get(), TODAY)
    assert list_shares_by(whole, "level") == before
    only = list_shares_by(whole, "level", requirements=[county.aware.pk])
    assert {requirement for line in only for requirement in line.cells} == {county.aware.pk}
    refresh_counts(now=now + DAY)
    assert get_stored_at(whole, "level") is None
    tomorrow = scope_of(county.cast.coordinator, None, TODAY + DAY)
    assert [line.cells for line in list_shares_by(tomorrow, "level")] != [line.cells for line in before]


def test_the_trend_has_a_line_for_each_month_and_for_today(county: County) -> None:
    for _way in both_ways([date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1), TODAY]):
        lines = list_trend(county.cast.manager, kind=ScopeKind.SUBTREE, agency=county.home, as_of=TODAY)
        assert [line.thing for line in lines[-4:]] == [
            date(2026, 1, 1),
            date(2026, 2, 1),
            date(2026, 3, 1),
            TODAY,
        ]
        assert len(lines) == 13
        for line in lines:
            assert line.sum == count(naive(line.thing, units_below(county.home, line.thing)))


def test_the_picker_offers_what_the_user_may_see(county: County) -> None:
    def choices(user: Person) -> list[tuple[str, str | None]]:
        return [(choice.kind, choice.agency and choice.agency.code) for choice in list_scope_choices(user, today=TODAY)]

    assert choices(county.cast.manager) == [("reports", None), ("subtree", "cast-home")]
    assert choices(county.cast.coordinator) == [("subtree", None), ("subtree", "cast-home"), ("subtree", "cast-other")]
    assert choices(county.cast.outsider) == []


def test_as_many_queries_for_many_people_as_for_few(county: County) -> None:
    scope = scope_of(county.cast.manager, county.home, TODAY)

    def queries() -> list[int]:
        numbers = []
        for call in (
            lambda: scope_of(county.cast.manager, county.home, TODAY),
            lambda: get_board(scope),
            lambda: list_trend(county.cast.manager, kind=ScopeKind.SUBTREE, agency=county.home, as_of=TODAY),
            lambda: list_shares_by(scope, "job_role"),
            lambda: list_shares_by(scope, "service_area"),
            lambda: list_late(scope),
            lambda: list_late(scope, order="name"),
        ):
            with CaptureQueriesContext(connection) as captured:
                call()
            numbers.append(len(captured))
        return numbers

    few = queries()
    employ_many(county.cast, 30)
    recompute_all()
    assert queries() == few
    assert len(list_late(scope).lines) > 30
    for day in (date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1), TODAY):
        count_day(day=day, now=NOW)
    counted = dict(zip(("scope", "board", "trend", "role", "area", "by date", "by name"), queries(), strict=True))
    assert counted["scope"] == 2
    assert counted["board"] == 6
    assert counted["role"] <= 12
    assert counted["area"] <= 8
    assert counted["by date"] == 2
    assert counted["by name"] == 3


def test_counts_follow_events_and_are_folded_at_night(county: County) -> None:
    now = NOW.replace(month=3)
    today = now.date()
    assert refresh_counts(now=now) > 2
    assert refresh_counts(now=now) == 0
    with time_machine.travel(now):
        complete(county.people[2], make_course("beyond"), today)
        complete(county.people[2], county.aware.courses.get(), today)
        add_employment(
            actor=None,
            person=county.people[2],
            agency=county.east,
            job_role=JobRole.objects.get(code="cast-lead"),
            valid_from=START,
        )
    assert ComplianceCount.objects.filter(as_of=today, settled=False).exists()
    assert not [row for day in CountedDay.objects.all() for row in verify_counts(day.day)]
    tomorrow = now + timedelta(days=1)
    refresh_counts(now=tomorrow)
    assert not ComplianceCount.objects.filter(settled=False).exists()
    assert not CountedDay.objects.filter(day=today).exists()
    assert not verify_counts(tomorrow.date())


def test_sums_that_are_kept_at_large_nodes_are_the_sums(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counts, "LIVE_PEOPLE", 1)
    monkeypatch.setattr("lms.compliance.selectors.counts.LISTED_UNITS", 0)
    now = NOW.replace(month=3)
    today = now.date()

    def compare(*, kept: bool) -> None:
        assert SettledTotal.objects.filter(as_of=today).exists() == kept
        for user, agency in ((county.cast.coordinator, None), (county.cast.manager, county.home)):
            lines = list_trend(user, kind=ScopeKind.SUBTREE, agency=agency, as_of=today)
            for line in lines:
                units = None if agency is None else units_below(agency, line.thing)
                assert line.sum == count(naive(line.thing, units)), (agency, line.thing)

    with time_machine.travel(now):
        refresh_counts(now=now)
        compare(kept=True)
        complete(county.people[2], county.aware.courses.get(), date(2026, 1, 20))
        assert ComplianceCount.objects.filter(settled=False).exists()
        compare(kept=True)
        SettledTotal.objects.filter(as_of=today).update(waived=99)
        assert list_trend(county.cast.coordinator, kind=ScopeKind.SUBTREE, agency=None, as_of=today)[-1].sum.waived > 99
        count_day(day=today, now=now)
        compare(kept=True)
        move_agency(actor=None, agency=county.east, new_parent=county.south, on=today - DAY)
        compare(kept=False)
        CountedDay.objects.filter(day=today).delete()
        refresh_counts(now=now)
        compare(kept=True)


def test_a_move_of_a_unit_whose_people_work_elsewhere_too_has_the_days_counted_anew(county: County) -> None:
    now = NOW.replace(month=3)
    refresh_counts(now=now)
    move_agency(actor=None, agency=county.yard, new_parent=county.south, on=now.date() - DAY)
    assert not CountedDay.objects.exists()
    refresh_counts(now=now)
    assert not verify_counts(now.date())


def test_what_is_over_is_marked_and_still_shown_on_its_days(county: County) -> None:
    refresh_counts(now=NOW.replace(month=3))
    assert ObligationSpan.objects.filter(closed=True).exists()
    for day in DAYS:
        scope = scope_of(county.cast.coordinator, None, day)
        assert len(all_pages(scope, "date")) == len(naive(day))
