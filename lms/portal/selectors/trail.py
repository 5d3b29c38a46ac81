"""Who may read which audit events, and the events that a reader asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import CharField, Q, QuerySet
from django.db.models.functions import Cast

from lms.accounts.models import Person
from lms.accounts.selectors import find_by_email, identities
from lms.agencies.enums import MANAGING_KINDS, GrantKind
from lms.agencies.models import Agency, JobRole
from lms.agencies.permissions import user_has_grant
from lms.agencies.selectors import list_grants, list_managed_agencies, list_managed_people
from lms.audit.models import AuditEvent
from lms.portal.audit_words import BEGINNINGS, PARTS, EventKind, list_codes, name_act, tell_changes

PAGE = 50
EXPORT_LIMIT = 100_000
PERIOD = timedelta(days=30)
NAMESAKES = 20
# What a manager learns about own people without a unit standing in the event.
PERSONAL = ("sign_in.", "password.", "address.", "second_factor.", "identity.", "invitation.", "names.", "person.")
PERSON = Person._meta.label_lower
# A manager learns that somebody signed in, not from where.
PRIVATE = frozenset({"ip"})


@dataclass(frozen=True)
class Wanted:
    """The events that a reader asks for: half-open in days of UTC."""

    first_on: date
    last_on: date
    kind: str = ""
    person: str = ""


@dataclass(frozen=True)
class TrailLine:
    """One event as the page and the file show it."""

    event: AuditEvent
    act: str
    changes: list[str]
    reason: str


def user_can_read_audit(user: Person, *, as_of: date) -> bool:
    return user.is_superuser or user_has_grant(user, *MANAGING_KINDS, as_of=as_of)


def user_reads_whole_audit(user: Person, *, as_of: date) -> bool:
    """Whether the user reads the events of the whole site: its administrators and its coordinators."""
    everywhere = list_grants(user, as_of=as_of).filter(kind=GrantKind.COORDINATOR, agency=None)
    return user.is_superuser or everywhere.exists()


def list_audit_events(user: Person, wanted: Wanted, *, as_of: date) -> QuerySet[AuditEvent]:
    """Return the events that the user may read and asks for, the latest first.

    A manager reads what was done to their own units, jobs and rights there, how their own people came to sign in and
    who looked at them, and what they did themself. An unknown person has no events.
    """
    events = AuditEvent.objects.filter(
        at__gte=datetime.combine(wanted.first_on, time.min, UTC),
        at__lt=datetime.combine(wanted.last_on + timedelta(days=1), time.min, UTC),
    ).order_by("-at", "-id")
    if not user_reads_whole_audit(user, as_of=as_of):
        events = events.filter(_own(user, as_of=as_of))
    if wanted.kind:
        events = events.filter(_of_kind(EventKind(wanted.kind)))
    if wanted.person:
        events = events.filter(_about(wanted.person))
    return events


def older_than(events: QuerySet[AuditEvent], key: int | None) -> QuerySet[AuditEvent]:
    """Return those of the events that come after the one with the key in the list; all when there is none."""
    last = AuditEvent.objects.filter(pk=key).values_list("at", flat=True).first() if key else None
    return events.filter(at__lte=last).exclude(at=last, pk__gte=key) if last else events


def read_lines(events: QuerySet[AuditEvent], *, whole: bool) -> list[TrailLine]:
    """Return the events of one page, units and jobs by name; who reads only their own units' does not learn from where
    somebody signed in."""
    found = list(events)
    codes = set().union(*(list_codes(event.detail) for event in found))
    names = dict(JobRole.objects.filter(code__in=codes).values_list("code", "title"))
    names |= dict(Agency.objects.filter(code__in=codes).values_list("code", "name"))
    return [_line(event, whole=whole, names=names) for event in found]


def stream_lines(events: QuerySet[AuditEvent], *, whole: bool) -> Iterator[TrailLine]:
    """Yield the events one after the other for a file, with codes as they were written."""
    for event in events.iterator(chunk_size=2_000):
        yield _line(event, whole=whole)


def _line(event: AuditEvent, *, whole: bool, names: Mapping[str, str] | None = None) -> TrailLine:
    return TrailLine(
        event=event,
        act=name_act(event.action),
        changes=tell_changes(event.detail, without=frozenset() if whole else PRIVATE, names=names),
        reason=str(event.detail.get("reason") or ""),
    )


def _own(user: Person, *, as_of: date) -> Q:
    units = dict(list_managed_agencies(user, as_of=as_of).values_list("pk", "code"))
    people = list_managed_people(user, as_of=as_of).annotate(key=Cast("pk", CharField())).values("key")
    personal = Q()
    for beginning in PERSONAL:
        personal |= Q(action__startswith=beginning)
    return (
        Q(target_type=Agency._meta.label_lower, target_id__in=[str(pk) for pk in units])
        | Q(detail__agency__in=list(units.values()))
        | (Q(target_type=PERSON, target_id__in=people) & personal)
        | Q(actor__in=identities(user).values("pk"))
    )


def _of_kind(kind: EventKind) -> Q:
    found = Q()
    for beginning in BEGINNINGS.get(kind, ()):
        found |= Q(action__startswith=beginning)
    for part in PARTS.get(kind, ()):
        found |= Q(action__contains=part)
    return found


def _about(asked: str) -> Q:
    """Events by or about the people that are meant by an address, a name or a key."""
    keys: set[int] = set()
    for person in _find_people(asked):
        keys |= set(identities(person).values_list("pk", flat=True))
    return Q(actor__in=keys) | Q(target_type=PERSON, target_id__in=[str(key) for key in keys])


def _find_people(asked: str) -> list[Person]:
    asked = asked.strip()
    if "@" in asked:
        return list(find_by_email([asked]).values())
    people = Person.objects.select_related("merged_into")
    if asked.isascii() and asked.isdigit():
        return list(people.filter(pk=int(asked[:15])))
    for word in asked.casefold().split():
        people = people.filter(sort_name__contains=word)
    return list(people.order_by("sort_name", "pk")[:NAMESAKES])
