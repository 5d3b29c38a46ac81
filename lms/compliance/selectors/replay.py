"""What the spans of people should be, by the ledger, the jobs and the rules that stand now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Q, QuerySet

from lms.agencies.models import AgencyPlacement, Employment
from lms.compliance.audience import Condition, Job, Place, lay_over, map_duty
from lms.compliance.evaluation import Kind, Period, Rule, evaluate, merge_duty
from lms.compliance.models import (
    RULE_FIELDS,
    ObligationSpan,
    Requirement,
    RequirementCondition,
    RequirementCourse,
    Waiver,
    make_rule,
)
from lms.learning.models import Completion

Pair = tuple[int, int]  # person, requirement
Duty = dict[int, list[Period]]  # by unit


class Key(NamedTuple):
    """What names a span row."""

    person_id: int
    requirement_id: int
    unit_id: int
    from_on: date


class Row(NamedTuple):
    """What a span row says."""

    to_on: date
    kind: str
    soon_on: date
    late_on: date


class Stored(NamedTuple):
    """A span row that stands."""

    pk: int
    row: Row


def replay(owner: Mapping[int, int], requirements: QuerySet[Requirement]) -> dict[Key, Row]:
    """Return the span rows of the people, computed anew from the inputs: six queries at most, whatever their number.

    ``owner`` names for each identity of each person the survivor, to whom the rows belong.
    """
    rules = _read_rules(owner, requirements)
    if not rules:
        return {}
    duties: dict[Pair, Duty] = {}
    named_places = any(condition.agency_id for _rule, conditions in rules.values() for condition in conditions)
    for person, own_jobs in read_jobs(owner, placed=named_places).items():
        for requirement, (_rule, conditions) in rules.items():
            if duty := map_duty(conditions, person, own_jobs):
                duties[person, requirement] = duty
    return _evaluate(
        {requirement: rule for requirement, (rule, _conditions) in rules.items()},
        duties,
        _read_credits(owner, rules),
        read_waivers(owner, rules),
    )


def replay_credit(owner: Mapping[int, int], stored: Mapping[Key, Stored], rules: Mapping[int, Rule]) -> dict[Key, Row]:
    """Return what ``replay`` does, for an event that changed neither a duty nor a waiver: one query, or two.

    The duty is read off the stored rows, which cover just its days at each unit. A waiver that lets nobody off any day
    of it shows in no row, and changes nothing. ``stored`` and ``rules`` come from ``list_stored_of_courses``.
    """
    duties: dict[Pair, Duty] = defaultdict(lambda: defaultdict(list))
    for key, (_pk, row) in stored.items():
        duties[owner[key.person_id], key.requirement_id][key.unit_id].append((key.from_on, row.to_on))
    waived = any(row.kind == Kind.WAIVED for _pk, row in stored.values())
    return _evaluate(rules, duties, _read_credits(owner, rules), read_waivers(owner, rules) if waived else {})


def _evaluate(
    rules: Mapping[int, Rule],
    duties: Mapping[Pair, Duty],
    credits: Mapping[Pair, list[date]],
    waivers: Mapping[Pair, list[Period]],
) -> dict[Key, Row]:
    rows: dict[Key, Row] = {}
    for (person, requirement), duty in duties.items():
        rule = rules[requirement]
        spans = evaluate(
            rule,
            duty=[period for periods in duty.values() for period in periods],
            credits=credits.get((person, requirement), ()),
            waivers=waivers.get((person, requirement), ()),
        )
        stretches = {unit: merge_duty(rule, periods) for unit, periods in duty.items()}
        for unit, span in lay_over(spans, stretches):
            rows[Key(person, requirement, unit, span.from_on)] = Row(span.to_on, *span[2:])
    return rows


STORED = ("id", *Key._fields, *Row._fields)


def list_stored(persons: Collection[int], requirements: QuerySet[Requirement]) -> dict[Key, Stored]:
    """Return the span rows that stand, also those of identities that were merged since."""
    spans = ObligationSpan.objects.filter(person__in=persons, requirement__in=requirements.values("pk"))
    return dict(_read_stored(row) for row in spans.values_list(*STORED))


def list_stored_of_courses(
    persons: Collection[int], courses: Collection[int]
) -> tuple[dict[Key, Stored], dict[int, Rule]]:
    """Return the span rows that stand of the requirements that one of the courses satisfies, and the rules: one query,
    in plain SQL, since every completion waits for it."""
    if not persons or not courses:
        return {}, {}
    quote = connection.ops.quote_name
    columns = [f"s.{quote(name)}" for name in STORED] + [f"r.{quote(name)}" for name in RULE_FIELDS]
    stored: dict[Key, Stored] = {}
    rules: dict[int, Rule] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(columns)} FROM {ObligationSpan._meta.db_table} s "
            f"JOIN {Requirement._meta.db_table} r ON r.id = s.requirement_id "
            f"JOIN {RequirementCourse._meta.db_table} c ON c.requirement_id = r.id "
            f"WHERE s.person_id IN ({', '.join(['%s'] * len(persons))}) "
            f"AND c.course_id IN ({', '.join(['%s'] * len(courses))})",
            [*persons, *courses],
        )
        rows = cursor.fetchall()
    for row in rows:
        key, one = _read_stored(row[: len(STORED)])
        stored[key] = one
        if key.requirement_id not in rules:
            rules[key.requirement_id] = make_rule(*row[len(STORED) :])
    return stored, rules


def _read_stored(row: tuple[Any, ...]) -> tuple[Key, Stored]:
    pk, person, requirement, unit, from_on, *says = row
    return Key(person, requirement, unit, from_on), Stored(pk, Row(*says))


def list_candidates(requirements: QuerySet[Requirement]) -> list[int]:
    """Return the ids of everybody whom the requirements may reach on some day, or reach now by the stored spans."""
    chosen = requirements.values("pk")
    conditions = RequirementCondition.objects.filter(requirement__in=chosen)
    persons = set(ObligationSpan.objects.filter(requirement__in=chosen).order_by().values_list("person", flat=True))
    persons.update(conditions.exclude(person=None).values_list("person", flat=True))
    persons.update(Employment.objects.filter(may_meet(conditions.filter(person=None))).values_list("person", flat=True))
    return sorted(persons)


def may_meet(conditions: Iterable[RequirementCondition]) -> Q:
    """Condition on a job, whatever its days, without which no day of it meets one of the conditions."""
    jobs = Q(pk__in=())
    for condition in conditions:
        jobs |= _may_meet(condition)
    return jobs


def _may_meet(condition: RequirementCondition) -> Q:
    jobs = Q(pk__isnull=False)
    if condition.person_id:
        jobs &= Q(person=condition.person_id)
    if condition.job_role_id:
        jobs &= Q(job_role=condition.job_role_id)
    if condition.level:
        jobs &= Q(job_role__level=condition.level)
    if condition.client_facing is not None:
        jobs &= Q(job_role__client_facing=condition.client_facing)
    if condition.agency_id:
        below = Q(pk__in=())
        for path in AgencyPlacement.objects.filter(agency=condition.agency_id).values_list("path", flat=True):
            below |= Q(path__startswith=path)
        jobs &= Q(agency__in=AgencyPlacement.objects.filter(below).values("agency"))
    return jobs


def _read_rules(
    owner: Mapping[int, int], requirements: QuerySet[Requirement]
) -> dict[int, tuple[Rule, list[Condition]]]:
    """The rules with the conditions that may concern these people, and the places of the agencies they name."""
    rows = list(
        RequirementCondition.objects.filter(
            Q(person=None) | Q(person__in=list(owner)), requirement__in=requirements.values("pk")
        )
        .select_related("requirement")
        .order_by("requirement", "pk")
    )
    places = _read_places({row.agency_id for row in rows if row.agency_id})
    rules: dict[int, tuple[Rule, list[Condition]]] = {}
    for row in rows:
        if row.requirement_id not in rules:
            rules[row.requirement_id] = (row.requirement.rule, [])
        rules[row.requirement_id][1].append(
            Condition(
                person_id=owner[row.person_id] if row.person_id else None,
                agency_id=row.agency_id,
                job_role_id=row.job_role_id,
                level=row.level,
                client_facing=row.client_facing,
                places=places.get(row.agency_id, ()) if row.agency_id else (),
            )
        )
    return rules


def read_jobs(owner: Mapping[int, int], *, placed: bool = True) -> dict[int, list[Job]]:
    """Return by survivor all jobs of the people: one query; ``placed``: another one for the places of their units,
    which only a condition on an agency asks for."""
    rows = list(
        Employment.objects.filter(person__in=list(owner))
        .order_by("pk")
        .values_list(
            *("person_id", "agency_id", "job_role_id", "job_role__level", "job_role__client_facing"),
            *("valid_from", "valid_until"),
        )
    )
    places = _read_places({unit for _person, unit, *_rest in rows} if placed else ())
    jobs: dict[int, list[Job]] = defaultdict(list)
    for person, unit, role, level, client_facing, begin, end in rows:
        job = Job(unit, role, level, client_facing, begin, end or date.max, places.get(unit, ()))
        jobs[owner[person]].append(job)
    return jobs


def _read_places(agencies: Collection[int]) -> dict[int, tuple[Place, ...]]:
    if not agencies:
        return {}
    places: dict[int, tuple[Place, ...]] = {}
    rows = AgencyPlacement.objects.filter(agency__in=agencies)
    for unit, path, begin, end in rows.values_list("agency_id", "path", "valid_from", "valid_until"):
        places[unit] = (*places.get(unit, ()), Place(path, begin, end or date.max))
    return places


# A voiding row copies what it takes back, and names it: both come in one reading of one table, where a query for what
# was not voided would join the ledger with itself.


def _read_credits(owner: Mapping[int, int], requirements: Collection[int]) -> dict[Pair, list[date]]:
    if not requirements:
        return {}
    accepted = "course__accepted_by__requirement_id", "course__accepted_by__minimum_version"
    rows = list(
        Completion.objects.filter(person__in=list(owner), course__accepted_by__requirement__in=list(requirements))
        .order_by()
        .values_list("pk", "person_id", "version", "completed_on", "voids_id", *accepted)
    )
    voided = {voids for _pk, _person, _version, _day, voids, *_accepted in rows if voids}
    credits: dict[Pair, list[date]] = defaultdict(list)
    for pk, person, version, day, voids, requirement, minimum in rows:
        if voids is None and pk not in voided and version >= (minimum or 0):
            credits[owner[person], requirement].append(day)
    return credits


def read_waivers(owner: Mapping[int, int], requirements: Collection[int]) -> dict[Pair, list[Period]]:
    """Return by survivor and requirement the waivers that stand: one query."""
    rows = list(
        Waiver.objects.filter(person__in=list(owner), requirement__in=list(requirements))
        .order_by()
        .values_list("pk", "person_id", "requirement_id", "valid_from", "valid_until", "voids_id")
    )
    voided = {voids for *_rest, voids in rows if voids}
    waivers: dict[Pair, list[Period]] = defaultdict(list)
    for pk, person, requirement, begin, end, voids in rows:
        if voids is None and pk not in voided:
            waivers[owner[person], requirement].append((begin, end or date.max))
    return waivers
