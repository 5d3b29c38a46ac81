"""The names behind the figures, page by page, and as rows of a sheet."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, Max, OuterRef, Q
from django.utils.translation import gettext as _

from lms.accounts.models import Person
from lms.accounts.selectors import identities
from lms.agencies.models import Agency, Employment, JobRole
from lms.audit.models import AuditEvent
from lms.compliance.enums import ScopeKind, Status
from lms.compliance.evaluation import DayStatus, status_within
from lms.compliance.models import Requirement
from lms.compliance.selectors import (
    BadCursor,
    Duty,
    Page,
    Scope,
    list_duties,
    map_identities,
    map_identity_ids,
    read_duties,
)
from lms.portal.enums import REMINDED
from lms.sheets.writing import Value

PAGE = 50
EXPORTED_AT_ONCE = 1_000
DUTIES_AT_ONCE = 5_000
ONE_DAY = timedelta(days=1)
# Which duties each choice shows.
STATUSES: Mapping[str, tuple[DayStatus, ...]] = {
    "late": ("overdue", "expired"),
    "due": ("open", "due_soon"),
    "untrained": ("open", "due_soon", "overdue", "expired"),
    "trained": ("complete", "renew_soon"),
    "expiring": ("complete", "renew_soon"),
    "counted": ("open", "due_soon", "overdue", "expired", "complete", "renew_soon"),
    "waived": ("waived",),
}
ANY: Collection[DayStatus] = (*STATUSES["counted"], "waived")
DUTY_WORDS: Mapping[str, str] = {"open": Status.NOT_STARTED.value}


@dataclass(frozen=True)
class NameLine:
    """One line of the list: a person, with one duty, or with all of theirs (``duty`` is then the next one owed).

    ``me``: it is the reader's own line; nobody acts on that.
    """

    person: Person
    job: Employment | None
    duty: Duty | None
    met: int | None
    required: int | None
    reminded_at: datetime | None
    me: bool = False

    @property
    def status(self) -> str:
        """The key of the status as screens show it; done when nothing of several duties is left, empty without any."""
        if self.duty is not None:
            return DUTY_WORDS.get(self.duty.status, self.duty.status)
        return Status.COMPLETE.value if self.required else ""

    @property
    def unit(self) -> Agency | None:
        if self.duty is not None and self.required is None:
            return self.duty.unit
        return self.job.agency if self.job else None


@dataclass(frozen=True)
class NamesPage:
    """Lines, and what the address of the next page adds (empty: this is the last)."""

    lines: Sequence[NameLine]
    next: str


@dataclass(frozen=True)
class Wanted:
    """What the list is narrowed to; empty ``show``: everybody, one line each."""

    show: str = ""
    within: int | None = None
    requirement: int | None = None
    level: str = ""
    job_role: int | None = None
    staff_level: str = ""
    area: int | str | None = None
    search: str = ""

    @classmethod
    def of(cls, cleaned: Mapping[str, Any]) -> Wanted:
        area = cleaned["area"]
        narrowed = any(cleaned[name] for name in ("requirement", "level", "job_role", "staff_level", "area"))
        show = cleaned["show"] or ("counted" if narrowed else "")
        return cls(
            show=show,
            within=int(cleaned["within"]) if cleaned["within"] and show in {"due", "expiring"} else None,
            requirement=cleaned["requirement"].pk if cleaned["requirement"] else None,
            level=cleaned["level"],
            job_role=cleaned["job_role"].pk if cleaned["job_role"] else None,
            staff_level=cleaned["staff_level"],
            area=area if area in {None, "none"} else area.pk,
            search=cleaned["q"].strip(),
        )


def list_names(user: Person, scope: Scope, wanted: Wanted, *, after: str = "", size: int = PAGE) -> NamesPage:
    """Return a page of names, those late longest first, everybody by name; as many queries for any page.

    Raises BadCursor for an ``after`` that no page ended at.
    """
    if wanted.show == "":
        return _list_everybody(user, scope, wanted, after, size)
    page = _list_duties(scope, wanted, after, size)
    people = {duty.person.pk: duty.person for duty in page.lines}
    jobs, reminded = _map_jobs(user, people.values(), scope), map_reminded(people.values())
    lines = [
        NameLine(
            duty.person,
            jobs.get(duty.person.pk),
            duty,
            None,
            None,
            reminded.get(duty.person.pk),
            me=duty.person.pk == user.pk,
        )
        for duty in page.lines
    ]
    ended = page.next
    return NamesPage(lines, f"{ended[0]}~{ended[1]}" if ended else "")


def _list_duties(scope: Scope, wanted: Wanted, after: str, size: int) -> Page:
    day, number = _read_cursor(after)
    try:
        cursor = (date.fromisoformat(day), number) if day else None
    except ValueError as error:
        raise BadCursor(after) from error
    return list_duties(scope, after=cursor, size=size, **narrow(wanted))


def narrow(wanted: Wanted) -> dict[str, Any]:
    """What is wanted, as options of ``list_duties`` and ``read_duties``."""
    units = None
    if wanted.area is not None:
        there = Agency.objects.filter(service_area=None if wanted.area == "none" else wanted.area)
        units = list(there.values_list("pk", flat=True))
    return {
        "statuses": STATUSES[wanted.show],
        "within": None if wanted.within is None else wanted.within + (wanted.show == "due"),
        "requirements": None if wanted.requirement is None else [wanted.requirement],
        "level": wanted.level,
        "units": units,
        "job_role": wanted.job_role,
        "staff_level": wanted.staff_level,
        "search": wanted.search,
        "mandatory": wanted.requirement is None,
    }


def _list_everybody(user: Person, scope: Scope, wanted: Wanted, after: str, size: int) -> NamesPage:
    name, number = _read_cursor(after)
    people = Person.objects.unmerged().filter(_works_in(scope)).order_by("sort_name", "pk")
    for word in wanted.search.casefold().split():
        people = people.filter(sort_name__contains=word)
    if after:
        people = people.filter(Q(sort_name__gt=name) | Q(sort_name=name, pk__gt=number), sort_name__gte=name)
    found = list(people[: size + 1])
    shown = found[:size]
    # Whoever may be seen is shown with all their duties, whichever unit brings them.
    them = Scope(ScopeKind.REPORTS, None, scope.as_of, scope.today, persons=frozenset(person.pk for person in shown))
    duties: dict[int, list[Duty]] = {person.pk: [] for person in shown}
    for duty in list_duties(them, statuses=ANY, order="name", size=max(size, 1)).lines:
        duties[duty.person.pk].append(duty)
    jobs, reminded = _map_jobs(user, shown, scope), map_reminded(shown)
    lines = []
    for person in shown:
        own = [duty for duty in duties[person.pk] if duty.status != "waived"]
        owed = [duty for duty in own if duty.status not in STATUSES["trained"]]
        lines.append(
            NameLine(
                person,
                jobs.get(person.pk),
                owed[0] if owed else None,
                len(own) - len(owed),
                len(own),
                reminded.get(person.pk),
                me=person.pk == user.pk,
            )
        )
    return NamesPage(lines, f"{shown[-1].sort_name}~{shown[-1].pk}" if len(found) > size else "")


def _read_cursor(after: str) -> tuple[str, int]:
    place, _mark, number = after.rpartition("~")
    if after and not (place and number.isascii() and number.isdigit() and len(number) < 19):
        raise BadCursor(after)
    return place, int(number or 0)


def _works_in(scope: Scope) -> Q:
    """Condition on people: a job of theirs, under whichever row, is in the scope."""
    if scope.persons is not None:
        return Q(pk__in=scope.persons)
    jobs = Employment.objects.on(scope.as_of)
    if not (scope.whole_site and scope.units):
        jobs = jobs.filter(agency__in=list(scope.units))
    # One index probe each; a single condition with OR would read every job for each person.
    return (
        Q(Exists(jobs.filter(person=OuterRef("pk"))))
        | Q(Exists(jobs.filter(person__merged_into=OuterRef("pk"))))
        | Q(Exists(jobs.filter(person__merged_into__merged_into=OuterRef("pk"))))
    )


def _map_jobs(user: Person, people: Iterable[Person], scope: Scope) -> dict[int, Employment]:
    """Return a job of the day for each person: of several the one that the user supervises, or that is in the scope."""
    owner = map_identities(people)
    mine = set(identities(user).values_list("pk", flat=True))
    jobs: dict[int, Employment] = {}
    rows = Employment.objects.on(scope.as_of).filter(person__in=list(owner)).select_related("job_role", "agency")

    def fits(job: Employment) -> tuple[bool, bool]:
        return job.supervisor_id in mine, job.agency_id in scope.units

    for job in rows.order_by("valid_from", "pk"):
        shown = jobs.setdefault(owner[job.person_id], job)
        if fits(job) > fits(shown):
            jobs[owner[job.person_id]] = job
    return jobs


def map_reminded(people: Iterable[Person]) -> dict[int, datetime]:
    """Return when each of the people was last reminded by somebody."""
    rows = (
        AuditEvent.objects.filter(
            action=REMINDED, target_type="accounts.person", target_id__in=[str(person.pk) for person in people]
        )
        .order_by()
        .values_list("target_id")
        .annotate(last=Max("at"))
    )
    return {int(person): at for person, at in rows}


def list_columns(wanted: Wanted) -> list[str]:
    """Return the names of the columns of the sheet."""
    columns = [_("Name"), _("Job"), _("Unit"), _("Requirement"), _("Status"), _("Due, or valid until")]
    return columns if wanted.show else [*columns, _("Done"), _("Required")]


def stream_rows(user: Person, scope: Scope, wanted: Wanted) -> Iterator[Sequence[Value]]:
    """Yield a row of the sheet for each line of the list, whatever their number, some thousands read at a time."""
    return _stream_duties(user, scope, wanted) if wanted.show else _stream_people(user, scope, wanted)


def _stream_duties(user: Person, scope: Scope, wanted: Wanted) -> Iterator[Sequence[Value]]:
    """Rows of plain values: the file of a county has a million, and an instance of a model costs more than its row."""
    day, mine = scope.as_of, set(identities(user).values_list("pk", flat=True))
    rules = dict(Requirement.objects.values_list("pk", "name"))
    roles: dict[int | None, str] = dict(JobRole.objects.values_list("pk", "title"))
    words = {status: str(Status(DUTY_WORDS.get(status, status)).label) for status in ANY}
    units: dict[int, str] = {}
    for rows in read_duties(scope, size=DUTIES_AT_ONCE, **narrow(wanted)):
        new = {row.unit_id for row in rows} - units.keys()
        units |= {unit.pk: str(unit) for unit in Agency.objects.filter(pk__in=new)} if new else {}
        elsewhere = {row.person_id for row in rows if row.job_role_id is None}
        jobs = _map_roles(elsewhere, scope, mine) if elsewhere else {}
        for _pk, person, first, last, unit, rule, kind, soon_on, late_on, role in rows:
            status = status_within(kind, soon_on, late_on, day)
            yield (
                f"{first} {last}".strip(),
                roles.get(role or jobs.get(person), ""),
                units[unit],
                rules[rule],
                words[status],
                _shown_date(status, late_on),
            )


def _map_roles(people: Collection[int], scope: Scope, mine: Collection[int]) -> dict[int, int]:
    """Return the role of the job that ``_map_jobs`` finds."""
    owner = map_identity_ids(people)
    found: dict[int, tuple[tuple[bool, bool], int]] = {}
    rows = Employment.objects.on(scope.as_of).filter(person__in=list(owner)).order_by("valid_from", "pk")
    for person, agency, supervisor, role in rows.values_list("person_id", "agency_id", "supervisor_id", "job_role_id"):
        fits = supervisor in mine, agency in scope.units
        best = found.get(owner[person])
        if best is None or fits > best[0]:
            found[owner[person]] = fits, role
    return {person: role for person, (_fits, role) in found.items()}


def _stream_people(user: Person, scope: Scope, wanted: Wanted) -> Iterator[Sequence[Value]]:
    after = ""
    while True:
        page = list_names(user, scope, wanted, after=after, size=EXPORTED_AT_ONCE)
        for line in page.lines:
            duty = line.duty
            yield (
                line.person.full_name,
                line.job.job_role.title if line.job else "",
                str(line.unit or ""),
                duty.requirement.name if duty else "",
                str(Status(line.status).label) if line.status else "",
                _shown_date(duty.status, duty.late_on) if duty else None,
                line.met,
                line.required,
            )
        if not page.next:
            return
        after = page.next


def _shown_date(status: DayStatus, late_on: date | None) -> date | None:
    """The last good day of what is owed, the first day not covered of what is held; nothing for what is never late."""
    if late_on is None or late_on == date.max:
        return None
    return late_on if status in STATUSES["trained"] else late_on - ONE_DAY
