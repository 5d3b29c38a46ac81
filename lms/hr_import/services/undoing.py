"""Taking back what an import wrote, the last first: its jobs go, what it ended goes on, its completions are voided.
What was built upon since is left as it is, and said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar

from allauth.account.models import EmailAddress
from django.db import models, transaction
from django.db.models import ProtectedError, RestrictedError
from django.utils.translation import gettext as _

from lms.accounts.models import Person
from lms.accounts.selectors import find_by_email
from lms.agencies.models import Employment
from lms.agencies.signals import employment_changed
from lms.hr_import.enums import EffectKind, Note, RunState
from lms.hr_import.models import Effect, Evidence, ImportRun, PlanRow
from lms.hr_import.planning import Opening
from lms.jobs.services import JobTakenOver
from lms.learning.models import Completion
from lms.learning.services import void_completion

from .applying import Act, facts_of, fields_of, lock_run
from .plans import Report, no_report

EFFECTS_AT_A_TIME = 500
JOB_KINDS = (EffectKind.OPENED, EffectKind.ENDED, EffectKind.CORRECTED)

Thing = TypeVar("Thing", Employment, Person)


def undo_effects(*, run: ImportRun, actor: Person | None, now: datetime, report: Report = no_report) -> int:
    """Take back what is left of the run's effects and return how many had to be left."""
    done = 0
    while effects := _next_effects(run):
        _undo_piece(run, effects, actor, now)
        done += len(effects)
        report(done, "")
    # People after everything that names them.
    brought = Effect.objects.filter(run=run, brought__isnull=False).order_by("-pk")
    while effects := list(brought[:EFFECTS_AT_A_TIME]):
        _undo_people(run, effects)
        report(done, "")
    return run.effects.filter(left=True).count()


def _next_effects(run: ImportRun) -> list[Effect]:
    effects = Effect.objects.filter(run=run).order_by("-pk")
    if run.undone_through is not None:
        effects = effects.filter(pk__lt=run.undone_through)
    return list(effects[:EFFECTS_AT_A_TIME])


@dataclass
class _Undoing:
    """A piece of the effects with what they are about, locked."""

    run: ImportRun
    actor: Person | None
    now: datetime
    acts: dict[int, Act]
    jobs: dict[int, Employment]
    supervisors: dict[str, int]
    touched: set[int] = field(default_factory=set)

    def stands_as(self, job: Employment, opening: Opening) -> bool:
        supervisor = opening.supervisor
        if isinstance(supervisor, str):
            supervisor = self.supervisors.get(supervisor, job.supervisor_id)
            # The supervisor's own row may not have been written.
            supervisor = job.supervisor_id if job.supervisor_id is None else supervisor
        facts = facts_of(job)
        return Opening(*facts[1:]) == opening._replace(supervisor=supervisor)

    def opened(self, effects: list[Effect]) -> dict[int, Note]:
        """Take away the jobs that still stand as they were written; return the others with why."""
        left = {}
        going = []
        for effect in effects:
            job, opening = self.jobs.get(effect.key or 0), self.acts[effect.position].opens
            if job is None or opening is None or not self.stands_as(job, opening):
                left[effect.pk] = Note.BUILT_UPON
            else:
                going.append((effect, job))
        kept = _delete([job for _effect, job in going])
        for effect, job in going:
            if job in kept:
                left[effect.pk] = Note.BUILT_UPON
            else:
                self.touched.add(job.person_id)
        return left

    def ended(self, effect: Effect) -> Note | None:
        job = self.jobs.get(effect.key or 0)
        ending = next((end for end in self.acts[effect.position].ends if end.job == effect.key), None)
        if job is None or ending is None or job.valid_until != ending.until:
            return Note.BUILT_UPON
        if ending.until is not None and self._is_held_again(job, ending.until, ending.was):
            return Note.BUILT_UPON
        job.valid_until = ending.was
        job.save(update_fields=["valid_until"])
        self.touched.add(job.person_id)
        return None

    def _is_held_again(self, job: Employment, start: date, until: date | None) -> bool:
        same = Employment.objects.filter(person=job.person_id, agency=job.agency_id, job_role=job.job_role_id)
        later = same.exclude(pk=job.pk).filter(models.Q(valid_until=None) | models.Q(valid_until__gt=start))
        return (later.filter(valid_from__lt=until) if until else later).exists()

    def corrected(self, effect: Effect) -> Note | None:
        job, corrects = self.jobs.get(effect.key or 0), self.acts[effect.position].corrects
        if job is None or corrects is None or not self.stands_as(job, corrects[1]):
            return Note.BUILT_UPON
        was = Opening(*corrects[0][1:])
        for name, value in fields_of(was, corrects[0].supervisor).items():
            setattr(job, name, value)
        job.save()
        self.touched.add(job.person_id)
        return None

    def name(self, effect: Effect) -> Note | None:
        person = Person.objects.select_for_update(of=("self",)).filter(pk=effect.key or 0).first()
        if person is None or [person.first_name, person.last_name] != list(self.acts[effect.position].name or ()):
            return Note.BUILT_UPON
        person.first_name, person.last_name = effect.was or ("", "")
        person.save(update_fields=["first_name", "last_name"])
        return None

    def completion(self, effect: Effect) -> Note | None:
        self._void(Completion.objects.get(pk=effect.key or 0))
        return None

    def evidence(self, effect: Effect) -> Note | None:
        evidence = Evidence.objects.select_related("completion").filter(pk=effect.key or 0).first()
        if evidence is None:
            return None
        if evidence.completion is None:
            evidence.delete()
        else:
            self._void(evidence.completion)
        return None

    def _void(self, completion: Completion) -> None:
        void_completion(
            completion=completion,
            reason=_("The import that brought it was undone."),
            actor=self.actor,  # type: ignore[arg-type]  # no actor: the site itself
            now=self.now,
        )

    def skipped(self, effect: Effect) -> Note | None:
        return None


def _delete(things: list[Thing]) -> set[Thing]:
    """Delete these rows, and return those that something hangs on."""
    kept: set[Thing] = set()
    while going := [thing for thing in things if thing not in kept]:
        try:
            with transaction.atomic():
                type(going[0]).objects.filter(pk__in=[thing.pk for thing in going]).delete()
            break
        except ProtectedError as error:
            held = _named_by(error.protected_objects, type(going[0]))
        except RestrictedError as error:
            held = _named_by(error.restricted_objects, type(going[0]))
        kept |= {thing for thing in going if thing.pk in held} or set(going)
    return kept


def _named_by(rows: Iterable[models.Model], model: type[models.Model]) -> set[int]:
    """The keys of the model's rows that these rows point to."""
    return {
        getattr(row, field.attname)
        for row in rows
        for field in row._meta.concrete_fields
        if field.related_model is model
    }


@transaction.atomic
def _undo_piece(run: ImportRun, effects: list[Effect], actor: Person | None, now: datetime) -> None:
    if lock_run(run, RunState.UNDOING) is None:
        raise JobTakenOver
    rows = PlanRow.objects.filter(run=run, position__in={effect.position for effect in effects})
    keys = [effect.key for effect in effects if effect.kind in JOB_KINDS and effect.key is not None]
    acts = {row.position: Act.read(row) for row in rows}
    waited = {act.waiting_for for act in acts.values() if act.waiting_for}
    undoing = _Undoing(
        run=run,
        actor=actor,
        now=now,
        acts=acts,
        jobs=Employment.objects.select_for_update(of=("self",)).in_bulk(keys),
        supervisors={email: person.pk for email, person in find_by_email(waited).items()} if waited else {},
    )
    by_kind: dict[str, list[Effect]] = defaultdict(list)
    for effect in effects:
        by_kind[effect.kind].append(effect)
    # What was ended can only go on once what took its place is gone.
    left = undoing.opened(by_kind.pop(EffectKind.OPENED, []))
    for kind, same in by_kind.items():
        undo: Callable[[Effect], Note | None] = getattr(undoing, kind)
        left |= {effect.pk: note for effect in same if (note := undo(effect))}
    for note in set(left.values()):
        marked = [pk for pk, why in left.items() if why == note]
        Effect.objects.filter(pk__in=marked).update(left=True, notes=[(note, "", None)])
    if undoing.touched:
        employment_changed.send(sender=Employment, person_ids=sorted(undoing.touched))
    run.undone_through = effects[-1].pk
    run.save(update_fields=["undone_through"])


@transaction.atomic
def _undo_people(run: ImportRun, effects: list[Effect]) -> None:
    """Whom the import brought and nobody used goes; a record never does."""
    if lock_run(run, RunState.UNDOING) is None:
        raise JobTakenOver
    people = Person.objects.select_for_update(of=("self",)).in_bulk([effect.brought or 0 for effect in effects])
    known = set(EmailAddress.objects.filter(user__in=people).values_list("user_id", flat=True))
    used = {
        person
        for person in people.values()
        if person.pk in known or person.last_login is not None or person.has_usable_password()
    }
    kept = used | _delete([person for person in people.values() if person not in used])
    stay = [effect for effect in effects if people.get(effect.brought or 0) in kept]
    for effect in stay:
        effect.notes = [*effect.notes, (Note.PERSON_STAYS, "", None)]
        effect.left = True
        effect.save(update_fields=["left", "notes"])
    # Nobody is named any longer, so that none of these comes up again.
    Effect.objects.filter(pk__in=[effect.pk for effect in effects]).update(brought=None)
