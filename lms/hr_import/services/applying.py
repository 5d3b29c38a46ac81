"""Writing what a staff file changes: in pieces, each with the mark of how far the run is, so that a kill loses and
doubles nothing."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import transaction

from lms.accounts.models import Person
from lms.accounts.selectors import find_by_email
from lms.agencies.models import Agency, Employment, JobRole
from lms.agencies.signals import employment_changed
from lms.hr_import.enums import ChangeKind, EffectKind, Note, RunState
from lms.hr_import.models import Effect, ImportRun, PlanRow
from lms.hr_import.planning import Ending, Job, Opening
from lms.hr_import.selectors import map_merged
from lms.jobs.services import JobTakenOver

from .bulk import encode, insert_rows
from .plans import ROWS_AT_A_TIME, Report, no_report

NOTHING_TO_DO = (ChangeKind.UNCHANGED, ChangeKind.REFUSED)


class Changed(Exception):
    """What stands is no longer what the plan was made from."""


def lock_run(run: ImportRun, state: RunState) -> ImportRun | None:
    """The run's row, locked; None when it is in another state or another worker went further meanwhile."""
    locked = ImportRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    same = (locked.applied_through, locked.undone_through) == (run.applied_through, run.undone_through)
    return locked if locked.state == state and same else None


def next_rows(run: ImportRun, size: int = ROWS_AT_A_TIME) -> list[PlanRow]:
    rows = PlanRow.objects.filter(run=run, position__gt=run.applied_through).exclude(kind__in=NOTHING_TO_DO)
    return list(rows.order_by("position")[:size])


def apply_staff(*, run: ImportRun, report: Report = no_report) -> int:
    """Write what is left of the run's plan and return how many rows were left as they are.

    Raises Changed in a run of all or nothing, at the first row that changed after the preview; what was written before
    stands, and is for the caller to undo.
    """
    done = PlanRow.objects.filter(run=run, position__lte=run.applied_through).exclude(kind__in=NOTHING_TO_DO).count()
    while rows := next_rows(run):
        _apply_rows(run, rows)
        done += len(rows)
        report(done, "")
    _fill_in_supervisors(run)
    return run.effects.filter(kind=EffectKind.SKIPPED).count()


@dataclass
class _Piece:
    """What one piece of the plan writes, gathered before it is written."""

    run: ImportRun
    newcomers: dict[str, Person] = field(default_factory=dict)
    brought: dict[int, int] = field(default_factory=dict)
    effects: list[tuple[object, ...]] = field(default_factory=list)
    ends: dict[date | None, list[int]] = field(default_factory=lambda: defaultdict(list))
    corrected: list[Employment] = field(default_factory=list)
    renamed: list[Person] = field(default_factory=list)
    opened: list[tuple[int, Employment, str]] = field(default_factory=list)
    touched: set[int] = field(default_factory=set)

    def note(
        self,
        position: int,
        kind: EffectKind,
        key: int | None = None,
        *,
        was: object = None,
        now: object = None,
        notes: Sequence[tuple[str, str, object]] = (),
    ) -> None:
        """Remember an effect; whom the row brought is remembered with its first."""
        brought = self.brought.pop(position, None)
        values = [encode(value) if value is not None else None for value in (was, now)]
        self.effects.append((self.run.pk, position, str(kind), key, brought, *values, False, encode(notes)))


COLUMNS_OF_EFFECT = ("run", "position", "kind", "key", "brought", "was", "now", "left", "notes")


@transaction.atomic
def _apply_rows(run: ImportRun, rows: list[PlanRow]) -> None:
    if lock_run(run, RunState.APPLYING) is None:
        raise JobTakenOver
    acts = [(row, Act.read(row)) for row in rows]
    piece = _Piece(run)
    piece.newcomers = find_by_email(act.newcomer[0] for _row, act in acts if act.newcomer)
    standing = _Standing.load([act for _row, act in acts], piece)
    fitting = []
    for row, act in acts:
        try:
            standing.check(act, piece)
        except Changed:
            if run.all_or_nothing:
                raise
            piece.note(row.position, EffectKind.SKIPPED, notes=[(Note.CHANGED_SINCE, "", None)])
        else:
            fitting.append((row.position, act))
    _create_newcomers(piece, fitting)
    for position, act in fitting:
        standing.gather(position, act, piece)
    _write(piece)
    run.applied_through = rows[-1].position
    run.save(update_fields=["applied_through"])


@dataclass
class Act:
    """A planned row's act, read back."""

    person: int | None
    newcomer: tuple[str, str, str] | None
    name: tuple[str, str] | None
    ends: list[Ending]
    opens: Opening | None
    corrects: tuple[Job, Opening] | None

    @classmethod
    def read(cls, row: PlanRow) -> Act:
        act = row.act or {}
        corrects = act.get("corrects")
        return cls(
            person=row.person,
            newcomer=act.get("newcomer"),
            name=act.get("name"),
            ends=[Ending(job, _day(was), _day(until)) for job, was, until in act.get("ends", ())],
            opens=_opening(act["opens"]) if "opens" in act else None,
            corrects=(_job(corrects[0]), _opening(corrects[1])) if corrects else None,
        )

    @property
    def waiting_for(self) -> str:
        """The e-mail of a supervisor whom the file brings."""
        openings = (self.opens, self.corrects[1] if self.corrects else None)
        return next((job.supervisor for job in openings if job and isinstance(job.supervisor, str)), "")


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _opening(values: list[Any]) -> Opening:
    unit, role, supervisor, number, start, until = values
    return Opening(unit, role, supervisor, number, date.fromisoformat(start), _day(until))


def _job(values: list[Any]) -> Job:
    key, unit, role, supervisor, number, start, until = values
    return Job(key, unit, role, supervisor, number, date.fromisoformat(start), _day(until))


def _create_newcomers(piece: _Piece, acts: list[tuple[int, Act]]) -> None:
    """Create the persons whom the file brings and nobody else brought meanwhile."""
    wanted = {act.newcomer[0]: (position, act.newcomer) for position, act in reversed(acts) if act.newcomer}
    new = [
        Person(
            email=email,
            first_name=first,
            last_name=last,
            sort_name=f"{last}, {first}".casefold()[:260],
            # As set_unusable_password does, whose forty draws of one sign each are what a large file would wait for.
            password=UNUSABLE_PASSWORD_PREFIX + secrets.token_urlsafe(30),
        )
        for email, (_position, (_email, first, last)) in wanted.items()
        if email not in piece.newcomers
    ]
    for person in Person.objects.bulk_create(new):
        piece.brought[wanted[person.email][0]] = person.pk
        piece.newcomers[person.email] = person


@dataclass
class _Standing:
    """What stands now about the people and jobs that a piece of the plan is about."""

    jobs: dict[int, Employment]
    held: dict[int, list[Job]]
    owner: dict[int, int]
    people: dict[int, Person]
    units: dict[int, date | None]
    roles: set[int]
    bosses: set[int]
    supervisors: dict[str, int]

    @classmethod
    def load(cls, acts: list[Act], piece: _Piece) -> _Standing:
        keys = {ending.job for act in acts for ending in act.ends} | {
            act.corrects[0].id for act in acts if act.corrects
        }
        people = {person.pk for person in piece.newcomers.values()} | {
            act.person for act in acts if act.person is not None
        }
        # No constraint keeps one job from standing twice: who writes jobs of the same people waits here.
        locked = Person.objects.select_for_update(of=("self",)).filter(merged_into=None).order_by("pk").in_bulk(people)
        owner = map_merged(people)
        held: dict[int, list[Job]] = defaultdict(list)
        for person, *job in Employment.objects.filter(person__in=owner).values_list(
            "person_id",
            *("pk", "agency_id", "job_role_id", "supervisor_id", "employee_number", "valid_from", "valid_until"),
        ):
            held[owner[person]].append(Job(*job))
        openings = [job for act in acts for job in (act.opens, act.corrects[1] if act.corrects else None) if job]
        supervisors = {act.waiting_for for act in acts if act.waiting_for}
        units = Agency.objects.filter(pk__in={job.unit for job in openings})
        roles = JobRole.objects.filter(pk__in={job.role for job in openings})
        bosses = Person.objects.filter(pk__in={job.supervisor for job in openings if isinstance(job.supervisor, int)})
        return cls(
            jobs=Employment.objects.select_for_update(of=("self",)).in_bulk(keys),
            held=held,
            owner=owner,
            people=locked,
            units=dict(units.values_list("pk", "closed_on")),
            roles=set(roles.values_list("pk", flat=True)),
            bosses=set(bosses.values_list("pk", flat=True)),
            supervisors={email: person.pk for email, person in find_by_email(supervisors).items()}
            if supervisors
            else {},
        )

    def check(self, act: Act, piece: _Piece) -> None:
        """Raise Changed when the act no longer fits."""
        if act.person is not None and act.person not in self.people:
            raise Changed
        for job, was, until in act.ends:
            stands = self.jobs.get(job)
            if stands is None or stands.valid_until != was or (until is not None and until <= stands.valid_from):
                raise Changed
            if was is not None and (until is None or until > was):
                longer = Opening(stands.agency_id, stands.job_role_id, None, "", was, until)
                self._check_free(act, self.owner.get(stands.person_id, stands.person_id), longer, itself=job)
        if act.corrects:
            job_was, _now = act.corrects
            stands = self.jobs.get(job_was.id)
            if stands is None or facts_of(stands) != job_was:
                raise Changed
        person = self._person_of(act, piece)
        for opening in (act.opens, act.corrects[1] if act.corrects else None):
            if opening is None:
                continue
            if (person is not None and opening.supervisor == person) or not self._is_there(opening):
                raise Changed
            # Nobody who is still to be created holds a job.
            if person is not None:
                self._check_free(act, person, opening, itself=act.corrects[0].id if act.corrects else None)

    def _is_there(self, opening: Opening) -> bool:
        """Whether the unit is open by then, and role and supervisor are still on record."""
        closed_on = self.units.get(opening.unit)
        is_open = opening.unit in self.units and (closed_on is None or closed_on > opening.start)
        has_boss = not isinstance(opening.supervisor, int) or opening.supervisor in self.bosses
        return is_open and opening.role in self.roles and has_boss

    def _check_free(self, act: Act, person: int, opening: Opening, *, itself: int | None) -> None:
        ending = {job: until for job, _was, until in act.ends}
        for job in self.held.get(person, ()):
            until = ending.get(job.id, job.until)
            same = (job.unit, job.role) == (opening.unit, opening.role) and job.id != itself
            begins_before = opening.until is None or job.start < opening.until
            if same and begins_before and (until is None or until > opening.start):
                raise Changed

    def _person_of(self, act: Act, piece: _Piece) -> int | None:
        if act.newcomer:
            newcomer = piece.newcomers.get(act.newcomer[0])
            return newcomer.pk if newcomer else None
        return act.person

    def gather(self, position: int, act: Act, piece: _Piece) -> None:
        """Take the act up for writing, and remember what undoing needs."""
        person = self._person_of(act, piece)
        if person is not None:
            piece.touched.add(person)
        if act.name and act.person is not None:
            stands = self.people[act.person]
            was = [stands.first_name, stands.last_name]
            stands.first_name, stands.last_name = act.name
            stands.sort_name = f"{stands.last_name}, {stands.first_name}".casefold()[:260]
            piece.renamed.append(stands)
            piece.note(position, EffectKind.NAME, stands.pk, was=was)
        for job, _was, until in act.ends:
            piece.ends[until].append(job)
            piece.note(position, EffectKind.ENDED, job)
        if act.corrects:
            job_was, opening = act.corrects
            job_row = self.jobs[job_was.id]
            supervisor, waiting = self._supervisor(opening, person, piece)
            for name, value in fields_of(opening, supervisor).items():
                setattr(job_row, name, value)
            piece.corrected.append(job_row)
            piece.note(position, EffectKind.CORRECTED, job_was.id)
            if waiting:
                piece.note(
                    position, EffectKind.SKIPPED, job_was.id, now=waiting, notes=[(Note.NO_SUPERVISOR, "", None)]
                )
        if act.opens and person is not None:
            supervisor, waiting = self._supervisor(act.opens, person, piece)
            opened = Employment(person_id=person, **fields_of(act.opens, supervisor))
            piece.opened.append((position, opened, waiting))
            self.held[person].append(Job(0, *act.opens._replace(supervisor=supervisor)))  # type: ignore[arg-type]

    def _supervisor(self, opening: Opening, person: int | None, piece: _Piece) -> tuple[int | None, str]:
        """The supervisor's key; and the e-mail that is still waited for, if the file brings them in a later piece."""
        if isinstance(opening.supervisor, str):
            newcomer = piece.newcomers.get(opening.supervisor)
            found = newcomer.pk if newcomer else self.supervisors.get(opening.supervisor)
            return found if found != person else None, "" if found else opening.supervisor
        return opening.supervisor, ""


def facts_of(job: Employment) -> Job:
    return Job(
        job.pk,
        job.agency_id,
        job.job_role_id,
        job.supervisor_id,
        job.employee_number,
        job.valid_from,
        job.valid_until,
    )


def fields_of(opening: Opening, supervisor: int | None) -> dict[str, Any]:
    return {
        "agency_id": opening.unit,
        "job_role_id": opening.role,
        "supervisor_id": supervisor,
        "employee_number": opening.number,
        "valid_from": opening.start,
        "valid_until": opening.until,
    }


def _write(piece: _Piece) -> None:
    Person.objects.bulk_update(piece.renamed, ["first_name", "last_name", "sort_name"])
    for until, jobs in piece.ends.items():
        Employment.objects.filter(pk__in=jobs).update(valid_until=until)
    Employment.objects.bulk_update(
        piece.corrected, ["agency", "job_role", "supervisor", "employee_number", "valid_until"]
    )
    Employment.objects.bulk_create(job for _position, job, _waiting in piece.opened)
    for position, job, waiting in piece.opened:
        piece.note(position, EffectKind.OPENED, job.pk)
        if waiting:
            piece.note(position, EffectKind.SKIPPED, job.pk, now=waiting, notes=[(Note.NO_SUPERVISOR, "", None)])
    insert_rows(Effect, COLUMNS_OF_EFFECT, piece.effects)
    if piece.touched:
        employment_changed.send(sender=Employment, person_ids=sorted(piece.touched))


def _fill_in_supervisors(run: ImportRun) -> None:
    """Name the supervisors whom a later row of the file brought."""
    waiting = Effect.objects.filter(run=run, kind=EffectKind.SKIPPED, key__isnull=False).order_by("pk")
    last = 0
    while piece := list(waiting.filter(pk__gt=last)[:ROWS_AT_A_TIME]):
        last = piece[-1].pk
        _fill_in_piece(piece)


@transaction.atomic
def _fill_in_piece(piece: Collection[Effect]) -> None:
    found = find_by_email({str(effect.now) for effect in piece})
    jobs: dict[int, list[int]] = defaultdict(list)
    filled: set[int] = set()
    for effect in piece:
        supervisor = found.get(str(effect.now))
        if supervisor is not None and effect.key is not None:
            jobs[supervisor.pk].append(effect.key)
            filled.add(effect.key)
    for supervisor_id, keys in jobs.items():
        Employment.objects.filter(pk__in=keys).exclude(person_id=supervisor_id).update(supervisor_id=supervisor_id)
    # What is left says which jobs stand without a supervisor.
    Effect.objects.filter(pk__in=[effect.pk for effect in piece if effect.key in filled]).delete()
