"""Rows of people that look like one human being, and what joining two of them would do."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from itertools import combinations

from django.db.models import Count, F, QuerySet, Value
from django.db.models.functions import Lower, StrIndex, Substr
from django.utils.translation import gettext as _

from certificates.selectors import list_certificates
from lms.accounts.models import DistinctPersons, Person, PersonMerge, PersonQuerySet
from lms.accounts.selectors import identities
from lms.agencies.enums import GrantKind
from lms.agencies.models import Employment
from lms.agencies.permissions import user_has_grant
from lms.agencies.selectors import list_employments, list_grants, visible_to
from lms.learning.models import Completion, Enrollment

# More pairs than anybody looks through at once; the list fills up again as pairs are settled.
PAIRS_SHOWN = 50


@dataclass
class LikelyPair:
    """Two rows and, in words, what they share."""

    first: Person
    second: Person
    reasons: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class RecordSummary:
    """What hangs on one row, as of a day: counts, and the jobs."""

    person: Person
    jobs: list[Employment]
    completions: int
    certificates: int
    begun: int
    rights: int


def list_mergeable(user: Person, *, as_of: date) -> PersonQuerySet:
    """Return the people whose rows the user may join: whom a manager sees on the day; for a coordinator of the whole
    site everybody, who left included. Never the user."""
    if user.is_superuser or list_grants(user, as_of=as_of).filter(kind=GrantKind.COORDINATOR, agency=None).exists():
        return Person.objects.unmerged().exclude(pk__in=identities(user))
    if user_has_grant(user, GrantKind.MANAGER, GrantKind.COORDINATOR, as_of=as_of):
        return visible_to(user, as_of=as_of)
    return Person.objects.none()


def list_likely_pairs(user: Person, *, as_of: date) -> list[LikelyPair]:
    """Return pairs of rows that share a name, an employee number at one agency, or a last name and the part of the
    address before the @; those told apart once are left out."""
    people = list_mergeable(user, as_of=as_of)
    pairs: dict[tuple[int, int], LikelyPair] = {}
    for reason, group in _groups(people):
        for first, second in combinations(sorted(group, key=lambda person: person.pk), 2):
            pair = pairs.setdefault((first.pk, second.pk), LikelyPair(first, second))
            pair.reasons.append(reason)
    apart = DistinctPersons.objects.filter(first__in=[first for first, _second in pairs])
    for told in apart.values_list("first", "second"):
        pairs.pop(told, None)
    ordered = sorted(pairs.values(), key=lambda pair: (-len(pair.reasons), pair.first.sort_name, pair.first.pk))
    return ordered[:PAIRS_SHOWN]


def _groups(people: PersonQuerySet) -> list[tuple[str, list[Person]]]:
    local_part = Lower(Substr("email", 1, StrIndex("email", Value("@")) - 1))
    addressed = people.annotate(local_part=local_part, surname=Lower("last_name"))
    groups = [
        (_("the same name"), _group(people, "sort_name")),
        (_("the same last name and the same address before the @"), _group(addressed, "surname", "local_part")),
    ]
    numbered = Employment.objects.filter(person__in=people).exclude(employee_number="")
    shared = numbered.values("agency", "employee_number").annotate(people=Count("person", distinct=True))
    keys = list(shared.filter(people__gt=1).values_list("agency", "employee_number")[:PAIRS_SHOWN])
    holders: dict[tuple[int, str], dict[int, Person]] = {}
    for job in numbered.filter(employee_number__in=[number for _agency, number in keys]).select_related("person"):
        if (job.agency_id, job.employee_number) in keys:
            holders.setdefault((job.agency_id, job.employee_number), {})[job.person_id] = job.person
    groups.append((_("the same employee number at one agency"), [list(group.values()) for group in holders.values()]))
    return [(reason, group) for reason, found in groups for group in found]


def _group(people: QuerySet[Person], *by: str) -> list[list[Person]]:
    """Return the groups of people who share a value of each of the columns (empty ones aside), at most PAIRS_SHOWN."""
    filled = people.exclude(**{by[0]: ""})
    shared = filled.order_by().values(*by).annotate(people=Count("pk")).filter(people__gt=1)
    keys = list(shared.order_by(*by).values_list(*by)[:PAIRS_SHOWN])
    found: dict[tuple[str, ...], list[Person]] = {key: [] for key in keys}
    for person in filled.filter(**{f"{by[0]}__in": {key[0] for key in keys}}):
        if (key := tuple(getattr(person, name) for name in by)) in found:
            found[key].append(person)
    return list(found.values())


def summarize_record(person: Person, *, as_of: date) -> RecordSummary:
    """Return what hangs on the row and on rows merged into it."""
    own = identities(person)
    return RecordSummary(
        person=person,
        jobs=list(list_employments(person, as_of=as_of)),
        completions=Completion.objects.standing().filter(person__in=own).count(),
        certificates=list_certificates(own).count(),
        begun=Enrollment.objects.filter(person__in=own, finished_at=None).count(),
        rights=list_grants(person, as_of=as_of).count(),
    )


def list_merges(user: Person, *, as_of: date) -> QuerySet[PersonMerge]:
    """Return the merges into people whose rows the user may join, the latest first."""
    people = list_mergeable(user, as_of=as_of)
    return (
        PersonMerge.objects.filter(survivor__in=people)
        .select_related("survivor", "merged", "actor")
        .order_by(F("at").desc(), "-pk")
    )
