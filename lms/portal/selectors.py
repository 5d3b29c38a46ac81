"""Reads that put several apps together for one screen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from certificates.models import Certificate
from certificates.selectors import list_certificates
from lms.accounts.models import Person
from lms.accounts.selectors import identities, resolve_person
from lms.agencies.models import Employment
from lms.agencies.querysets import DatedQuerySet
from lms.agencies.selectors import answerable_for, list_employments, visible_to
from lms.compliance.enums import Status
from lms.compliance.obligations import Obligation
from lms.compliance.selectors import list_obligations, map_identities
from lms.learning.models import Completion, CompletionQuerySet, Enrollment, ExternalCredit


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
    )


@dataclass(frozen=True)
class TeamLine:
    """One person of a team: job, what is owed, what is late, what was completed last."""

    person: Person
    employment: Employment | None
    lines: list[Obligation]
    last_completion: Completion | None

    @property
    def required(self) -> int:
        return len(self.lines)

    @property
    def met(self) -> int:
        return sum(not line.owed for line in self.lines)

    @property
    def late(self) -> list[Obligation]:
        return [line for line in self.lines if line.status in {Status.OVERDUE, Status.EXPIRED}]

    @property
    def next_due(self) -> Obligation | None:
        return min((line for line in self.lines if line.owed and line.due_on), key=_due, default=None)


def _due(line: Obligation) -> date:
    return line.due_on or date.max


def list_team(user: Person, *, as_of: date, search: str = "") -> list[TeamLine]:
    """Return the user's own people, those with something late first, then by name; mandatory duties only.

    Of several jobs the one that the user supervises is shown. The number of queries does not depend on the number of
    people.
    """
    people = visible_to(user, as_of=as_of)
    for word in search.casefold().split():
        people = people.filter(sort_name__contains=word)
    team = list(people.order_by("sort_name", "pk"))
    obligations = list_obligations(team, as_of=as_of)
    owner = map_identities(team)
    supervisors = set(identities(user).values_list("pk", flat=True))
    jobs: dict[int, Employment] = {}
    for job in (
        Employment.objects.on(as_of)
        .filter(person__in=list(owner))
        .select_related("job_role", "agency")
        .order_by("valid_from", "pk")
    ):
        shown = jobs.setdefault(owner[job.person_id], job)
        if shown.supervisor_id not in supervisors and job.supervisor_id in supervisors:
            jobs[owner[job.person_id]] = job
    last: dict[int, Completion] = {}
    for completion in Completion.objects.standing().filter(person__in=list(owner), completed_on__lte=as_of):
        last.setdefault(owner[completion.person_id], completion)
    lines = [
        TeamLine(
            person=person,
            employment=jobs.get(person.pk),
            lines=[line for line in obligations.get(person.pk, []) if line.mandatory],
            last_completion=last.get(person.pk),
        )
        for person in team
    ]
    return sorted(lines, key=lambda line: (-len(line.late), line.person.sort_name))


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
