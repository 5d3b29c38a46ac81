"""Changes to a record: one person proposes, another decides, and only then the ledger gets its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from curricula.models import Course
from lms.accounts.models import Person
from lms.accounts.selectors import identities
from lms.audit.services import record
from lms.learning.enums import CompletionSource
from lms.learning.models import Completion
from lms.learning.services import record_completion, void_completion
from lms.portal.enums import ChangeKind, ChangeState
from lms.portal.models import RecordChange


class ChangeRefused(ValueError):
    """The step can't be taken; its text says why, in plain words."""


@dataclass(frozen=True)
class Taken:
    """How a course was taken. ``hours`` are credit hours in quarter hours (none: those of the course)."""

    started_on: date
    completed_on: date
    mode: str
    hours: Decimal | None = None
    place: str = ""
    instructor: str = ""


@transaction.atomic
def propose_completions(
    *,
    actor: Person,
    people: Sequence[Person],
    course: Course,
    taken: Taken,
    reason: str,
    keys: Sequence[UUID],
    now: datetime,
) -> list[RecordChange]:
    """Write for each of the people a completion that waits for a second person, and return these rows.

    ``keys``, one for each, make it safe to say twice. Raises ChangeRefused for whoever has the course of that day on
    record already, or waiting.
    """
    changes = []
    for person, key in zip(people, keys, strict=True):
        if (standing := RecordChange.objects.filter(key=key).first()) is not None:
            changes.append(standing)
            continue
        same = {"person__in": identities(person), "course": course, "completed_on": taken.completed_on}
        if Completion.objects.standing().filter(**same).exists():
            raise ChangeRefused(_("%(person)s has this course of that day on record already.") % {"person": person})
        if RecordChange.objects.filter(state=ChangeState.WAITING, kind=ChangeKind.ADD, **same).exists():
            raise ChangeRefused(_("This waits for approval already for %(person)s.") % {"person": person})
        changes.append(_propose(actor, person, ChangeKind.ADD, course, None, taken, reason, now, key=key))
    return changes


@transaction.atomic
def propose_correction(
    *, actor: Person, completion: Completion, taken: Taken | None, reason: str, now: datetime
) -> RecordChange:
    """Write a correction of a completion (``taken`` none: that it be taken back), which waits for a second person.

    Raises ChangeRefused for a row that no longer stands, and while another change of it waits.
    """
    completion = (
        Completion.objects.select_for_update(of=("self",))
        .select_related("person__merged_into", "course")
        .get(pk=completion.pk)
    )
    if not Completion.objects.standing().filter(pk=completion.pk).exists():
        raise ChangeRefused(_("This completion was taken back already."))
    if RecordChange.objects.filter(replaces=completion, state=ChangeState.WAITING).exists():
        raise ChangeRefused(_("Another change of this completion waits for approval. Decide that one first."))
    kind = ChangeKind.VOID if taken is None else ChangeKind.CORRECT
    as_it_stands = Taken(
        completion.started_on,
        completion.completed_on,
        completion.mode,
        completion.hours,
        completion.place,
        completion.instructor,
    )
    return _propose(actor, completion.person, kind, completion.course, completion, taken or as_it_stands, reason, now)


def _propose(
    actor: Person,
    person: Person,
    kind: ChangeKind,
    course: Course,
    replaces: Completion | None,
    taken: Taken,
    reason: str,
    now: datetime,
    key: UUID | None = None,
) -> RecordChange:
    if not reason.strip():
        raise ChangeRefused(_("Say why."))
    change = RecordChange(
        kind=kind,
        person=person,
        course=course,
        replaces=replaces,
        started_on=taken.started_on,
        completed_on=taken.completed_on,
        hours=taken.hours,
        mode=taken.mode,
        place=taken.place,
        instructor=taken.instructor,
        reason=reason.strip(),
        proposed_by=actor,
        proposed_at=now,
    )
    if key is not None:
        change.key = key
    change.save(force_insert=True)
    _record(actor, "completion.proposed", change, reason=change.reason)
    return change


@transaction.atomic
def approve_change(*, actor: Person, change: RecordChange, now: datetime) -> Completion:
    """Let the change happen and return the row of the ledger that it wrote. Saying it twice writes one.

    Raises ChangeRefused for one that is decided otherwise, for who proposed it, and for the person it is about.
    """
    change = _lock(change)
    if change.state == ChangeState.APPROVED and change.completion is not None:
        return change.completion
    _must_decide(actor, change)
    if change.replaces is not None:
        if not Completion.objects.standing().filter(pk=change.replaces.pk).exists():
            raise ChangeRefused(_("This completion was taken back in the meantime. Refuse the change."))
        written = void_completion(completion=change.replaces, reason=change.reason, actor=actor, now=now)
    if change.kind != ChangeKind.VOID:
        before = change.replaces
        written = record_completion(
            person=change.person,
            course=change.course,
            started_on=change.started_on,
            completed_on=change.completed_on,
            source=before.source if before else CompletionSource.ATTESTED,
            mode=change.mode,
            actor=actor,
            now=now,
            key=f"change:{change.key}",
            version=before.version if before else None,
            language=before.language if before else "en",
            score=before.score if before else None,
            hours=change.hours,
            place=change.place,
            instructor=change.instructor,
        )
    change.completion = written
    _decide(actor, change, ChangeState.APPROVED, "", now)
    _record(actor, "completion.approved", change, proposed_by=change.proposed_by.full_name)
    return written


@transaction.atomic
def refuse_change(*, actor: Person, change: RecordChange, reason: str, now: datetime) -> RecordChange:
    """Refuse the change and return it. Raises ChangeRefused as ``approve_change`` does, and without a reason."""
    change = _lock(change)
    _must_decide(actor, change)
    if not reason.strip():
        raise ChangeRefused(_("Say why, so that your colleague knows what to do."))
    _decide(actor, change, ChangeState.REFUSED, reason.strip(), now)
    _record(actor, "completion.refused", change, reason=change.decision)
    return change


@transaction.atomic
def withdraw_change(*, actor: Person, change: RecordChange, now: datetime) -> RecordChange:
    """Let who proposed it take the change back while nobody decided. Raises ChangeRefused otherwise."""
    change = _lock(change)
    if change.state == ChangeState.WITHDRAWN:
        return change
    _must_wait(change)
    if not identities(actor).filter(pk=change.proposed_by_id).exists():
        raise ChangeRefused(_("Only who asked for this can withdraw it."))
    change.state, change.decided_at = ChangeState.WITHDRAWN, now
    change.save(update_fields=["state", "decided_at"])
    _record(actor, "completion.withdrawn", change)
    return change


def _lock(change: RecordChange) -> RecordChange:
    rows = RecordChange.objects.select_for_update(of=("self",))
    return rows.select_related("person", "course", "proposed_by", "replaces", "completion").get(pk=change.pk)


def _must_wait(change: RecordChange) -> None:
    if change.state != ChangeState.WAITING:
        raise ChangeRefused(_("This is decided already."))


def _must_decide(actor: Person, change: RecordChange) -> None:
    _must_wait(change)
    own = set(identities(actor).values_list("pk", flat=True))
    if change.proposed_by_id in own:
        raise ChangeRefused(_("You asked for this. A second person decides."))
    if change.person_id in own:
        raise ChangeRefused(_("This is about your own record. Somebody else decides."))


def _decide(actor: Person, change: RecordChange, state: ChangeState, reason: str, now: datetime) -> None:
    change.state, change.decision, change.decided_by, change.decided_at = state, reason, actor, now
    change.save(update_fields=["state", "decision", "decided_by", "decided_at", "completion"])


def _record(actor: Person, action: str, change: RecordChange, **more: str) -> None:
    detail = {"course": change.course.code, "change": change.kind, "on": change.completed_on.isoformat(), **more}
    record(actor=actor, action=action, target=change.person, detail=detail)
