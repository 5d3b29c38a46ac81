"""What imports read: the runs that somebody may see, and what stands about the people whom some rows name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date

from allauth.account.models import EmailAddress
from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Max, Q, QuerySet
from django.db.models.functions import Coalesce

from curricula.models import Course
from lms.accounts.models import Person
from lms.accounts.selectors import find_by_email
from lms.agencies.enums import Affiliation
from lms.agencies.models import Agency, Employment, JobRole
from lms.agencies.permissions import user_can_manage_agency
from lms.agencies.querysets import holds_on
from lms.agencies.selectors import list_managed_agencies
from lms.learning.models import Completion

from .enums import RunState
from .lines import BadLine, CompletionLine, StaffLine
from .models import Evidence, ImportRun
from .planning import FileKeys, Job, Known, Places, Role, Snapshot, Unit
from .prior import KnownCourse, RecordSnapshot

OWNER = Coalesce("person__merged_into__merged_into", "person__merged_into", "person")
STREAM = 2_000

Numbers = Mapping[str, Sequence[tuple[str, int]]]


def list_runs(user: Person | AnonymousUser, *, as_of: date) -> QuerySet[ImportRun]:
    """Return the imports for agencies whose jobs the user may change, the latest first."""
    seen = Q(agency__in=list_managed_agencies(user, as_of=as_of).values("pk"))
    if user_can_manage_agency(user, None, as_of=as_of):
        seen |= Q(agency=None)
    return ImportRun.objects.filter(seen).select_related("agency", "requested_by", "job").order_by("-pk")


def list_scope(agency: Agency | None, *, as_of: date) -> QuerySet[Agency]:
    """Return the units that an import for the agency is for: itself and all below it (None: all)."""
    units: QuerySet[Agency] = Agency.objects.all() if agency is None else Agency.objects.subtree_on(agency, as_of)
    return units


def get_places(agency: Agency | None, *, as_of: date) -> Places:
    """Return the units in scope and the shared job roles, by code."""
    units = {
        code.casefold(): Unit(pk, name, path[: Agency.steplen], closed_on)
        for pk, code, name, path, closed_on in list_scope(agency, as_of=as_of).values_list(
            "pk", "code", "name", "path", "closed_on"
        )
    }
    roles = {code.casefold(): Role(pk, title) for pk, code, title in JobRole.objects.values_list("pk", "code", "title")}
    return Places(
        units=units,
        roles=roles,
        unit_names={unit.id: unit.name for unit in units.values()},
        role_titles={role.id: role.title for role in roles.values()},
    )


def get_numbers(places: Places) -> Numbers:
    """Return who has or had each employee number, and at the top of which tree."""
    roots = {unit.id: unit.root for unit in places.units.values()}
    found: dict[str, tuple[tuple[str, int], ...]] = {}
    here = Employment.objects.filter(affiliation=Affiliation.EMPLOYEE, agency__in=roots)
    jobs = here.exclude(employee_number="").order_by()
    for number, unit, person in jobs.values_list("employee_number", "agency_id", OWNER).iterator(STREAM):
        if (pair := (roots[unit], person)) not in found.get(number, ()):
            found[number] = (*found.get(number, ()), pair)
    return found


def get_snapshot(lines: Iterable[StaffLine | BadLine], *, numbers: Numbers, keys: FileKeys, places: Places) -> Snapshot:
    """Return what stands about the people whom these lines name, their supervisors included."""
    lines = list(lines)
    wanted = {line.email for line in lines if line.email}
    named = {line.number for line in lines if line.number}
    for line in lines:
        if isinstance(line, StaffLine) and line.supervisor:
            named.add(line.supervisor)
            unit = places.units.get(line.unit)
            if unit and (email := keys.find_email(unit.root, line.supervisor)):
                wanted.add(email)
    return _snapshot({person for number in named for _root, person in numbers.get(number, ())}, wanted, numbers, places)


def get_snapshot_of(people: Collection[int], *, places: Places) -> Snapshot:
    """Return what stands about these people."""
    return _snapshot(set(people), set(), {}, places)


def _snapshot(people: set[int], emails: set[str], numbers: Numbers, places: Places) -> Snapshot:
    by_email = {email: person.pk for email, person in find_by_email(emails).items()} if emails else {}
    people |= set(by_email.values())
    owner = map_merged(people)
    jobs: dict[int, list[Job]] = defaultdict(list)
    rows = Employment.objects.filter(person__in=owner, affiliation=Affiliation.EMPLOYEE).order_by("valid_from", "pk")
    for person, *job in rows.values_list(
        "person_id",
        *("pk", "agency_id", "job_role_id", "supervisor_id", "employee_number", "valid_from", "valid_until"),
    ):
        jobs[owner[person]].append(Job(*job))
    ours = {person: held for person, held in jobs.items() if any(job.unit in places.unit_names for job in held)}
    scoped = {person: [job for job in held if job.unit in places.unit_names] for person, held in ours.items()}
    bosses = {job.supervisor for held in scoped.values() for job in held if job.supervisor is not None}
    return Snapshot(numbers=numbers, emails=by_email, people=_get_known(people | bosses), jobs=scoped)


def map_merged(people: Collection[int]) -> dict[int, int]:
    """Return these people's keys, and those of everybody merged into them over two steps, with the survivor's."""
    owner = {person: person for person in people}
    for _step in range(2):
        found = Person.objects.filter(merged_into__in=list(owner)).values_list("pk", "merged_into")
        owner |= {merged: owner[into] for merged, into in found if into is not None}
    return owner


def _get_known(people: Collection[int]) -> dict[int, Known]:
    addresses: dict[int, set[str]] = defaultdict(set)
    for person, address in EmailAddress.objects.filter(user__in=people, verified=True).values_list("user_id", "email"):
        addresses[person].add(address.lower())
    rows = Person.objects.filter(pk__in=people).values_list("pk", "first_name", "last_name", "email")
    return {
        pk: Known(first, last, frozenset({email.lower(), *addresses.get(pk, ())})) for pk, first, last, email in rows
    }


def count_jobs(places: Places, *, as_of: date) -> int:
    """Return how many jobs of employees the units have on the day."""
    held = Employment.objects.filter(holds_on(as_of), affiliation=Affiliation.EMPLOYEE)
    return held.filter(agency__in=places.unit_names).count()


def list_holders(places: Places, *, as_of: date) -> Iterator[int]:
    """Yield everybody who holds a job of an employee in the units on the day, merged people as who they are now."""
    held = Employment.objects.filter(holds_on(as_of), affiliation=Affiliation.EMPLOYEE, agency__in=places.unit_names)
    return held.order_by("person_id").values_list(OWNER, flat=True).iterator(STREAM)


# --- prior completions


def get_courses(agency: Agency | None) -> dict[str, KnownCourse]:
    """Return every course by its code, where only one has it by its title, and by the names that imports for the agency
    (none: the whole site) were matched by; all in lower case."""
    courses = [KnownCourse(pk, title) for pk, title in Course.objects.values_list("pk", "title")]
    titles: dict[str, list[KnownCourse]] = defaultdict(list)
    for course in courses:
        titles[course.title.casefold()].append(course)
    found = {title: same[0] for title, same in titles.items() if len(same) == 1}
    codes = dict(Course.objects.values_list("pk", "code"))
    matched = Evidence.objects.filter(run__agency=agency).exclude(course=None).exclude(run__state=RunState.UNDONE)
    names = {
        # The latest word counts.
        name.casefold(): KnownCourse(pk, title, matched=True)
        for name, pk, title in matched.order_by("pk").values_list("course_name", "course", "course__title")
    }
    return names | found | {codes[course.id].casefold(): course for course in courses}


def get_record_snapshot(lines: Iterable[CompletionLine], *, numbers: Numbers, places: Places) -> RecordSnapshot:
    """Return what stands about the people whom these lines name, as far as they have or had a job in the units."""
    lines = list(lines)
    named = {line.number for line in lines if line.number}
    people = {person for number in named for _root, person in numbers.get(number, ())}
    snapshot = _snapshot(people, {line.email for line in lines if line.email}, numbers, places)
    owner = map_merged(snapshot.jobs)
    latest: dict[tuple[int, int], date] = {}
    done = Completion.objects.standing().filter(person__in=owner).order_by().values_list("person_id", "course_id")
    for person, course, day in done.annotate(latest=Max("completed_on")):
        key = owner[person], course
        latest[key] = max(day, latest.get(key, day))
    evidence = (
        Evidence.objects.filter(person__in=owner)
        .exclude(run__state=RunState.UNDONE)
        .values_list("person_id", "course_name", "completed_on")
    )
    return RecordSnapshot(
        numbers={number: [person for _root, person in numbers.get(number, ())] for number in named},
        emails={email: person for email, person in snapshot.emails.items() if person in snapshot.jobs},
        names={person: snapshot.people[person].name for person in snapshot.jobs},
        latest=latest,
        kept=frozenset((owner[person], name.casefold(), day) for person, name, day in evidence),
    )


def list_unmatched(run: ImportRun) -> list[tuple[str, int]]:
    """Return the course names of the run's evidence that no course was named for yet, with how many rows have each."""
    waiting = Evidence.objects.filter(run=run, course=None).order_by().values_list("course_name")
    return list(waiting.annotate(rows=Count("pk")).order_by("course_name"))
