"""Who and which place is ready for placements, by the rules marked "before placement". No child is known here."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from lms.accounts.models import Person, PersonQuerySet
from lms.agencies.enums import Affiliation
from lms.agencies.models import Agency, Employment
from lms.agencies.selectors import list_readable_agencies, visible_to
from lms.compliance.evaluation import Kind, Span
from lms.compliance.models import ObligationSpan, Requirement
from lms.compliance.querysets import SpanQuerySet
from lms.compliance.readiness import Readiness, fold_readiness

_SPAN = ("from_on", "to_on", "kind", "soon_on", "late_on")


def _placement_spans() -> SpanQuerySet:
    marked = Requirement.objects.filter(before_placement=True).values("pk")
    spans: SpanQuerySet = ObligationSpan.objects.filter(requirement__in=marked)
    return spans


def _unmet(day: date) -> Q:
    return Q(kind=Kind.OPEN) | Q(kind=Kind.HELD, late_on__lte=day)


def list_readiness(people: Iterable[Person], *, as_of: date) -> dict[int, Readiness]:
    """Return for each of the people who has duties before a placement where they stand: one query."""
    rows = _placement_spans().filter(person__in=list(people), from_on__lte=as_of).order_by("pk")
    spans: dict[int, list[tuple[int, Span]]] = {}
    for person, requirement, begin, end, kind, soon_on, late_on in rows.values_list("person", "requirement", *_SPAN):
        spans.setdefault(person, []).append((requirement, Span(begin, end, Kind(kind), soon_on, late_on)))
    folded = {person: fold_readiness(own, as_of) for person, own in spans.items()}
    return {person: readiness for person, readiness in folded.items() if readiness is not None}


def _caregivers(as_of: date) -> QuerySet[Any]:
    owner = Coalesce("person__merged_into__merged_into", "person__merged_into", "person")
    return Employment.objects.on(as_of).filter(affiliation=Affiliation.CAREGIVER).annotate(owner=owner)


def _at_facilities(as_of: date) -> SpanQuerySet:
    """Spans of who works at a place, caregivers of their own apart."""
    caregiver = _caregivers(as_of).filter(owner=OuterRef("person"), agency=OuterRef("unit"))
    return _placement_spans().filter(~Exists(caregiver))


def list_facilities(user: Person, *, as_of: date, only_missing: bool) -> QuerySet[Any]:
    """Return a row for each unit that the user may open and where duties before a placement are: ``unit``, how many are
    ``required`` and ``missing``, ``people`` who have one, and ``short``, who lacks one. Those who lack most first."""
    unmet = _unmet(as_of)
    rows = (
        _at_facilities(as_of)
        .on(as_of)
        .filter(unit__in=list_readable_agencies(user, as_of=as_of).order_by().values("pk"))
        .order_by()
        .values("unit")
        .annotate(
            required=Count("pk"),
            missing=Count("pk", filter=unmet),
            people=Count("person", distinct=True),
            short=Count("person", distinct=True, filter=unmet),
            name=F("unit__name"),
        )
        .order_by("-missing", "name", "unit")
    )
    return rows.filter(missing__gt=0) if only_missing else rows


def list_facility_readiness(units: Collection[int], *, as_of: date) -> dict[int, Readiness]:
    """Return for each of the units where all who work there stand together: one query."""
    rows = _at_facilities(as_of).filter(unit__in=units, from_on__lte=as_of).order_by("pk")
    spans: dict[int, list[tuple[tuple[int, int], Span]]] = {unit: [] for unit in units}
    for unit, person, requirement, begin, end, kind, soon_on, late_on in rows.values_list(
        "unit", "person", "requirement", *_SPAN
    ):
        spans[unit].append(((person, requirement), Span(begin, end, Kind(kind), soon_on, late_on)))
    folded = {unit: fold_readiness(own, as_of) for unit, own in spans.items()}
    return {unit: readiness for unit, readiness in folded.items() if readiness is not None}


def list_people_before_placement(
    user: Person, *, as_of: date, agency: Agency | None = None, only_missing: bool = False
) -> PersonQuerySet:
    """Return, by name, whom the user may see and who has duties before a placement: at the unit, or (no unit) as a
    caregiver of their own."""
    spans = _placement_spans().on(as_of).filter(person=OuterRef("pk"))
    if agency is not None:
        spans = spans.filter(unit=agency)
    if only_missing:
        spans = spans.filter(_unmet(as_of))
    people: PersonQuerySet = visible_to(user, as_of=as_of).filter(Exists(spans))
    if agency is None:
        people = people.filter(Exists(_caregivers(as_of).filter(owner=OuterRef("pk"))))
    return people.order_by("sort_name", "pk")


def list_missing(people: Iterable[Person], *, as_of: date) -> dict[int, list[str]]:
    """Return for each of the people the names of the rules before a placement that are not met: one query."""
    rows = _placement_spans().on(as_of).filter(_unmet(as_of), person__in=list(people))
    missing: dict[int, list[str]] = {}
    names = rows.order_by("requirement__name").values_list("person", "requirement__name").distinct()
    for person, name in names:
        missing.setdefault(person, []).append(name)
    return missing
