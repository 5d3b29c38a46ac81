"""Whom a requirement reaches on which days, because of which job (pure: values in, values out)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from .evaluation import Period, Span


class Place(NamedTuple):
    """Where a unit stood in the tree, for a half-open period of days."""

    path: str
    from_on: date
    to_on: date


class Job(NamedTuple):
    """A job of a person, with the places that its unit had."""

    unit_id: int
    job_role_id: int
    level: str
    client_facing: bool
    from_on: date
    to_on: date
    places: tuple[Place, ...]


class Condition(NamedTuple):
    """One part of an audience: what is set must hold for the same job; ``places`` are those of the agency, if set."""

    person_id: int | None
    agency_id: int | None
    job_role_id: int | None
    level: str
    client_facing: bool | None
    places: tuple[Place, ...]


def list_duty(condition: Condition, person_id: int, job: Job) -> Iterator[Period]:
    """Yield the days on which the condition holds for the person's job, by the tree of each day."""
    if (
        condition.person_id not in {None, person_id}
        or condition.job_role_id not in {None, job.job_role_id}
        or condition.level not in {"", job.level}
        or condition.client_facing not in {None, job.client_facing}
    ):
        return
    if condition.agency_id is None:
        yield job.from_on, job.to_on
        return
    for root in condition.places:
        for place in job.places:
            if place.path.startswith(root.path):
                begin = max(job.from_on, root.from_on, place.from_on)
                end = min(job.to_on, root.to_on, place.to_on)
                if begin < end:
                    yield begin, end


def map_duty(conditions: Iterable[Condition], person_id: int, jobs: Iterable[Job]) -> dict[int, list[Period]]:
    """Return for each unit the days on which a job there belongs to the audience, as they come."""
    duty: dict[int, list[Period]] = defaultdict(list)
    conditions = list(conditions)
    for job in jobs:
        for condition in conditions:
            duty[job.unit_id] += list_duty(condition, person_id, job)
    return {unit: periods for unit, periods in duty.items() if periods}


def lay_over(spans: Iterable[Span], stretches: Mapping[int, Iterable[Period]]) -> Iterator[tuple[int, Span]]:
    """Yield the spans cut to the stretches of each unit."""
    spans = list(spans)
    for unit, periods in stretches.items():
        for begin, end in periods:
            for span in spans:
                from_on, to_on = max(span.from_on, begin), min(span.to_on, end)
                if from_on < to_on:
                    yield unit, span._replace(from_on=from_on, to_on=to_on)


def correct_units(paths: Iterable[str], step: int) -> list[str]:
    """Return the paths at which one is taken off for a person who is counted at all of the given ones, so that every
    sum over a subtree counts them once: the lowest place above each two neighbors (empty: above the whole tree).

    ``step`` is the length of one level of a path.
    """
    ordered = sorted(paths)
    corrections = []
    for one, other in pairwise(ordered):
        length = 0
        while one[length : length + step] == other[length : length + step] and length < min(len(one), len(other)):
            length += step
        corrections.append(one[:length])
    return corrections
