"""Reads that put several apps together for one screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from certificates.models import Certificate
from certificates.selectors import list_certificates
from lms.accounts.models import Person
from lms.accounts.selectors import identities, resolve_person
from lms.agencies.querysets import DatedQuerySet, holds_on
from lms.agencies.selectors import answerable_for, list_employments, visible_to
from lms.audit.models import AuditEvent
from lms.compliance.enums import Audience, Status
from lms.compliance.models import Reminder, Requirement, Waiver
from lms.compliance.obligations import Obligation
from lms.compliance.selectors import Stretch, list_history, list_obligations
from lms.learning.models import Completion, CompletionQuerySet, Enrollment, ExternalCredit
from lms.portal.enums import ASSIGNED, REMINDED, ChangeState
from lms.portal.models import RecordChange


@dataclass(frozen=True)
class TrainingRecord:
    """Everything that one person's page shows: duties, courses begun, the ledger, certificates."""

    owed: list[Obligation]
    electives: list[Obligation]
    met: list[Obligation]
    begun: list[Enrollment]
    completions: CompletionQuerySet
    certificates: list[tuple[Certificate, str]]  # with the status on the day
    employments: DatedQuerySet
    waivers: dict[int, Waiver]  # those of the day, by requirement

    @property
    def next_due(self) -> date | None:
        return min((line.due_on for line in self.owed if line.due_on), default=None)

    @property
    def next_step(self) -> Obligation | None:
        """The first duty that can be begun now."""
        return next((line for line in self.owed if line.can_begin), None)

    @property
    def overdue(self) -> int:
        return sum(line.status in {Status.OVERDUE, Status.EXPIRED} for line in self.owed)


def get_training_record(person: Person, *, as_of: date) -> TrainingRecord:
    """Return the person's training as of the day, records of merged persons included."""
    lines = list_obligations([person], as_of=as_of).get(person.pk, [])
    own = identities(person)
    owed_courses = {line.course.pk for line in lines}
    completions = Completion.objects.standing().filter(person__in=own, completed_on__lte=as_of).select_related("course")
    return TrainingRecord(
        owed=[line for line in lines if line.mandatory and line.owed],
        electives=[line for line in lines if not line.mandatory and line.owed],
        met=[line for line in lines if not line.owed],
        begun=list(
            Enrollment.objects.filter(person__in=own, finished_at=None)
            .select_related("course")
            .order_by("-last_seen_at")
        ),
        completions=completions.exclude(course__in=owed_courses),
        certificates=[(certificate, certificate.status_on(as_of)) for certificate in list_certificates(own)],
        employments=list_employments(person, as_of=as_of),
        waivers={
            waiver.requirement_id: waiver
            for waiver in Waiver.objects.standing()
            .filter(holds_on(as_of), person__in=own)
            .select_related("approved_by", "recorded_by")
        },
    )


@dataclass(frozen=True)
class DutyLine:
    """A duty of the person on the day with its reason, how it went over the years, and its waiver."""

    obligation: Obligation
    history: Sequence[Stretch]
    waiver: Waiver | None

    @property
    def assigned(self) -> bool:
        """Whether a manager assigned it, and may take it back."""
        return self.obligation.requirement.code.startswith(ASSIGNED)


class ReminderNote(NamedTuple):
    """That the person was reminded on a day, and by whom (empty: by the site itself)."""

    day: date
    by: str


@dataclass(frozen=True)
class PersonPage:
    """What a manager's page of one person shows."""

    record: TrainingRecord
    lines: Sequence[DutyLine]
    past: Sequence[tuple[Requirement, Sequence[Stretch]]]  # what applied once, and no longer does
    completions: CompletionQuerySet  # all, the latest first
    reminders: Sequence[ReminderNote]
    changes: Sequence[RecordChange]  # waiting
    waivers: Sequence[Waiver]  # standing, which end later or never


def get_person_page(person: Person, *, as_of: date) -> PersonPage:
    """Return the whole record of the person as of the day: as many queries for a long record as for a short one."""
    record = get_training_record(person, as_of=as_of)
    own = identities(person)
    history = list_history(person, until=as_of + timedelta(days=1))
    shown = [*record.owed, *record.electives, *record.met]
    current = {line.requirement.pk for line in shown}
    return PersonPage(
        record=record,
        lines=[
            DutyLine(line, history.get(line.requirement, ()), record.waivers.get(line.requirement.pk)) for line in shown
        ],
        past=[(rule, stretches) for rule, stretches in history.items() if rule.pk not in current],
        completions=Completion.objects.filter(person__in=own, voids=None, completed_on__lte=as_of)
        .select_related("voided_by")
        .order_by("-completed_on", "-pk"),
        reminders=_list_reminders(own),
        changes=list(
            RecordChange.objects.filter(person__in=own, state=ChangeState.WAITING).select_related(
                "course", "proposed_by"
            )
        ),
        waivers=list(
            Waiver.objects.standing()
            .filter(Q(valid_until=None) | Q(valid_until__gt=as_of), person__in=own)
            .select_related("requirement", "approved_by", "recorded_by")
        ),
    )


def _list_reminders(own: QuerySet[Person]) -> list[ReminderNote]:
    """The ten last."""
    events = AuditEvent.objects.filter(
        action=REMINDED, target_type="accounts.person", target_id__in=[str(one.pk) for one in own]
    )
    notes = [ReminderNote(timezone.localdate(event.at), event.actor_name) for event in events[:10]]
    sent = Reminder.objects.filter(recipient__in=own, audience=Audience.OWN)
    notes += [ReminderNote(day, "") for day in sent.values_list("day", flat=True)[:10]]
    return sorted(notes, reverse=True)[:10]


def list_changes(user: Person, *, as_of: date) -> QuerySet[RecordChange]:
    """Return the changes to the records of the people about whom the user decides, the longest waiting first."""
    people = answerable_for(user, as_of=as_of)
    return RecordChange.objects.filter(
        Q(person__in=people) | Q(person__merged_into__in=people) | Q(person__merged_into__merged_into__in=people)
    ).select_related("person__merged_into__merged_into", "course", "replaces", "proposed_by", "decided_by")


def count_waiting(user: Person, *, as_of: date) -> int:
    """Return how many changes wait for a decision of the user: those that somebody else asked for."""
    waiting = list_changes(user, as_of=as_of).filter(state=ChangeState.WAITING)
    return waiting.exclude(proposed_by__in=identities(user)).count()


def list_external_of_team(user: Person, *, as_of: date) -> QuerySet[ExternalCredit]:
    """Return the outside trainings of the people about whose records the user decides, the latest first."""
    people = answerable_for(user, as_of=as_of)
    return (
        ExternalCredit.objects.filter(
            Q(person__in=people) | Q(person__merged_into__in=people) | Q(person__merged_into__merged_into__in=people)
        )
        .select_related("person__merged_into__merged_into", "program", "decided_by")
        .order_by("-sent_at", "-pk")
    )


def get_external_for(user: Person, key: UUID, *, as_of: date) -> ExternalCredit | None:
    """Return the outside training if it is the user's own, or of someone whose training the user may see."""
    credit = ExternalCredit.objects.select_related("person").filter(key=key).first()
    if credit is None:
        return None
    person = resolve_person(credit.person)
    own = person == resolve_person(user)
    return credit if own or visible_to(user, as_of=as_of).filter(pk=person.pk).exists() else None
