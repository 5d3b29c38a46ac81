"""What a staff file would change: rows and what stands on record in, planned changes with their reasons out.

No database and no clock.  Identity is the employee number within an agency (the top of its tree) first, then the
e-mail address; never a name alone.  Name and address only keep a number that was given away twice from joining two
people.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NamedTuple

from .enums import ChangeKind, Note
from .lines import BadLine, Named, Remark, StaffLine


class Unit(NamedTuple):
    id: int
    name: str
    root: str
    closed_on: date | None


class Role(NamedTuple):
    id: int
    title: str


class Job(NamedTuple):
    """A job in a unit that the import is for; ``until`` is the first day it no longer holds."""

    id: int
    unit: int
    role: int
    supervisor: int | None
    number: str
    start: date
    until: date | None


class Known(NamedTuple):
    first_name: str
    last_name: str
    emails: frozenset[str]

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True)
class Places:
    """The units that the import is for and the shared job roles, by code in lower case."""

    units: Mapping[str, Unit]
    roles: Mapping[str, Role]
    unit_names: Mapping[int, str]
    role_titles: Mapping[int, str]


@dataclass(frozen=True)
class Snapshot:
    """What stands about the people whom some rows name.

    ``jobs`` holds the jobs, past ones included, of people who have or had one in the units; who is not in it is known
    by e-mail alone and stays unseen: nothing of theirs shows in a plan.
    """

    numbers: Mapping[str, Sequence[tuple[str, int]]] = field(default_factory=dict)
    emails: Mapping[str, int] = field(default_factory=dict)
    people: Mapping[int, Known] = field(default_factory=dict)
    jobs: Mapping[int, Sequence[Job]] = field(default_factory=dict)


class Opening(NamedTuple):
    """A job as it is to stand.  ``supervisor``: a person's key, or the e-mail of somebody whom the same file brings."""

    unit: int
    role: int
    supervisor: int | str | None
    number: str
    start: date
    until: date | None


class Ending(NamedTuple):
    job: int
    was: date | None
    until: date | None


@dataclass(frozen=True, slots=True)
class Change:
    """One planned change.  ``row`` is None for who is missing from the file; ``ending`` counts jobs that come to an end
    without a successor."""

    row: int | None
    kind: str
    label: str
    person: int | None = None
    newcomer: tuple[str, str, str] | None = None
    name: tuple[str, str] | None = None
    ends: tuple[Ending, ...] = ()
    opens: Opening | None = None
    corrects: tuple[Job, Opening] | None = None
    ending: int = 0
    differences: tuple[tuple[str, str, str], ...] = ()
    remarks: tuple[Remark, ...] = ()


class Refusal(Exception):
    """The row can't be taken."""

    def __init__(self, note: Note, column: str = "", **values: object) -> None:
        super().__init__(note)
        self.remark = Remark(note, column, values or None)


class FileKeys:
    """Who is named in the file, and where: gathered in a first pass, since a row's supervisor may come after it."""

    def __init__(self, units: Mapping[str, Unit]) -> None:
        self.units = units
        self.rows: dict[str, int] = {}
        self.emails: dict[str, str] = {}
        self.repeated: set[str] = set()
        self._emails_by_key: dict[str, str] = {}

    def key(self, line: StaffLine | Named) -> str:
        """The same for rows that seem to be about one person."""
        if not line.number:
            return line.email
        unit = self.units.get(line.unit)
        return f"{unit.root if unit else ''}\n{line.number}"

    def add(self, line: StaffLine | Named) -> None:
        key = self.key(line)
        if not key:
            return
        if key in self.rows:
            self.repeated.add(key)
        else:
            self.rows[key] = line.row
        # The first address of a number holds for all its rows; a further one is refused.
        if line.number and not self._emails_by_key.get(key):
            self._emails_by_key[key] = line.email
            if line.email:
                self.emails.setdefault(line.email, key)

    def check(self, line: StaffLine, first: StaffLine) -> None:
        """Raise Refusal when the row joins what an earlier row holds apart."""
        if line.email and first.email and line.email != first.email:
            raise Refusal(Note.OTHER_EMAIL_IN_FILE, "email", row=first.row)
        if not line.email:
            return
        owner = self.emails.get(line.email)
        if owner is not None and owner != self.key(line):
            if line.number:
                raise Refusal(Note.OTHER_NUMBER_IN_FILE, "employee_number", row=self.rows[owner])
            raise Refusal(Note.SAME_PERSON, "employee_number", row=self.rows[owner])

    def find_email(self, root: str, number: str) -> str | None:
        """The e-mail of the row with this number (empty: it has none); None when no row has the number."""
        key = f"{root}\n{number}"
        email = self._emails_by_key.get(key)
        return "" if email and self.emails[email] != key else email


class _Target(NamedTuple):
    """A line with what its codes stand for."""

    line: StaffLine
    unit: Unit
    role: Role
    supervisor: int | str | None
    remarks: tuple[Remark, ...]


class StaffPlanner:
    """Plans rows person by person, and remembers whom the file named."""

    def __init__(self, places: Places, keys: FileKeys, *, as_of: date, full: bool) -> None:
        self.places, self.keys, self.as_of, self.full = places, keys, as_of, full
        self.mentioned: set[int] = set()
        self.deferred: list[list[StaffLine]] = []
        self._settling = False
        self._brought: set[str] = set()
        self.unread_row: int | None = None
        self._first_row: dict[int, int] = {}

    def refuse(self, line: BadLine, known: Snapshot) -> Change:
        self._mention(line, known)
        return Change(line.row, ChangeKind.REFUSED, line.name, remarks=(line.remark,))

    def plan(self, lines: Sequence[StaffLine], known: Snapshot) -> list[Change]:
        """The changes of all rows that seem to be about one person, in the order of the rows; in a full run, then those
        of their jobs that no row names.

        Rows of people on record whose supervisor only this file brings are put off (``deferred``) until it is known
        whether the supervisor's own row is taken: plan those again after ``settle``.
        """
        changes: list[Change] = []
        targets: list[_Target] = []
        person: int | None = None
        given, lines = lines, self._complete(lines, known)
        for line, in_file in zip(lines, given, strict=True):
            self._mention(line, known)
            try:
                self.keys.check(line, lines[0])
                unit, role = self._find_place(line)
                found, remarks = self._identify(line, unit.root, known)
                if targets and found != person:
                    raise Refusal(Note.SAME_PERSON, "employee_number", row=targets[0].line.row)
                if targets and found is None and not in_file.email and not _share_a_name(line, targets[0].line):
                    raise Refusal(Note.NUMBER_OF_ANOTHER, "employee_number")
                if found is not None and self._first_row.setdefault(found, lines[0].row) != lines[0].row:
                    raise Refusal(Note.SAME_PERSON, "employee_number", row=self._first_row[found])
                for other in targets:
                    if (other.unit, other.role) == (unit, role):
                        raise Refusal(Note.SAME_ROW, row=other.line.row)
                supervisor = self._find_supervisor(line, unit.root, found, known)
            except Refusal as refusal:
                changes.append(_refused(line, refusal))
                continue
            if isinstance(supervisor, str) and found is not None:
                if not self._settling:
                    self.deferred.append(list(lines))
                    return []
                if supervisor not in self._brought:
                    supervisor, remarks = None, (*remarks, Remark(Note.NO_SUPERVISOR, "supervisor_employee_number"))
            person = found
            targets.append(_Target(line, unit, role, supervisor, remarks))
        if targets:
            changes += self._plan_jobs(person, targets, known, whole=not changes)
        self._brought.update(change.newcomer[0] for change in changes if change.newcomer)
        return sorted(changes, key=lambda change: (change.row is None, change.row))

    def _complete(self, lines: Sequence[StaffLine], known: Snapshot) -> Sequence[StaffLine]:
        """The rows of one number that nobody has yet: what one of them says of the person holds for all, or a second
        run, which knows the number, would bring in what the first one refused."""
        unit, number = self.places.units.get(lines[0].unit), lines[0].number
        if len(lines) == 1 or unit is None or any(root == unit.root for root, _person in known.numbers.get(number, ())):
            return lines
        email, first_name, last_name = (
            next((text for line in lines if (text := getattr(line, name))), "")
            for name in ("email", "first_name", "last_name")
        )
        return [
            replace(
                line,
                email=line.email or email,
                first_name=line.first_name or first_name,
                last_name=line.last_name or last_name,
            )
            for line in lines
        ]

    def settle(self) -> list[list[StaffLine]]:
        """End the first round; return the rows that were put off, person by person."""
        self._settling = True
        return self.deferred

    def plan_missing(self, person: int, known: Snapshot) -> list[Change]:
        """The changes of somebody whom a full file does not name."""
        if person in self.mentioned:
            return []
        return [
            change
            for job in known.jobs.get(person, ())
            if job.start < self.as_of and (job.until is None or job.until > self.as_of)
            for change in self._leave(person, job, known)
        ]

    # --- who, where

    def _mention(self, line: StaffLine | BadLine, known: Snapshot) -> None:
        self.mentioned.update(person for _root, person in known.numbers.get(line.number, ()))
        if line.email in known.emails:
            self.mentioned.add(known.emails[line.email])
        if not line.number and not line.email and self.unread_row is None:
            self.unread_row = line.row

    def _find_place(self, line: StaffLine) -> tuple[Unit, Role]:
        if (unit := self.places.units.get(line.unit)) is None:
            raise Refusal(Note.UNKNOWN_UNIT, "agency_code")
        if (role := self.places.roles.get(line.role)) is None:
            raise Refusal(Note.UNKNOWN_ROLE, "job_role")
        return unit, role

    def _identify(self, line: StaffLine, root: str, known: Snapshot) -> tuple[int | None, tuple[Remark, ...]]:
        """The person whom the row is about (None: somebody new)."""
        numbered = {person for at, person in known.numbers.get(line.number, ()) if at == root and line.number}
        by_email = known.emails.get(line.email) if line.email else None
        if len(numbered) > 1:
            if by_email not in numbered:
                raise Refusal(Note.NUMBER_TWICE, "employee_number")
            return by_email, ()
        if not numbered:
            if by_email is None:
                for column, text in (
                    ("email", line.email),
                    ("first_name", line.first_name),
                    ("last_name", line.last_name),
                ):
                    if not text:
                        raise Refusal(Note.MISSING, column)
            else:
                self._check_new_number(line, root, known.jobs.get(by_email, ()))
            return by_email, ()
        (person,) = numbered
        on_record = known.people[person]
        if by_email == person or not line.email:
            if line.email or not line.name or _share_a_name(line, on_record):
                return person, ()
            raise Refusal(Note.NUMBER_OF_ANOTHER, "employee_number")
        if by_email in known.jobs:
            raise Refusal(Note.TWO_PEOPLE, "email")
        if not _share_a_name(line, on_record):
            raise Refusal(Note.NUMBER_OF_ANOTHER, "employee_number")
        # Whether somebody out of sight has the address or nobody: the words are the same.
        return person, (Remark(Note.EMAIL_STAYS, "email"),)

    def _check_new_number(self, line: StaffLine, root: str, jobs: Sequence[Job]) -> None:
        """Raise Refusal when the number that the row replaces is another row's."""
        for job in jobs:
            row = self.keys.rows.get(f"{root}\n{job.number}") if job.number else None
            if row is not None and job.number != line.number:
                raise Refusal(Note.SAME_PERSON, "employee_number", row=row)

    def _find_supervisor(self, line: StaffLine, root: str, person: int | None, known: Snapshot) -> int | str | None:
        column = "supervisor_employee_number"
        if not line.supervisor:
            return None
        if line.supervisor == line.number:
            raise Refusal(Note.OWN_SUPERVISOR, column)
        numbered = {key for at, key in known.numbers.get(line.supervisor, ()) if at == root}
        if len(numbered) > 1:
            raise Refusal(Note.NUMBER_TWICE, column)
        found: int | str | None = next(iter(numbered), None)
        if found is None:
            email = self.keys.find_email(root, line.supervisor)
            if not email:
                raise Refusal(Note.UNKNOWN_SUPERVISOR, column)
            found = known.emails.get(email, email)
        if found is not None and found in (person, line.email):
            raise Refusal(Note.OWN_SUPERVISOR, column)
        return found

    # --- jobs

    def _plan_jobs(self, person: int | None, targets: list[_Target], known: Snapshot, *, whole: bool) -> list[Change]:
        jobs = list(known.jobs.get(person, ())) if person is not None else []
        left = [job for job in jobs if job.until is None or job.until > self.as_of]
        pairs: list[tuple[_Target, Job | None]] = []
        for target in targets:
            same = [job for job in left if (job.unit, job.role) == (target.unit.id, target.role.id)]
            if same:
                left.remove(same[-1])
            pairs.append((target, same[-1] if same else None))
        unpaired = [target for target, job in pairs if job is None]
        # What ends before another job begins is the past of that one, not a job that was left out.
        left = [job for job in left if not _is_followed(job, jobs)]
        # Of several rows that are not on record, one without a first day can only be what a job became.
        able = unpaired if len(unpaired) == 1 else [target for target in unpaired if target.line.start is None]
        mover, moving = (able[0], left.pop()) if len(able) == len(left) == 1 else (None, None)
        changes = []
        lasting = {job.id: job.until for job in jobs}
        # What the file ends or brings counts for the person's other rows too, wherever they stand.
        for target, job in sorted(pairs, key=lambda pair: (pair[1] is None, pair[0].line.start is None)):
            try:
                if job is not None:
                    change = self._keep(target, person, job, jobs, known)
                    lasting |= {ending.job: ending.until for ending in change.ends}
                elif moving is not None and target is mover:
                    change = self._move(target, person, moving, jobs, known)
                elif left and not self.full:
                    raise Refusal(Note.SEVERAL_JOBS)
                else:
                    change = self._add(target, person, jobs, list(lasting.values()), known)
                    if change.opens:
                        lasting[-target.line.row] = change.opens.until
            except Refusal as refusal:
                whole = False
                change = _refused(target.line, refusal)
            changes.append(self._rename(change, target, person, known) if target is targets[0] else change)
        if self.full and whole and person is not None:
            for job in left:
                if job.start < self.as_of:
                    changes += self._leave(person, job, known)
        return changes

    def _keep(self, target: _Target, person: int | None, job: Job, jobs: list[Job], known: Snapshot) -> Change:
        """The job stands already: its end, its supervisor or its number may differ."""
        line, until, remarks = target.line, job.until, list(target.remarks)
        if line.until is not None or (line.end_told and not _goes_on(job, jobs)):
            until = line.until
        differences = []
        if until != job.until:
            if until is not None and until <= job.start:
                raise Refusal(Note.END_BEFORE_START, "end_on")
            _check_free(jobs, job, job.start, until)
            differences.append(("end_on", _last_day(job.until), _last_day(until)))
        if line.start is not None and line.start > job.start:
            remarks.append(Remark(Note.START_STAYS, "start_on"))
        supervisor, number = target.supervisor or job.supervisor, line.number or job.number
        past = until is not None and until <= self.as_of
        if supervisor != job.supervisor and not past:
            was = _name_of(job.supervisor, known)
            differences.append(("supervisor_employee_number", was, _boss(target, known)))
        else:
            supervisor = job.supervisor
        if number != job.number and not past:
            differences.append(("employee_number", job.number, number))
        else:
            number = job.number
        ending = int(until is not None and until != job.until)
        change = Change(
            line.row,
            (ChangeKind.LEAVING if ending and job.until is None else ChangeKind.CHANGED)
            if differences
            else ChangeKind.UNCHANGED,
            _label(line, person, known),
            person,
            ending=ending,
            differences=tuple(differences),
            remarks=tuple(remarks),
        )
        if supervisor != job.supervisor and job.start < self.as_of:
            opens = Opening(job.unit, job.role, supervisor, number, self.as_of, until)
            return replace(change, ends=(Ending(job.id, job.until, self.as_of),), opens=opens)
        if supervisor != job.supervisor or number != job.number:
            return replace(change, corrects=(job, Opening(job.unit, job.role, supervisor, number, job.start, until)))
        return replace(change, ends=(Ending(job.id, job.until, until),)) if until != job.until else change

    def _move(self, target: _Target, person: int | None, job: Job, jobs: list[Job], known: Snapshot) -> Change:
        """The one job of the person's that no row names becomes the one job that is not on record."""
        line, unit, role = target.line, target.unit, target.role
        if line.until is not None and line.until <= job.start:
            return self._add_past(target, person, jobs, known)
        day = line.start if line.start is not None and line.start > job.start else self.as_of
        until = line.until if line.until is not None or line.end_told else job.until
        change = Change(
            line.row,
            ChangeKind.MOVED if unit.id != job.unit else ChangeKind.CHANGED,
            _label(line, person, known),
            person,
            remarks=target.remarks,
        )
        if until is not None and until <= day:
            return replace(
                change,
                kind=ChangeKind.LEAVING,
                ends=(Ending(job.id, job.until, until),) if until != job.until else (),
                ending=1,
                differences=(("end_on", _last_day(job.until), _last_day(until)),),
            )
        differences = []
        if unit.id != job.unit:
            differences.append(("agency_code", self.places.unit_names.get(job.unit, ""), unit.name))
        if role.id != job.role:
            differences.append(("job_role", self.places.role_titles.get(job.role, ""), role.title))
        # A new place has a new supervisor; a new role at the same place keeps the one it had.
        supervisor = target.supervisor or (job.supervisor if unit.id == job.unit else None)
        if supervisor != job.supervisor:
            was = _name_of(job.supervisor, known)
            differences.append(("supervisor_employee_number", was, _boss(target, known)))
        start = max(day, job.start)
        differences.append(("start_on", job.start.isoformat(), start.isoformat()))
        _check_open(unit, start)
        others = [other for other in jobs if (other.unit, other.role) == (unit.id, role.id)]
        _check_free(others, None, start, until)
        opening = Opening(unit.id, role.id, supervisor, line.number or job.number, start, until)
        ending = int(until is not None and until != job.until)
        change = replace(change, differences=tuple(differences), ending=ending)
        if job.start >= day:
            # It has not held for a day yet: there is no past to keep.
            return replace(change, corrects=(job, opening))
        ends = (Ending(job.id, job.until, day),) if job.until is None or job.until > day else ()
        return replace(change, ends=ends, opens=opening)

    def _add(
        self, target: _Target, person: int | None, jobs: list[Job], lasting: list[date | None], known: Snapshot
    ) -> Change:
        """A job beside no other that the row could mean: somebody new, a further job, or somebody who comes back.

        ``lasting`` has the end of each job on record and in the file, as both leave it.
        """
        line = target.line
        if line.until is not None and line.until <= self.as_of:
            return self._add_past(target, person, jobs, known)
        held = any(until is None or until > self.as_of for until in lasting)
        remarks = target.remarks
        if line.start is None and (held or not lasting):
            raise Refusal(Note.MISSING, "start_on")
        start = line.start or self.as_of
        same = [job for job in jobs if (job.unit, job.role) == (target.unit.id, target.role.id)]
        if any(_overlap(job, start, line.until) for job in same):
            # All of them ended; a stale first day does not say that the days between were worked.
            start = self.as_of
            remarks += (Remark(Note.BACK_TODAY, "start_on", {"day": start.isoformat()}),)
        if held:
            remarks += (Remark(Note.SECOND_JOB),)
        gone = bool(jobs) and all(job.until is not None and job.until <= self.as_of for job in jobs)
        kind = ChangeKind.REHIRED if gone and not held else ChangeKind.NEW
        return self._open(target, person, known, kind, start, same, remarks)

    def _add_past(self, target: _Target, person: int | None, jobs: list[Job], known: Snapshot) -> Change:
        """The row tells of a job that is over."""
        line = target.line
        label = _label(line, person, known)
        if any(job.until == line.until for job in jobs):
            return Change(line.row, ChangeKind.UNCHANGED, label, person, remarks=target.remarks)
        same = [job for job in jobs if (job.unit, job.role) == (target.unit.id, target.role.id)]
        over = [job for job in same if _overlap(job, line.start or date.min, line.until)]
        if over:
            job = over[-1]
            if line.until is not None and line.until <= job.start:
                raise Refusal(Note.END_BEFORE_START, "end_on")
            _check_free(same, job, job.start, line.until)
            return Change(
                line.row,
                ChangeKind.CHANGED,
                label,
                person,
                ends=(Ending(job.id, job.until, line.until),),
                differences=(("end_on", _last_day(job.until), _last_day(line.until)),),
                remarks=target.remarks,
            )
        if line.start is None:
            raise Refusal(Note.MISSING, "start_on")
        remarks = (*target.remarks, Remark(Note.SECOND_JOB)) if jobs else target.remarks
        return self._open(target, person, known, ChangeKind.NEW, line.start, same, remarks)

    def _open(
        self,
        target: _Target,
        person: int | None,
        known: Snapshot,
        kind: ChangeKind,
        start: date,
        same: list[Job],
        remarks: tuple[Remark, ...],
    ) -> Change:
        line = target.line
        if line.until is not None and line.until <= start:
            raise Refusal(Note.END_BEFORE_START, "end_on")
        _check_open(target.unit, start)
        _check_free(same, None, start, line.until)
        facts = [("agency_code", target.unit.name), ("job_role", target.role.title), ("start_on", start.isoformat())]
        if line.until is not None:
            facts.append(("end_on", _last_day(line.until)))
        return Change(
            line.row,
            kind,
            _label(line, person, known),
            person,
            newcomer=(line.email, line.first_name, line.last_name) if person is None else None,
            opens=Opening(target.unit.id, target.role.id, target.supervisor, line.number, start, line.until),
            differences=tuple((column, "", text) for column, text in facts),
            remarks=remarks,
        )

    def _leave(self, person: int, job: Job, known: Snapshot) -> Iterable[Change]:
        label = _name_of(person, known)
        if self.unread_row is not None:
            yield Change(
                None,
                ChangeKind.REFUSED,
                label,
                person,
                remarks=(Remark(Note.UNREAD_ROW, "", {"row": self.unread_row}),),
            )
            return
        yield Change(
            None,
            ChangeKind.LEAVING,
            label,
            person,
            ends=(Ending(job.id, job.until, self.as_of),),
            ending=1,
            differences=(
                ("agency_code", self.places.unit_names.get(job.unit, ""), ""),
                ("end_on", _last_day(job.until), _last_day(self.as_of)),
            ),
            remarks=(Remark(Note.NOT_IN_FILE),),
        )

    def _rename(self, change: Change, target: _Target, person: int | None, known: Snapshot) -> Change:
        """A name on record follows the file, for people of the units that the import is for."""
        line = target.line
        if change.kind == ChangeKind.REFUSED or person not in known.jobs or person is None:
            return change
        on_record = known.people[person]
        name = (line.first_name or on_record.first_name, line.last_name or on_record.last_name)
        if name == (on_record.first_name, on_record.last_name):
            return change
        differences = [
            (column, old, new)
            for column, old, new in zip(
                ("first_name", "last_name"), (on_record.first_name, on_record.last_name), name, strict=True
            )
            if old != new
        ]
        kind = ChangeKind.CHANGED if change.kind == ChangeKind.UNCHANGED else change.kind
        return replace(change, kind=kind, name=name, differences=(*differences, *change.differences))


def _refused(line: StaffLine, refusal: Refusal) -> Change:
    return Change(line.row, ChangeKind.REFUSED, line.name or line.email or line.number, remarks=(refusal.remark,))


def _share_a_name(line: StaffLine, known: Known | StaffLine) -> bool:
    return (
        line.last_name.casefold() == known.last_name.casefold() != ""
        or line.first_name.casefold() == known.first_name.casefold() != ""
    )


def _name_of(person: int | str | None, known: Snapshot) -> str:
    return known.people[person].name if isinstance(person, int) and person in known.people else ""


def _label(line: StaffLine, person: int | None, known: Snapshot) -> str:
    """The file's own words: of somebody out of sight nothing else may show."""
    return line.name or (_name_of(person, known) if person in known.jobs else "") or line.email or line.number


def _boss(target: _Target, known: Snapshot) -> str:
    """The new supervisor's name, as far as it is on record; else as the file has them."""
    seen = target.supervisor in known.jobs
    return (_name_of(target.supervisor, known) if seen else "") or target.line.supervisor


def _last_day(until: date | None) -> str:
    return date.fromordinal(until.toordinal() - 1).isoformat() if until else ""


def _overlap(job: Job, start: date, until: date | None) -> bool:
    return (until is None or job.start < until) and (job.until is None or job.until > start)


def _goes_on(job: Job, jobs: Sequence[Job]) -> bool:
    """Whether another job takes over on the day that this one ends."""
    return job.until is not None and any(other.start == job.until for other in jobs)


def _is_followed(job: Job, jobs: Sequence[Job]) -> bool:
    """Whether another job begins on the day that this one ends, or later."""
    return job.until is not None and any(other.start >= job.until for other in jobs)


def _check_free(jobs: Sequence[Job], itself: Job | None, start: date, until: date | None) -> None:
    """Raise Refusal when the days are taken by a job at the same place in the same role."""
    for job in jobs:
        if itself is not None and (job.id == itself.id or (job.unit, job.role) != (itself.unit, itself.role)):
            continue
        if _overlap(job, start, until):
            raise Refusal(Note.OVERLAPS, "start_on")


def _check_open(unit: Unit, start: date) -> None:
    if unit.closed_on is not None and unit.closed_on <= start:
        raise Refusal(Note.UNIT_CLOSED, "agency_code")
