"""What a rule would change, before it is saved: replayed in memory, nothing written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from lms.accounts.models import Person
from lms.agencies.models import Agency, AgencyPlacement, Employment
from lms.compliance.audience import Condition, Place, map_duty
from lms.compliance.evaluation import evaluate, status_on
from lms.compliance.models import ObligationSpan, Requirement, RequirementCondition, RequirementCourse
from lms.learning.models import Completion

from .obligations import map_identities
from .replay import may_meet, read_jobs, read_waivers

SAMPLE = 5000  # people that a preview looks at; of more it takes every so-manieth and says "about"
CHUNK = 1000


@dataclass(frozen=True)
class Effect:
    """How many people gain the rule, lose it, and are late (overdue or expired) because of it on the day."""

    gain: int = 0
    lose: int = 0
    late: int = 0


@dataclass(frozen=True)
class Preview:
    """What the rule changes on ``day``, in all and by agency (by unit where all belong to one agency). A person who
    works in two of them is counted in both lines and once in the total.

    ``people`` are those whom it may reach, ``looked_at`` those who were counted: fewer when they are very many, and
    then every figure is scaled up.
    """

    day: date
    total: Effect
    lines: Sequence[tuple[Agency, Effect]]
    people: int
    looked_at: int

    @property
    def estimated(self) -> bool:
        return self.looked_at < self.people


def preview_rule(
    draft: Requirement,
    *,
    accepted: Sequence[RequirementCourse],
    conditions: Sequence[RequirementCondition],
    day: date,
    sample: int = SAMPLE,
) -> Preview:
    """Return what the draft (with unsaved courses and conditions) would change on the day for the people whom it
    reaches, or reaches now as it is stored. Bounded: at most about ``sample`` people are looked at."""
    rule, parts = draft.rule, _parts(conditions)
    count, candidates = _choose(draft, conditions, day, sample)
    paths = dict(AgencyPlacement.objects.on(day).values_list("agency_id", "path"))
    found: list[tuple[str, frozenset[int]]] = []
    looked_at = 0
    for owner in _identities(candidates):
        jobs = read_jobs(owner)
        credits = _read_credits(owner, accepted)
        waivers = read_waivers(owner, [draft.pk] if draft.pk else ())
        before = _units_now(draft, owner, day)
        people = set(owner.values())
        looked_at += len(people)
        named = [part._replace(person_id=owner.get(part.person_id or 0, part.person_id)) for part in parts]
        for person in people:
            duty = map_duty(named, person, jobs.get(person, ()))
            spans = evaluate(
                rule,
                duty=[period for periods in duty.values() for period in periods],
                credits=credits.get(person, ()),
                waivers=waivers.get((person, draft.pk), ()),
            )
            status = status_on(spans, day)
            units = frozenset(
                unit for unit, periods in duty.items() if any(begin <= day < end for begin, end in periods)
            )
            had = before.get(person, frozenset())
            if status != "not_required":
                if not had:
                    found.append(("gain", units))
                if status in {"overdue", "expired"}:
                    found.append(("late", units))
            elif had:
                found.append(("lose", had))
    scale = count / looked_at if looked_at and count > looked_at else 1
    return Preview(
        day=day,
        total=_effect(Counter(kind for kind, _units in found), scale),
        lines=_by_agency(found, paths, scale),
        people=max(count, looked_at),
        looked_at=looked_at,
    )


def _parts(conditions: Iterable[RequirementCondition]) -> list[Condition]:
    conditions = list(conditions)
    places: dict[int, list[Place]] = {}
    agencies = {condition.agency_id for condition in conditions if condition.agency_id}
    for placement in AgencyPlacement.objects.filter(agency__in=agencies):
        places.setdefault(placement.agency_id, []).append(
            Place(placement.path, placement.valid_from, placement.valid_until or date.max)
        )
    return [
        Condition(
            person_id=condition.person_id,
            agency_id=condition.agency_id,
            job_role_id=condition.job_role_id,
            level=condition.level,
            client_facing=condition.client_facing,
            places=tuple(places.get(condition.agency_id or 0, ())),
        )
        for condition in conditions
    ]


def _choose(
    draft: Requirement, conditions: Sequence[RequirementCondition], day: date, sample: int
) -> tuple[int, list[int]]:
    """Return how many people are concerned on the day, and the ids of all of them or of every so-manieth."""
    jobs: QuerySet[Any] = Employment.objects.on(day).filter(may_meet(conditions))
    reached = jobs.order_by().values_list("person", flat=True).distinct()
    held = (
        ObligationSpan.objects.on(day)
        .filter(requirement=draft.pk)
        .order_by()
        .values_list("person", flat=True)
        .distinct()
    )
    count = max(reached.count(), held.count())
    if count > sample:
        step = -(-count // sample)
        reached, held = (rows.alias(turn=F("person_id") % step).filter(turn=0) for rows in (reached, held))
    return count, sorted({*reached, *held})


def _identities(candidates: Sequence[int]) -> Iterator[dict[int, int]]:
    """Yield, in chunks, the survivor of each identity of the people."""
    for start in range(0, len(candidates), CHUNK):
        chunk = candidates[start : start + CHUNK]
        survivors = Person.objects.filter(pk__in=chunk).values(
            survivor=Coalesce("merged_into__merged_into", "merged_into", "pk")
        )
        yield map_identities(Person.objects.filter(pk__in=survivors).only("pk"))


def _read_credits(owner: dict[int, int], accepted: Sequence[RequirementCourse]) -> dict[int, list[date]]:
    counts = Q(pk__in=())
    for row in accepted:
        counts |= Q(course=row.course_id, version__gte=row.minimum_version or 0)
    credits: dict[int, list[date]] = {}
    rows = Completion.objects.standing().filter(counts, person__in=list(owner)).order_by()
    for person, day in rows.values_list("person_id", "completed_on"):
        credits.setdefault(owner[person], []).append(day)
    return credits


def _units_now(draft: Requirement, owner: dict[int, int], day: date) -> dict[int, frozenset[int]]:
    units: dict[int, set[int]] = {}
    spans = ObligationSpan.objects.on(day).filter(requirement=draft.pk, person__in=list(owner))
    for person, unit in spans.values_list("person_id", "unit_id"):
        units.setdefault(owner[person], set()).add(unit)
    return {person: frozenset(there) for person, there in units.items()}


def _by_agency(
    found: Sequence[tuple[str, frozenset[int]]], paths: dict[int, str], scale: float
) -> list[tuple[Agency, Effect]]:
    length = Agency.steplen
    tops = {paths[unit][:length] for _kind, units in found for unit in units if unit in paths}
    node_at = {path: unit for unit, path in paths.items()}
    counts: dict[int, Counter[str]] = {}
    for kind, units in found:
        shown = units if len(tops) == 1 else {node_at.get(paths.get(unit, "")[:length], unit) for unit in units}
        for unit in shown:
            counts.setdefault(unit, Counter())[kind] += 1
    agencies = Agency.objects.in_bulk(counts)
    lines = [(agencies[unit], _effect(counter, scale)) for unit, counter in counts.items()]
    return sorted(lines, key=lambda line: (-line[1].gain - line[1].lose, str(line[0]).casefold()))


def _effect(counter: Counter[str], scale: float) -> Effect:
    return Effect(**{kind: round(number * scale) for kind, number in counter.items()})
