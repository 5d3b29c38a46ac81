"""What the spans of people should be, by the ledger, the jobs and the rules that stand now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

from django.db.models import F, Q, QuerySet

from lms.agencies.models import AgencyPlacement, Employment
from lms.compliance.audience import Condition, Job, Place, lay_over, map_duty
from lms.compliance.evaluation import Period, Rule, evaluate, merge_duty
from lms.compliance.models import ObligationSpan, Requirement, RequirementCondition, Waiver
from lms.learning.models import Completion

Pair = tuple[int, int]  # person, requirement


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


def replay(owner: Mapping[int, int], requirements: QuerySet[Requirement]) -> dict[Key, Row]:
    """Return the span rows of the people, computed anew from the inputs: five queries, whatever their number.

    ``owner`` names for each identity of each person the survivor, to whom the rows belong.
    """
    rules = _read_rules(owner, requirements)
    if not rules:
        return {}
    jobs = read_jobs(owner)
    credits = _read_credits(owner, requirements)
    waivers = read_waivers(owner, requirements)
    rows: dict[Key, Row] = {}
    for person, own_jobs in jobs.items():
        for requirement, (rule, conditions) in rules.items():
            duty = map_duty(conditions, person, own_jobs)
            if not duty:
                continue
            pair = person, requirement
            spans = evaluate(
                rule,
                duty=[period for periods in duty.values() for period in periods],
                credits=credits.get(pair, ()),
                waivers=waivers.get(pair, ()),
            )
            stretches = {unit: merge_duty(rule, periods) for unit, periods in duty.items()}
            for unit, span in lay_over(spans, stretches):
                rows[Key(person, requirement, unit, span.from_on)] = Row(span.to_on, *span[2:])
    return rows


def list_stored(persons: Collection[int], requirements: QuerySet[Requirement]) -> dict[Key, ObligationSpan]:
    """Return the span rows that stand, also those of identities that were merged since."""
    spans = ObligationSpan.objects.filter(person__in=persons, requirement__in=requirements.values("pk"))
    return {Key(span.person_id, span.requirement_id, span.unit_id, span.from_on): span for span in spans}


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
    rows: Iterable[Any] = (
        RequirementCondition.objects.filter(
            Q(person=None) | Q(person__in=list(owner)), requirement__in=requirements.values("pk")
        )
        .select_related("requirement")
        .annotate(
            path=F("agency__placements__path"),
            placed_from=F("agency__placements__valid_from"),
            placed_until=F("agency__placements__valid_until"),
        )
        .order_by("requirement", "pk")
    )
    rules: dict[int, tuple[Rule, list[Condition]]] = {}
    seen: dict[int, tuple[RequirementCondition, list[Place]]] = {}
    for row in rows:
        seen.setdefault(row.pk, (row, []))[1].extend(_places(row.path, row.placed_from, row.placed_until))
    for row, places in seen.values():
        rules.setdefault(row.requirement_id, (row.requirement.rule, []))[1].append(
            Condition(
                person_id=owner[row.person_id] if row.person_id else None,
                agency_id=row.agency_id,
                job_role_id=row.job_role_id,
                level=row.level,
                client_facing=row.client_facing,
                places=tuple(places),
            )
        )
    return rules


def read_jobs(owner: Mapping[int, int]) -> dict[int, list[Job]]:
    """Return by survivor all jobs of the people, with the places of their units: one query."""
    rows = (
        Employment.objects.filter(person__in=list(owner))
        .order_by("pk")
        .values_list(
            *("pk", "person_id", "agency_id", "job_role_id", "job_role__level", "job_role__client_facing"),
            *("valid_from", "valid_until"),
            *("agency__placements__path", "agency__placements__valid_from", "agency__placements__valid_until"),
        )
    )
    seen: dict[int, tuple[int, tuple[Any, ...], list[Place]]] = {}
    for pk, person, *job, path, placed_from, placed_until in rows:
        seen.setdefault(pk, (owner[person], tuple(job), []))[2].extend(_places(path, placed_from, placed_until))
    jobs: dict[int, list[Job]] = defaultdict(list)
    for person, (unit, role, level, client_facing, begin, end), places in seen.values():
        jobs[person].append(Job(unit, role, level, client_facing, begin, end or date.max, tuple(places)))
    return jobs


def _places(path: str | None, valid_from: date, valid_until: date | None) -> Iterable[Place]:
    return [Place(path, valid_from, valid_until or date.max)] if path is not None else []


def _read_credits(owner: Mapping[int, int], requirements: QuerySet[Requirement]) -> dict[Pair, list[date]]:
    rows = (
        Completion.objects.standing()
        .filter(
            Q(course__accepted_by__minimum_version=None) | Q(version__gte=F("course__accepted_by__minimum_version")),
            person__in=list(owner),
            course__accepted_by__requirement__in=requirements.values("pk"),
        )
        .order_by()
        .values_list("person_id", "course__accepted_by__requirement_id", "completed_on")
    )
    credits: dict[Pair, list[date]] = defaultdict(list)
    for person, requirement, day in rows:
        credits[owner[person], requirement].append(day)
    return credits


def read_waivers(owner: Mapping[int, int], requirements: QuerySet[Requirement]) -> dict[Pair, list[Period]]:
    """Return by survivor and requirement the waivers that stand: one query."""
    rows = (
        Waiver.objects.standing()
        .filter(person__in=list(owner), requirement__in=requirements.values("pk"))
        .order_by()
        .values_list("person_id", "requirement_id", "valid_from", "valid_until")
    )
    waivers: dict[Pair, list[Period]] = defaultdict(list)
    for person, requirement, begin, end in rows:
        waivers[owner[person], requirement].append((begin, end or date.max))
    return waivers
