"""What a staff file would change, by tables; and against a naive walk through the changes."""

from __future__ import annotations

from collections import defaultdict
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.hr_import.enums import Note
from lms.hr_import.lines import BadLine, Remark, StaffLine
from lms.hr_import.planning import Change, FileKeys, Job, Known, Opening, Places, Role, Snapshot, StaffPlanner, Unit

TODAY = date(2026, 6, 1)
START = date(2024, 1, 1)
UNITS = {
    "north": Unit(1, "North", "0001", None),
    "south": Unit(2, "South", "0001", None),
    "shut": Unit(3, "Shut", "0001", date(2025, 1, 1)),
    "other": Unit(4, "Other", "0002", None),
}
ROLES = {"deputy": Role(1, "Deputy"), "lead": Role(2, "Lead")}
PLACES = Places(
    UNITS, ROLES, {unit.id: unit.name for unit in UNITS.values()}, {role.id: role.title for role in ROLES.values()}
)


@dataclass
class World:
    """What stands: people, and their jobs in the units."""

    people: dict[int, Known] = field(default_factory=dict)
    jobs: dict[int, list[Job]] = field(default_factory=lambda: defaultdict(list))
    hidden: set[int] = field(default_factory=set)
    next_key: int = 100

    def snapshot(self) -> Snapshot:
        numbers: dict[str, list[tuple[str, int]]] = defaultdict(list)
        roots = {unit.id: unit.root for unit in UNITS.values()}
        for person, jobs in self.jobs.items():
            for job in jobs:
                pair = roots[job.unit], person
                if job.number and pair not in numbers[job.number]:
                    numbers[job.number].append(pair)
        emails = {email: person for person, known in self.people.items() for email in known.emails}
        return Snapshot(numbers, emails, self.people, {person: jobs for person, jobs in self.jobs.items() if jobs})

    def plan(self, *lines: StaffLine | BadLine, full: bool = False) -> list[Change]:
        """As the service does it: keys first, rows of one person together, who is missing last."""
        keys = FileKeys(UNITS)
        good = [line for line in lines if isinstance(line, StaffLine)]
        for line in good:
            keys.add(line)
        planner, known = StaffPlanner(PLACES, keys, as_of=TODAY, full=full), self.snapshot()
        groups: dict[str, list[StaffLine]] = defaultdict(list)
        for line in good:
            groups[keys.key(line)].append(line)
        changes = [planner.refuse(line, known) for line in lines if isinstance(line, BadLine)]
        changes += [change for group in groups.values() for change in planner.plan(group, known)]
        changes += [change for group in planner.settle() for change in planner.plan(group, known)]
        if full:
            changes += [change for person in self.jobs for change in planner.plan_missing(person, known)]
        return changes

    def apply(self, changes: list[Change]) -> None:
        """The naive twin of applying."""
        for email, first, last in (change.newcomer for change in changes if change.newcomer):
            if email not in self.snapshot().emails:
                self.next_key += 1
                self.people[self.next_key] = Known(first, last, frozenset({email}))
        for change in changes:
            person = self.snapshot().emails[change.newcomer[0]] if change.newcomer else change.person
            if person is None:
                continue
            if change.name:
                self.people[person] = self.people[person]._replace(first_name=change.name[0], last_name=change.name[1])
            jobs = self.jobs[person]
            for ending in change.ends:
                place = next(place for place, job in enumerate(jobs) if job.id == ending.job)
                assert jobs[place].until == ending.was
                jobs[place] = jobs[place]._replace(until=ending.until)
            if change.corrects:
                was, now = change.corrects
                jobs[jobs.index(was)] = Job(was.id, *self._settle(now))
            if change.opens:
                self.next_key += 1
                jobs.append(Job(self.next_key, *self._settle(change.opens)))
            jobs.sort(key=lambda job: (job.start, job.id))

    def _settle(self, opening: Opening) -> Opening:
        boss = opening.supervisor
        return opening._replace(supervisor=self.snapshot().emails.get(boss) if isinstance(boss, str) else boss)


def world(*jobs: Job) -> World:
    """Ana with these jobs, and her supervisor Bea."""
    return World(
        people={
            1: Known("Ana", "Alba", frozenset({"ana@x.org"})),
            2: Known("Bea", "Boss", frozenset({"bea@x.org"})),
            9: Known("Zoe", "Unseen", frozenset({"zoe@far.org"})),
        },
        jobs=defaultdict(list, {1: list(jobs), 2: [Job(20, 1, 2, None, "2", START, None)]}),
    )


def job(unit: int = 1, role: int = 1, **fields: object) -> Job:
    values: dict[str, object] = {
        "id": 10,
        "unit": unit,
        "role": role,
        "supervisor": None,
        "number": "1",
        "start": START,
        "until": None,
        **fields,
    }
    return Job(**values)  # type: ignore[arg-type]


def line(row: int = 2, **fields: object) -> StaffLine:
    values: dict[str, object] = {
        "row": row,
        "number": "1",
        "email": "ana@x.org",
        "first_name": "Ana",
        "last_name": "Alba",
        "unit": "north",
        "role": "deputy",
        "supervisor": "",
        "start": START,
        "until": None,
        "end_told": True,
        **fields,
    }
    return StaffLine(**values)  # type: ignore[arg-type]


def new(row: int = 2, **fields: object) -> StaffLine:
    return line(
        row, **{"number": "7", "email": "new@x.org", "first_name": "Nia", "last_name": "New", "start": TODAY, **fields}
    )


def notes(change: Change) -> list[tuple[str, str]]:
    return [(remark.note, remark.column) for remark in change.remarks]


def test_it_works() -> None:
    [change] = world().plan(new())
    assert (change.kind, change.newcomer) == ("new", ("new@x.org", "Nia", "New"))
    assert change.opens == Opening(1, 1, None, "7", TODAY, None)
    assert change.differences == (
        ("agency_code", "", "North"),
        ("job_role", "", "Deputy"),
        ("start_on", "", "2026-06-01"),
    )


def test_a_full_file_leaves_a_job_that_ends_before_the_next_begins() -> None:
    here = World()
    here.apply(here.plan(new(unit="south", start=TODAY - timedelta(days=30), until=TODAY + timedelta(days=30))))
    later = new(start=TODAY + timedelta(days=60))
    here.apply(here.plan(later, full=True))
    assert [change.kind for change in here.plan(later, full=True)] == ["unchanged"]


def test_what_one_row_says_of_a_newcomer_holds_for_the_rows_of_the_same_number() -> None:
    here = World()
    rows = [new(2, email="", first_name=""), new(3, role="lead")]
    changes = here.plan(*rows)
    assert [change.kind for change in changes] == ["new", "new"]
    here.apply(changes)
    assert [change.kind for change in here.plan(*rows)] == ["unchanged", "unchanged"]


AGAIN = {
    "a number, its address in a later row, the address alone": (
        World(),
        [new(2, email=""), new(3), new(4, number="", role="lead")],
        False,
        ["new", "refused", "refused"],
    ),
    "a number without an address and another name": (
        World(),
        [new(2), new(3, email="", first_name="Ana", last_name="Alba", role="lead"), new(4, role="lead")],
        False,
        ["new", "refused", "new"],
    ),
    "one job ends, another has no first day": (
        world(job()),
        [line(until=TODAY), line(3, role="lead", start=None)],
        False,
        ["leaving", "new"],
    ),
    "the first job of a newcomer without a day, the second over": (
        World(),
        [new(2, start=None), new(3, role="lead", start=START, until=TODAY)],
        False,
        ["new", "new"],
    ),
    "of two rows one has no first day": (
        world(job()),
        [line(unit="south", start=None), line(3, role="lead", start=TODAY)],
        True,
        ["moved", "new", "leaving"],
    ),
}


@pytest.mark.parametrize("case", AGAIN)
def test_the_same_file_again_changes_nothing(case: str) -> None:
    """What a first run refuses, a second, which knows what the first one brought, does not take."""
    here, rows, full, kinds = AGAIN[case]
    here = deepcopy(here)
    changes = here.plan(*rows, full=full)
    assert [change.kind for change in changes] == kinds
    here.apply(changes)
    assert {change.kind for change in here.plan(*rows, full=full)} <= {"unchanged", "refused"}


LATER = TODAY + timedelta(days=30)
EARLIER = TODAY - timedelta(days=30)
TIMES = {
    "unchanged": (job(), {}, "unchanged", None, None),
    "an earlier first day is no change": (job(), {"start": date(2020, 1, 1)}, "unchanged", None, None),
    "no first day": (job(), {"start": None}, "unchanged", None, None),
    "leaving": (job(), {"until": EARLIER}, "leaving", EARLIER, None),
    "leaving later": (job(), {"until": LATER}, "leaving", LATER, None),
    "an end that stands": (job(until=LATER), {"until": LATER}, "unchanged", None, None),
    "an end that moves": (job(until=LATER), {"until": TODAY}, "changed", TODAY, None),
    "an end taken back": (job(until=LATER), {}, "changed", None, None),
    "a file without ends": (job(until=LATER), {"end_told": False}, "unchanged", None, None),
    "gone already": (job(until=EARLIER), {"until": EARLIER}, "unchanged", None, None),
    "a past end that moves": (job(until=EARLIER), {"until": TODAY}, "changed", TODAY, None),
    "moved": (job(), {"unit": "south"}, "moved", TODAY, Opening(2, 1, None, "1", TODAY, None)),
    "moved on a day": (
        job(),
        {"unit": "south", "start": EARLIER},
        "moved",
        EARLIER,
        Opening(2, 1, None, "1", EARLIER, None),
    ),
    "moved later": (job(), {"unit": "south", "start": LATER}, "moved", LATER, Opening(2, 1, None, "1", LATER, None)),
    "moved and gone": (job(), {"unit": "south", "until": EARLIER}, "leaving", EARLIER, None),
    "a new role": (job(), {"role": "lead"}, "changed", TODAY, Opening(1, 2, None, "1", TODAY, None)),
    "a supervisor": (job(), {"supervisor": "2"}, "changed", TODAY, Opening(1, 1, 2, "1", TODAY, None)),
    "rehired": (job(until=EARLIER), {"start": TODAY}, "rehired", None, Opening(1, 1, None, "1", TODAY, None)),
    "rehired elsewhere": (
        job(until=EARLIER),
        {"unit": "south", "start": EARLIER},
        "rehired",
        None,
        Opening(2, 1, None, "1", EARLIER, None),
    ),
    "back with a stale first day": (job(until=EARLIER), {}, "rehired", None, Opening(1, 1, None, "1", TODAY, None)),
}


@pytest.mark.parametrize("case", TIMES)
@pytest.mark.parametrize("full", [False, True])
def test_one_job_in_time(case: str, full: bool) -> None:
    held, fields, kind, until, opens = TIMES[case]
    boss = line(3, number="2", email="bea@x.org", first_name="Bea", last_name="Boss", role="lead")
    change = world(held).plan(line(**fields), boss, full=full)[0]
    assert (change.kind, change.opens) == (kind, opens)
    if change.ends:
        assert [(ending.job, ending.was, ending.until) for ending in change.ends] == [(10, held.until, until)]
    else:
        assert until is None


REFUSALS = {
    "unknown unit": ({"unit": "nowhere"}, Note.UNKNOWN_UNIT, "agency_code"),
    "unknown role": ({"role": "pilot"}, Note.UNKNOWN_ROLE, "job_role"),
    "closed unit": ({"unit": "shut"}, Note.UNIT_CLOSED, "agency_code"),
    "unknown supervisor": ({"supervisor": "404"}, Note.UNKNOWN_SUPERVISOR, "supervisor_employee_number"),
    "own supervisor": ({"supervisor": "1"}, Note.OWN_SUPERVISOR, "supervisor_employee_number"),
    "end before start": ({"until": START}, Note.END_BEFORE_START, "end_on"),
    "another's number": (
        {"email": "x@x.org", "first_name": "Xi", "last_name": "Xu"},
        Note.NUMBER_OF_ANOTHER,
        "employee_number",
    ),
    "a number without e-mail, another name": (
        {"email": "", "first_name": "Xi", "last_name": "Xu"},
        Note.NUMBER_OF_ANOTHER,
        "employee_number",
    ),
    "two people": ({"email": "bea@x.org"}, Note.TWO_PEOPLE, "email"),
    "a new person without e-mail": ({"number": "8", "email": ""}, Note.MISSING, "email"),
    "a new person without name": ({"number": "8", "email": "n@x.org", "first_name": ""}, Note.MISSING, "first_name"),
    "a new person without first day": ({"number": "8", "email": "n@x.org", "start": None}, Note.MISSING, "start_on"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_refusals_name_their_column(case: str) -> None:
    fields, note, column = REFUSALS[case]
    [change] = world(job()).plan(line(**fields))
    assert (change.kind, notes(change)) == ("refused", [(note, column)])
    assert not change.ends
    assert not change.opens


def test_identity_by_number_then_email_never_by_name() -> None:
    here = world(job())
    assert here.plan(line(email=""))[0].person == 1
    assert here.plan(line(number=""))[0].person == 1
    assert here.plan(line(number="55"))[0].differences == (("employee_number", "1", "55"),)
    assert here.plan(line(number="8", email="ana@other.org"))[0].newcomer == ("ana@other.org", "Ana", "Alba")


def test_a_number_counts_within_its_agency() -> None:
    [change] = world(job()).plan(line(unit="other", email="n@x.org", first_name="Nia", last_name="New"))
    assert change.newcomer == ("n@x.org", "Nia", "New")


def test_an_email_of_somebody_out_of_sight_is_told_like_an_unknown_one() -> None:
    """The same words for an address that nobody has and for one that is a stranger's."""

    def told(email: str, **fields: object) -> object:
        [change] = world(job()).plan(line(email=email, **fields))
        return replace(change, person=None, newcomer=None)

    assert told("zoe@far.org") == told("nobody@far.org")
    assert notes(world(job()).plan(line(email="zoe@far.org"))[0]) == [(Note.EMAIL_STAYS, "email")]
    past = {"number": "8", "until": TODAY - timedelta(days=9)}
    for fields in ({"number": "8"}, {"number": "8", "supervisor": "2"}, {"first_name": "Xi", "last_name": "Xu"}, past):
        assert told("zoe@far.org", **fields) == told("nobody@far.org", **fields)
    [change] = world(job()).plan(line(number="8", email="zoe@far.org"))
    assert (change.person, change.name, change.label) == (9, None, "Ana Alba")


def test_a_supervisor_out_of_sight_shows_as_the_file_has_them() -> None:
    boss = line(3, number="8", email="zoe@far.org", first_name="Zed", last_name="Told", start=TODAY)
    change, brought = world(job()).plan(line(supervisor="8"), boss)
    assert ("supervisor_employee_number", "", "8") in change.differences
    assert "Zoe" not in str([change, brought])


def test_a_new_name_is_taken_over() -> None:
    [change] = world(job()).plan(line(last_name="Moreno"))
    assert (change.kind, change.name) == ("changed", ("Ana", "Moreno"))
    assert change.differences == (("last_name", "Alba", "Moreno"),)


def test_two_rows_are_two_jobs() -> None:
    first, second = world(job()).plan(line(), line(3, unit="south", start=EARLIER))
    assert (first.kind, second.kind) == ("unchanged", "new")
    assert notes(second) == [(Note.SECOND_JOB, "")]
    assert second.opens == Opening(2, 1, None, "1", EARLIER, None)


def test_one_of_two_jobs_can_end() -> None:
    here = world(job(), job(2, id=11))
    first, second = here.plan(line(), line(3, unit="south", until=TODAY))
    assert (first.kind, second.kind) == ("unchanged", "leaving")
    [refused] = here.plan(line(role="lead"))  # neither of the two
    assert notes(refused) == [(Note.SEVERAL_JOBS, "")]


@pytest.mark.parametrize(
    ("other", "note"),
    [
        ({}, Note.SAME_ROW),
        ({"email": "other@x.org"}, Note.OTHER_EMAIL_IN_FILE),
        ({"number": "6"}, Note.OTHER_NUMBER_IN_FILE),
        ({"number": "", "role": "lead"}, Note.SAME_PERSON),
    ],
)
def test_rows_that_contradict_each_other(other: dict[str, object], note: Note) -> None:
    first, second = world(job()).plan(line(), line(3, **other))
    assert first.kind == "unchanged"
    assert [remark.note for remark in second.remarks] == [note]
    assert second.remarks[0].values == {"row": 2}


def test_a_number_that_passes_from_one_row_to_another_is_asked_about() -> None:
    swapped = [line(number="5"), line(3, email="new@x.org", first_name="Ana", last_name="New", start=TODAY)]
    first, second = world(job()).plan(*swapped)
    assert (first.kind, first.remarks) == ("refused", (Remark(Note.SAME_PERSON, "employee_number", {"row": 3}),))
    assert second.kind == "changed"


def test_a_supervisor_may_come_later_in_the_file() -> None:
    first, second = world().plan(new(supervisor="8"), new(3, number="8", email="lead@x.org", role="lead"))
    assert first.opens is not None
    assert (first.opens.supervisor, second.kind) == ("lead@x.org", "new")


def test_a_job_that_begins_today_is_corrected_in_place() -> None:
    held = job(start=TODAY)
    [change] = world(held).plan(line(unit="south", start=TODAY))
    assert (change.kind, change.ends, change.opens) == ("moved", (), None)
    assert change.corrects == (held, Opening(2, 1, None, "1", TODAY, None))


def test_the_past_of_a_transfer_is_no_job_that_was_left_out() -> None:
    here = world(job(until=LATER), job(2, id=11, start=LATER))
    assert [change.kind for change in here.plan(line(unit="south", start=LATER))] == ["unchanged"]
    assert [change.kind for change in here.plan(line())] == ["unchanged"]


def test_only_a_full_file_ends_the_jobs_of_who_is_missing() -> None:
    here = world(job())
    boss = line(3, number="2", email="bea@x.org", first_name="Bea", last_name="Boss", role="lead")
    assert [change.kind for change in here.plan(boss)] == ["unchanged"]
    _boss, left = here.plan(boss, full=True)
    assert (left.row, left.kind, left.person, left.ending) == (None, "leaving", 1, 1)
    assert (left.ends, notes(left)) == (((10, None, TODAY),), [(Note.NOT_IN_FILE, "")])


def test_a_refused_row_keeps_its_person_from_being_taken_as_missing() -> None:
    here = world(job())
    bad = BadLine(2, "1", "", "Ana", Remark(Note.NO_DAY, "start_on"))
    assert {change.person for change in here.plan(bad, full=True) if change.kind == "leaving"} == {2}
    assert [change.kind for change in here.plan(line(unit="nowhere"), full=True)] == ["refused", "leaving"]
    mute = BadLine(2, "", "", "", Remark(Note.CELL))
    assert {change.kind for change in here.plan(mute, full=True)} == {"refused"}


# --- against a naive walk


def days() -> st.SearchStrategy[date]:
    return st.integers(-3, 3).map(lambda months: TODAY + timedelta(days=30 * months))


@st.composite
def files(draw: st.DrawFn) -> list[StaffLine]:
    lines = []
    for row in range(2, 2 + draw(st.integers(0, 6))):
        person = draw(st.integers(1, 4))
        start = draw(st.none() | days())
        until = draw(st.none() | days())
        if start and until and until <= start:
            until = None
        lines.append(
            line(
                row,
                number=draw(st.sampled_from(["", str(person), str(person), str(person + 1)])),
                email=draw(st.sampled_from(["", *[f"p{person}@x.org"] * 3, f"p{person + 1}@x.org"])),
                first_name=f"First{person}",
                last_name=f"Last{person}",
                unit=draw(st.sampled_from(["north", "north", "south", "shut", "other"])),
                role=draw(st.sampled_from(["deputy", "deputy", "lead"])),
                supervisor=draw(st.sampled_from(["", "", "1", "2", "4"])),
                start=start,
                until=until,
            )
        )
    return [line for line in lines if line.number or line.email]


def check_jobs(here: World) -> None:
    for jobs in here.jobs.values():
        for one in jobs:
            assert one.until is None or one.until > one.start
            for other in jobs:
                if one is not other and (one.unit, one.role) == (other.unit, other.role):
                    assert (one.until is not None and one.until <= other.start) or (
                        other.until is not None and other.until <= one.start
                    ), jobs


@settings(max_examples=400, deadline=None)
@given(st.lists(files(), min_size=1, max_size=3), st.booleans())
def test_any_files_one_after_the_other(series: list[list[StaffLine]], full: bool) -> None:
    """Jobs never overlap or turn empty; the same file again changes nothing; nobody supervises themself."""
    here = World()
    for lines in series:
        before = {person: list(jobs) for person, jobs in here.jobs.items()}
        changes = here.plan(*lines, full=full)
        here.apply(changes)
        check_jobs(here)
        assert all(job.supervisor != person for person, jobs in here.jobs.items() for job in jobs)
        for person, jobs in before.items():
            # What was is never taken away, and no past day loses its job unless a row says when it ended.
            assert {job.id for job in jobs} <= {job.id for job in here.jobs[person]}
        again = [change for change in here.plan(*lines, full=full) if change.kind not in {"unchanged", "refused"}]
        assert again == []


@settings(max_examples=200, deadline=None)
@given(files(), files())
def test_without_an_end_only_a_transfer_ends_a_job(first: list[StaffLine], second: list[StaffLine]) -> None:
    here = World()
    here.apply(here.plan(*first))
    endless = [replace(row, until=None) for row in second]
    for change in here.plan(*endless):
        assert change.ending == 0
        assert not change.ends or change.opens or change.ends[0].until is None


@settings(max_examples=200, deadline=None)
@given(files(), files())
def test_after_a_full_file_nobody_else_holds_a_job(first: list[StaffLine], second: list[StaffLine]) -> None:
    here = World()
    here.apply(here.plan(*first))
    changes = here.plan(*second, full=True)
    here.apply(changes)
    known = here.snapshot()
    named = {person for row in second for _root, person in known.numbers.get(row.number, ())}
    named |= {known.emails[row.email] for row in second if row.email in known.emails}
    for person, jobs in here.jobs.items():
        if person not in named:
            assert all(job.start >= TODAY or (job.until is not None and job.until <= TODAY) for job in jobs)
