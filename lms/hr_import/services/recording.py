"""Writing prior completions into the ledger, and matching what was kept as evidence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from curricula.models import Course
from lms.accounts.models import Person
from lms.accounts.selectors import resolve_person
from lms.audit.services import record
from lms.hr_import.enums import EffectKind, Note, RunState
from lms.hr_import.models import Effect, Evidence, ImportRun, PlanRow
from lms.hr_import.selectors import map_merged
from lms.jobs.services import JobTakenOver
from lms.learning.enums import CompletionMode, CompletionSource
from lms.learning.models import Completion
from lms.learning.services import record_completion

from .applying import NOTHING_TO_DO, Changed, lock_run, next_rows
from .errors import ImportRefused
from .opening import require_manager
from .plans import Report, no_report

# Each one is a row of the ledger with its audit row and its receivers.
COMPLETIONS_AT_A_TIME = 100
QUARTER = Decimal("0.25")

# Hours, score, provider.
Facts = tuple[Decimal | str | None, Decimal | str | None, str]


def apply_completions(*, run: ImportRun, actor: Person | None, now: datetime, report: Report = no_report) -> int:
    """Write what is left of the run's plan and return how many rows were left as they are.

    Raises Changed as ``apply_staff`` does.
    """
    done = PlanRow.objects.filter(run=run, position__lte=run.applied_through).exclude(kind__in=NOTHING_TO_DO).count()
    while rows := next_rows(run, COMPLETIONS_AT_A_TIME):
        _apply_rows(run, rows, actor, now)
        done += len(rows)
        report(done, "")
    return run.effects.filter(kind=EffectKind.SKIPPED).count()


@transaction.atomic
def _apply_rows(run: ImportRun, rows: Sequence[PlanRow], actor: Person | None, now: datetime) -> None:
    if lock_run(run, RunState.APPLYING) is None:
        raise JobTakenOver
    people = Person.objects.select_related("merged_into__merged_into").in_bulk(
        [row.person for row in rows if row.person is not None]
    )
    courses = Course.objects.in_bulk([row.act["course"] for row in rows if row.act and row.act["course"]])
    effects = []
    for row in rows:
        found = people.get(row.person) if row.person is not None else None
        act = row.act or {}
        person = resolve_person(found) if found else None
        course = courses.get(act.get("course"))
        effect = Effect(run=run, position=row.position, kind=EffectKind.SKIPPED)
        if person is None or (course and _stands(person, course, act["completed_on"])):
            if run.all_or_nothing:
                raise Changed
            effect.notes = [(Note.CHANGED_SINCE, "", None)]
        elif course:
            completion = _record(
                person,
                course,
                key=f"import:{run.pk}:{row.position}",
                completed_on=date.fromisoformat(act["completed_on"]),
                facts=(act["hours"], act["score"], act["provider"]),
                actor=actor,
                now=now,
            )
            effect.kind, effect.key = EffectKind.COMPLETION, completion.pk
        else:
            evidence = Evidence.objects.create(
                run=run,
                person=person,
                course_name=act["course_name"],
                **{name: act[name] for name in ("provider", "completed_on", "hours", "score")},
            )
            effect.kind, effect.key = EffectKind.EVIDENCE, evidence.pk
        effects.append(effect)
    Effect.objects.bulk_create(effects)
    run.applied_through = rows[-1].position
    run.save(update_fields=["applied_through"])


def _stands(person: Person, course: Course, day: str) -> bool:
    own = Completion.objects.standing().filter(person__in=map_merged([person.pk]), course=course)
    return own.filter(completed_on=day).exists()


def _record(
    person: Person, course: Course, *, key: str, completed_on: date, facts: Facts, actor: Person | None, now: datetime
) -> Completion:
    """Tell the ledger.  Neither version nor hours are made up: 0 says that the other system told none."""
    hours, score, provider = facts
    return record_completion(
        person=person,
        course=course,
        started_on=completed_on,
        completed_on=completed_on,
        source=CompletionSource.IMPORT,
        mode=CompletionMode.OUTSIDE,
        actor=actor,
        now=now,
        key=key,
        version=0,
        hours=Decimal(hours) // QUARTER * QUARTER if hours is not None else Decimal(0),
        score=Decimal(score) if score is not None else None,
        place=provider,
    )


@transaction.atomic
def match_evidence(*, actor: Person | None, run: ImportRun, course_name: str, course: Course, now: datetime) -> int:
    """Say which course it is that the run's file calls so, record the completions, and return how many.

    What the person completed on that day already is only marked as matched.  Raises ImportRefused when nothing with
    this name waits, or the run was undone.
    """
    run = ImportRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    require_manager(actor, run.agency, now)
    waiting = list(
        Evidence.objects.select_for_update(of=("self",))
        .filter(run=run, course_name=course_name, completion=None, course=None)
        .select_related("person__merged_into__merged_into")
    )
    if run.state != RunState.APPLIED or not waiting:
        raise ImportRefused(_("Nothing with this name waits to be matched."), field="course_name")
    written = 0
    for evidence in waiting:
        person = resolve_person(evidence.person)
        evidence.course = course
        if not _stands(person, course, evidence.completed_on.isoformat()):
            evidence.completion = _record(
                person,
                course,
                key=f"evidence:{evidence.pk}",
                completed_on=evidence.completed_on,
                facts=(evidence.hours, evidence.score, evidence.provider),
                actor=actor,
                now=now,
            )
            written += 1
        evidence.save(update_fields=["course", "completion"])
    record(
        actor=actor,
        action="completions.matched",
        target=run,
        detail={"course": course.code, "name": course_name, "completions": written},
    )
    return written
