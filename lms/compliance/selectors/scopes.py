"""Whose training a screen shows: never more than the user may see on that day."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from django.db.models import Count, Q
from django.db.models.functions import Coalesce

from lms.accounts.models import Person
from lms.accounts.selectors import identities
from lms.agencies.enums import NAMING_KINDS
from lms.agencies.models import Agency, AgencyPlacement, Employment, Grant
from lms.compliance.audience import Place
from lms.compliance.enums import ScopeKind

# More units than these are named by the tree: thousands of numbers in a query cost more than what it finds.
LISTED_UNITS = 500


@dataclass(frozen=True)
class Scope:
    """The people whom a screen shows on a day: own reports, those of one unit, or of a unit and all below it.

    ``units`` are the units of the scope with their paths on the day; ``persons`` the reports (none: everybody there).
    ``path`` is that of the node (empty: the whole site).
    """

    kind: ScopeKind
    agency: Agency | None
    as_of: date
    today: date
    path: str = ""
    units: Mapping[int, str] = field(default_factory=dict)
    persons: frozenset[int] | None = None

    @property
    def whole_site(self) -> bool:
        return self.kind == ScopeKind.SUBTREE and self.agency is None

    def spans(self) -> Q:
        """Condition on spans: those of the scope's people, at its units."""
        if self.persons is not None:
            return Q(person__in=self.persons)
        if self.whole_site and self.units:
            return Q()
        if self.kind == ScopeKind.SUBTREE and len(self.units) > LISTED_UNITS:
            below = AgencyPlacement.objects.on(self.as_of).filter(path__startswith=self.path)
            return Q(unit__in=below.values("agency"))
        return Q(unit__in=list(self.units))


def get_scope(
    user: Person,
    *,
    kind: ScopeKind,
    agency: Agency | None = None,
    as_of: date,
    today: date | None = None,
    kinds: Collection[str] = NAMING_KINDS,
) -> Scope:
    """Return the scope on a day, by the tree of that day: two queries.

    It is empty where the user may not see: a unit that on that day stood at or below no node of a grant that they hold
    ``today`` (none: the day shown is today). ``agency`` none: the whole site, for those whose grant covers it.
    ``kinds`` of grants count: those that let their holders see names, unless the screen shows none.
    """
    return list_scopes_on(user, kind=kind, agency=agency, days=[as_of], today=today or as_of, kinds=kinds)[0]


def list_scopes_on(
    user: Person,
    *,
    kind: ScopeKind,
    agency: Agency | None,
    days: Sequence[date],
    today: date,
    kinds: Collection[str] = NAMING_KINDS,
) -> list[Scope]:
    """Return the scope on each of the days: as many queries as for one."""
    if kind == ScopeKind.REPORTS:
        return _reports_on(user, days, today)
    grants = Grant.objects.on(today).of_kinds(kinds).filter(person__in=identities(user))
    granted = set(grants.values_list("agency", flat=True)) if user.is_active else set()
    if not granted or (agency is None and (kind == ScopeKind.UNIT or None not in granted)):
        return [Scope(kind, agency, day, today) for day in days]
    tree: dict[int, list[Place]] = {}
    placements = AgencyPlacement.objects.filter(
        Q(valid_until=None) | Q(valid_until__gt=min(days)), valid_from__lte=max(days)
    )
    turns = set[date]()
    for unit, *place in placements.order_by("path").values_list("agency_id", "path", "valid_from", "valid_until"):
        begin, end = place[1], place[2] or date.max
        tree.setdefault(unit, []).append(Place(place[0], begin, end))
        turns |= {begin, end}
    # Most days share one tree.
    ordered, of_turn = sorted(turns), dict[int, Scope]()
    scopes = []
    for day in days:
        turn = bisect_right(ordered, day)
        if turn not in of_turn:
            of_turn[turn] = _scope_on(Scope(kind, agency, day, today), tree, granted)
        scopes.append(replace(of_turn[turn], as_of=day))
    return scopes


def _scope_on(nowhere: Scope, tree: Mapping[int, Sequence[Place]], granted: set[int | None]) -> Scope:
    """Return the scope, so far without units, with those that it has by the tree of its day."""
    day, agency = nowhere.as_of, nowhere.agency
    paths = {
        unit: place.path for unit, places in tree.items() for place in places if place.from_on <= day < place.to_on
    }
    root = "" if agency is None else paths.get(agency.pk)
    above = [paths[node] for node in granted if node is not None and node in paths]
    if root is None or not (None in granted or any(root.startswith(path) for path in above)):
        return nowhere
    if nowhere.kind == ScopeKind.UNIT:
        return replace(nowhere, path=root, units={unit: path for unit, path in paths.items() if path == root})
    return replace(nowhere, path=root, units={unit: path for unit, path in paths.items() if path.startswith(root)})


def _reports_on(user: Person, days: Sequence[date], today: date) -> list[Scope]:
    jobs = (
        Employment.objects.filter(supervisor__in=identities(user))
        .annotate(survivor=Coalesce("person__merged_into__merged_into", "person__merged_into", "person"))
        .values_list("survivor", "valid_from", "valid_until")
    )
    rows = list(jobs) if user.is_active else []
    return [
        Scope(
            ScopeKind.REPORTS,
            None,
            day,
            today,
            persons=frozenset(
                person for person, begin, end in rows if begin <= day and (end is None or end > day)
            ).difference({user.pk}),
        )
        for day in days
    ]


def list_large_scopes(day: date, *, people: int) -> list[Scope]:
    """Return the whole site, and each node with all below it, where on the day more than so many jobs are held. For
    counting ahead: whoever shows one asks ``get_scope``."""
    places = dict(AgencyPlacement.objects.on(day).values_list("agency_id", "path"))
    held = Employment.objects.on(day).order_by().values("agency").annotate(jobs=Count("pk"))
    jobs: Counter[str] = Counter()
    for unit, number in held.values_list("agency", "jobs"):
        path = places.get(unit, "")
        for end in range(0, len(path) + 1, Agency.steplen):
            jobs[path[:end]] += number
    large = [path for path, number in jobs.items() if number > people]
    agencies = Agency.objects.in_bulk([unit for unit, path in places.items() if path in large])
    at = {places[unit]: agency for unit, agency in agencies.items()}
    return [
        Scope(
            ScopeKind.SUBTREE,
            at.get(path),
            day,
            day,
            path=path,
            units={unit: place for unit, place in places.items() if place.startswith(path)},
        )
        for path in large
        if not path or path in at
    ]


@dataclass(frozen=True)
class ScopeChoice:
    """One line of the picker of scopes."""

    kind: ScopeKind
    agency: Agency | None


def list_scope_choices(user: Person, *, today: date, kinds: Collection[str] = NAMING_KINDS) -> list[ScopeChoice]:
    """Return the scopes that a screen offers the user: own reports, the whole site with the agencies at its top, and
    the nodes of their grants."""
    choices = []
    if _reports_on(user, [today], today)[0].persons:
        choices.append(ScopeChoice(ScopeKind.REPORTS, None))
    if not user.is_active:
        return []
    grants = Grant.objects.on(today).of_kinds(kinds).filter(person__in=identities(user))
    granted = set(grants.values_list("agency", flat=True))
    if None in granted:
        choices.append(ScopeChoice(ScopeKind.SUBTREE, None))
        nodes = list(Agency.objects.filter(depth=1))
    else:
        nodes = list(Agency.objects.filter(pk__in=granted))
    choices += [ScopeChoice(ScopeKind.SUBTREE, node) for node in nodes]
    return choices
