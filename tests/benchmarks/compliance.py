"""Boards, lists and one event over many people, against plain SQL over the same rows.

The people, jobs, completions and spans are written by SQL, since that many events would take hours; a sample of them is
replayed from the ledger first. The database must run on the same machine, whose times are read from ``/proc``.
``size``: people (10,000 when less than 1,000 are asked for).
"""

from __future__ import annotations

import csv
import io
import resource
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date
from math import isqrt
from pathlib import Path

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from curricula.models import Course
from lms.accounts.models import Person
from lms.agencies.enums import GrantKind
from lms.agencies.models import Agency, AgencyKind, AgencyPlacement, Grant, JobRole
from lms.compliance.enums import ScopeKind
from lms.compliance.models import ObligationSpan, RequirementCondition
from lms.compliance.receivers import recompute_after_completions
from lms.compliance.selectors import (
    Scope,
    get_board,
    get_scope,
    get_stored_at,
    list_late,
    list_shares_by,
    list_trend,
)
from lms.compliance.services import list_sample, refresh_counts, save_requirement, verify
from lms.learning.models import Completion
from lms.portal.selectors import stream_csv
from lms.portal.selectors.names import Wanted

from .measure import Row

RULES = 10
FIRST_YEAR = 2022
MONTHS = 58  # within which something was completed
ROUNDS = 7
EVENTS = 60
PAST = date(2025, 6, 30)


def run(size: int) -> list[Row]:
    people = size if size >= 1000 else 10_000
    build(people)
    differences = list(verify(list_sample(200)))
    assert not differences, differences[:3]
    refresh_counts(now=timezone.now())
    return [*measure_boards(people), *measure_lists(people), *measure_file(people), *measure_event(people)]


# --- what is measured


def measure_boards(people: int) -> list[Row]:
    today = timezone.localdate()
    user = Person.objects.get(email="coordinator@bench.example")
    largest = Agency.objects.get(code="bench-0")
    rows = []
    for name, agency in (("whole site", None), ("largest agency", largest)):
        scope = scope_of(user, agency, today)
        ours, floor = milliseconds(lambda s=scope: get_board(s), lambda s=scope: count_group(s, today))
        rows.append(Row(f"compliance_board today, {name}: against COUNT GROUP BY", ours, floor, "ms", people))
        past = scope_of(user, agency, PAST)
        ours, floor = milliseconds(lambda s=past: get_board(s), lambda s=past: count_group(s, PAST))
        rows.append(Row(f"compliance_board {PAST}, {name}: against COUNT GROUP BY", ours, floor, "ms", people))
        ours, floor = milliseconds(
            lambda a=agency: list_trend(user, kind=ScopeKind.SUBTREE, agency=a, as_of=today),
            lambda s=scope: count_group(s, today),
        )
        rows.append(Row(f"compliance_trend, {name}: against COUNT GROUP BY of one day", ours, floor, "ms", people))
        ours, floor = milliseconds(lambda s=scope: list_shares_by(s, "job_role"), lambda s=scope: count_group(s, today))
        how = "stored" if get_stored_at(scope, "job_role") else "counted"
        rows.append(
            Row(f"compliance_shares by job role ({how}), {name}: against COUNT GROUP BY", ours, floor, "ms", people)
        )
    return rows


def scope_of(user: Person, agency: Agency | None, day: date) -> Scope:
    return get_scope(user, kind=ScopeKind.SUBTREE, agency=agency, as_of=day, today=timezone.localdate())


def count_group(scope: Scope, day: date) -> int:
    """The floor: rows of the day counted by unit and requirement."""
    units = ""
    if not scope.whole_site:
        units = f"AND unit_id IN ({','.join(map(str, scope.units))})"
    return len(
        fetch(
            "SELECT unit_id, requirement_id, count(*) FROM compliance_obligationspan "
            f"WHERE from_on <= '{day}' AND to_on > '{day}' {units} GROUP BY 1, 2"
        )
    )


def measure_lists(people: int) -> list[Row]:
    user = Person.objects.get(email="coordinator@bench.example")
    rows = []
    for name, agency in (("whole site", None), ("largest agency", Agency.objects.get(code="bench-0"))):
        scope = scope_of(user, agency, timezone.localdate())
        for order in ("date", "name"):
            cursor = None
            for _number in range(99):
                page = list_late(scope, order=order, after=cursor)
                if page.next is None:
                    break
                cursor = page.next
            for which, after in (("first", None), ("100th", cursor)):
                ours, floor = milliseconds(
                    lambda s=scope, o=order, a=after: list_late(s, order=o, after=a),
                    lambda: list(ObligationSpan.objects.select_related("person", "unit").order_by("pk")[:50]),
                )
                rows.append(
                    Row(
                        f"compliance_overdue {which} page by {order}, {name}: against 50 rows",
                        ours,
                        floor,
                        "ms",
                        people,
                    )
                )
    return rows


def measure_file(people: int) -> list[Row]:
    """Everybody's duties as CSV, by the rows of the page, against the database's own way out for the same rows."""
    user = Person.objects.get(email="coordinator@bench.example")
    scope, wanted = scope_of(user, None, timezone.localdate()), Wanted(show="counted")

    def ours() -> None:
        for _piece in stream_csv(user, scope, wanted):
            pass

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    mine, floor = milliseconds(ours, lambda: copy_rows(scope.as_of), rounds=1)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    return [
        Row("compliance_csv of all duties today: against COPY of the same rows", mine, floor, "ms", people),
        Row("compliance_csv: memory on top, at most", grown, 50, "MB (budget)", people),
    ]


def copy_rows(day: date) -> None:
    """The floor: COPY, or a cursor and the csv module where there is no COPY."""
    rows = (
        "SELECT p.first_name || ' ' || p.last_name, r.title, u.name, q.name, s.kind, s.late_on "
        "FROM compliance_obligationspan s JOIN accounts_person p ON p.id = s.person_id "
        "JOIN agencies_agency u ON u.id = s.unit_id JOIN compliance_requirement q ON q.id = s.requirement_id "
        "JOIN agencies_employment e ON e.person_id = s.person_id AND e.agency_id = s.unit_id "
        "JOIN agencies_jobrole r ON r.id = e.job_role_id "
        f"WHERE s.from_on <= '{day}' AND s.to_on > '{day}' ORDER BY s.late_on, s.id"
    )
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY ({rows}) TO STDOUT WITH CSV") as copy:
                for _piece in copy:
                    pass
            return
        cursor.execute(rows)
        while piece := cursor.fetchmany(1000):
            csv.writer(io.StringIO()).writerows(piece)


def measure_event(people: int) -> list[Row]:
    persons = iter(Person.objects.filter(email__startswith="b").order_by("pk")[: 4 * EVENTS])
    course = Course.objects.get(code="bench-0")
    today = timezone.localdate()

    def event(heard: bool) -> None:
        person = next(persons)
        with transaction.atomic():
            completion = Completion.objects.create(
                person=person, course=course, key=f"bench-event:{person.pk}", **ledger_fields(today)
            )
            if heard:
                recompute_after_completions(person_ids=[completion.person_id], course_ids=[completion.course_id])

    ours, floor = milliseconds(lambda: event(True), lambda: event(False), rounds=EVENTS)
    rows = [Row("compliance_event one completion: against the bare insert", ours, floor, "ms", people)]
    with CaptureQueriesContext(connection) as whole:
        event(True)
    with CaptureQueriesContext(connection) as bare:
        event(False)
    rows.append(
        Row("compliance_event: queries beyond the bare insert", len(whole) - len(bare), 10, "queries (budget)", 1)
    )
    return rows


def ledger_fields(day: date) -> dict[str, object]:
    return {
        "person_name": "Bench",
        "course_code": "bench-0",
        "course_title": "Bench",
        "version": 1,
        "language": "en",
        "hours": 1,
        "source": "attested",
        "mode": "in_person",
        "started_on": day,
        "completed_on": day,
        "recorded_at": timezone.now(),
    }


def milliseconds(*calls: Callable[[], object], rounds: int = ROUNDS) -> list[float]:
    """Return the median time of each call in milliseconds, the calls taking turns, after one round to warm up: CPU time
    of this process and of the database's for it, which other work on the machine does not stretch much."""
    times: list[list[float]] = [[] for _call in calls]
    backend = None
    if connection.vendor == "postgresql":
        execute("SET max_parallel_workers_per_gather = 0")
        backend = fetch("SELECT pg_backend_pid()")[0][0]
    for number in range(rounds + 1):
        for call, measured in zip(calls, times, strict=True):
            start = cpu_nanoseconds(backend)
            call()
            if number:
                measured.append((cpu_nanoseconds(backend) - start) / 1e6)
    return [statistics.median(measured) for measured in times]


def cpu_nanoseconds(backend: object | None) -> int:
    there = 0 if backend is None else int(Path(f"/proc/{backend}/schedstat").read_text().split()[0])
    return time.process_time_ns() + there


# --- the rows


def build(people: int) -> None:
    """Ten agencies with bureaus, the first with three tenths of the people; a unit for 50 people; ten rules; every
    twentieth person works in two units. Four in five completed each course, one in three of them twice."""
    started = time.perf_counter()
    units = build_units(max(20, people // 50))
    roles = [JobRole.objects.get_or_create(code=f"bench-{n}", defaults={"title": f"Role {n}"})[0] for n in range(40)]
    coordinator = Person.objects.create_user("coordinator@bench.example", first_name="Cora", last_name="Bench")
    Grant.objects.create(
        person=coordinator, kind=GrantKind.COORDINATOR, agency=None, valid_from=date(FIRST_YEAR, 1, 1), reason="Bench."
    )
    # What the demonstration asks for reaches nobody here.
    ObligationSpan.objects.all().delete()
    RequirementCondition.objects.all().delete()
    rules = [build_rule(number) for number in range(RULES)]
    write_rows(people, units, roles, rules)
    # As autovacuum or the tick does it.
    execute("ANALYZE")
    spans = ObligationSpan.objects.count()
    sys.stderr.write(f"{people} people, {spans} spans in {time.perf_counter() - started:.0f} s\n")


def build_units(number: int) -> list[int]:
    kind = AgencyKind.objects.first() or AgencyKind.objects.create(code="bench", name="Bench")
    begin = date(FIRST_YEAR, 1, 1)
    roots = [Agency.add_root(code=f"bench-{n}", name=f"Agency {n}", kind=kind) for n in range(10)]
    units = []
    # As many bureaus in each agency as units in a bureau, more or less.
    bureaus = [
        [add_below(root, f"bench-bureau-{n}-{m}", kind) for m in range(max(1, isqrt(number // 10)))]
        for n, root in enumerate(roots)
    ]
    for position in range(number):
        there = bureaus[0 if position % 10 < 3 else position % 10]
        units.append(add_below(there[position // 10 % len(there)], f"bench-unit-{position}", kind).pk)
    AgencyPlacement.objects.bulk_create(
        AgencyPlacement(agency=agency, path=agency.path, valid_from=begin)
        for agency in Agency.objects.filter(code__startswith="bench-")
    )
    return units


def add_below(parent: Agency, code: str, kind: AgencyKind) -> Agency:
    name = code.removeprefix("bench-").capitalize()
    return Agency.objects.get(pk=parent.pk).add_child(code=code, name=name, kind=kind)


def build_rule(number: int) -> tuple[int, int]:
    """Return the ids of a rule and of its course; nobody has a job yet."""
    level = "awareness" if number % 2 else "response"
    course = Course.objects.create(code=f"bench-{number}", kind="core", level=level, title=f"Course {number}")
    rule, _created = save_requirement(
        actor=None,
        code=f"bench-{number}",
        name=f"Rule {number}",
        days=90,
        months=24,
        window=60,
        warn=14,
        starts_on=date(FIRST_YEAR, 1, 1),
        courses=[course],
        conditions=[RequirementCondition(agency=root) for root in Agency.objects.filter(code__regex=r"^bench-\d$")],
    )
    return rule.pk, course.pk


def write_rows(people: int, units: list[int], roles: list[JobRole], rules: list[tuple[int, int]]) -> None:
    postgres = connection.vendor == "postgresql"

    def month_day(month: str, day: str) -> str:
        """SQL: the day of the month that is so many months after the first (days up to 28)."""
        year, rest = f"({FIRST_YEAR} + ({month}) / 12)", f"(({month}) % 12 + 1)"
        if postgres:
            return f"make_date(({year})::int, ({rest})::int, ({day})::int)"
        return f"printf('%04d-%02d-%02d', {year}, {rest}, {day})"

    def days_later(day: str, days: int) -> str:
        return f"({day} + {days})" if postgres else f"date({day}, '{days:+d} days')"

    numbers = (
        f"SELECT i FROM generate_series(0, {people - 1}) AS i"
        if postgres
        else f"WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {people - 1}) SELECT i FROM n"
    )
    now = "now()" if postgres else "'2026-01-01 00:00:00'"
    false, padded = ("false", "lpad(i::text, 8, '0')") if postgres else ("0", "printf('%08d', i)")
    first = (Person.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) + 1
    execute("CREATE TEMPORARY TABLE bench_n AS " + numbers)
    execute("CREATE TEMPORARY TABLE bench_unit (position integer, id integer)")
    execute("CREATE TEMPORARY TABLE bench_rule (position integer, id integer, course integer)")
    execute("INSERT INTO bench_unit VALUES " + ",".join(f"({n}, {pk})" for n, pk in enumerate(units)))
    execute("INSERT INTO bench_rule VALUES " + ",".join(f"({n}, {rule}, {c})" for n, (rule, c) in enumerate(rules)))
    execute(
        "INSERT INTO accounts_person (id, password, is_superuser, email, first_name, last_name, sort_name, language, "
        f"is_staff, is_active, date_joined) SELECT {first} + i, '!', {false}, 'b' || i || '@bench.example', 'Pat', "
        f"'Plum ' || i, 'plum ' || {padded} || ', pat', 'en', {false}, NOT {false}, {now} FROM bench_n"
    )
    # A job from the first of a month in the first three years; a second one elsewhere for every twentieth.
    hired = month_day("i % 36", "1")
    role = f"{roles[0].pk} + i % {len(roles)}"
    first_unit, second_unit = f"i % {len(units)}", f"(i * 7 + 3) % {len(units)}"
    for where, condition in ((first_unit, "1 = 1"), (second_unit, f"i % 20 = 0 AND {second_unit} <> {first_unit}")):
        execute(
            "INSERT INTO agencies_employment (person_id, agency_id, job_role_id, employee_number, affiliation, "
            f"valid_from) SELECT {first} + i, u.id, {role}, '', 'employee', {hired} FROM bench_n JOIN bench_unit u "
            f"ON u.position = {where} WHERE {condition}"
        )
    # Each pair's own number decides what was done when.
    execute(
        f"CREATE TEMPORARY TABLE bench_pair AS SELECT {first} + i AS person, r.id AS rule, r.course, i % 36 AS hired, "
        "(i * 31 + r.position * 17) % 5 AS done, (i * 13 + r.position * 7) % 6 AS after, (i + r.position) % 28 + 1 "
        "AS day, (i * 11 + r.position * 5) % 3 AS again FROM bench_n CROSS JOIN bench_rule r"
    )
    one, two = "hired + after", "hired + after + 24 + after % 4"
    done, twice = "done < 4", f"done < 4 AND again = 0 AND {two} < {MONTHS}"
    for turn, month, condition in ((1, one, done), (2, two, twice)):
        day = month_day(month, "day")
        execute(
            "INSERT INTO learning_completion (person_id, course_id, key, person_name, course_code, course_title, "
            "version, language, hours, source, mode, place, instructor, started_on, completed_on, recorded_at, reason) "
            f"SELECT person, course, 'bench:' || person || ':' || course || ':{turn}', 'Pat Plum', 'bench', 'Bench', "
            f"1, 'en', 1, 'import', 'in_person', '', '', {day}, {day}, {now}, '' FROM bench_pair WHERE {condition}"
        )
    begin, first_day, second_day = month_day("hired", "1"), month_day(one, "day"), month_day(two, "day")
    never = "DATE '9999-12-31'" if postgres else "'9999-12-31'"
    stretches = (
        # kind, from, to, soon, late, where; a credit on the first day of the job leaves nothing open before it
        (
            "open",
            begin,
            f"CASE WHEN {done} THEN {first_day} ELSE {never} END",
            days_later(begin, 77),
            days_later(begin, 91),
            f"(NOT ({done}) OR {first_day} > {begin})",
        ),
        (
            "held",
            first_day,
            f"CASE WHEN {twice} THEN {second_day} ELSE {never} END",
            days_later(month_day(f"{one} + 24", "day"), -60),
            month_day(f"{one} + 24", "day"),
            done,
        ),
        (
            "held",
            second_day,
            never,
            days_later(month_day(f"{two} + 24", "day"), -60),
            month_day(f"{two} + 24", "day"),
            twice,
        ),
    )
    for kind, begin_on, end_on, soon, late, condition in stretches:
        execute(
            "INSERT INTO compliance_obligationspan (person_id, requirement_id, unit_id, kind, from_on, to_on, "
            f"soon_on, late_on, known_from, closed) SELECT p.person, p.rule, e.agency_id, '{kind}', {begin_on}, "
            f"{end_on}, {soon}, {late}, {now}, {false} FROM bench_pair p JOIN agencies_employment e "
            f"ON e.person_id = p.person WHERE {condition} ORDER BY e.agency_id"
        )
    if postgres:
        execute("SELECT setval(pg_get_serial_sequence('accounts_person', 'id'), (SELECT max(id) FROM accounts_person))")


def execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def fetch(sql: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())
