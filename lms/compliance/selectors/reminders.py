"""Who is to be reminded of what today, and has not been told yet."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Coalesce, Concat

from lms.accounts.models import Person
from lms.agencies.models import Employment
from lms.compliance.enums import Audience
from lms.compliance.evaluation import Kind
from lms.compliance.models import ObligationSpan, Reminder, ReminderLine, ReminderStep, Requirement
from lms.outbox.models import Mail


class Told(NamedTuple):
    """A step of a duty of a person, as a line says that it was told."""

    person_id: int
    requirement_id: int
    late_on: date
    offset: int


class Reach(NamedTuple):
    """A step, with the first late days of the duties that have reached it and not yet the next one."""

    offset: int
    after: date
    until: date


def list_reaches(offsets: Iterable[int], today: date) -> list[Reach]:
    """Return for each step which duties stand at it today. A step that nobody looked at on its day (the site stood
    still) is reached all the same, until the next one is."""
    ordered = sorted(offsets)
    edges = [today - timedelta(days=offset - 1) for offset in ordered]
    return [
        Reach(offset, after=after, until=until)
        for offset, (until, after) in zip(ordered, pairwise([*edges, date.min]), strict=True)
    ]


def list_steps(audience: str, today: date) -> list[Reach]:
    offsets = ReminderStep.objects.filter(audience=audience).values_list("offset", flat=True)
    return list_reaches(offsets, today)


def _spans(today: date) -> QuerySet[Any]:
    mandatory = Requirement.objects.filter(mandatory=True).values("pk")
    return ObligationSpan.objects.on(today).filter(
        closed=False, kind__in=[Kind.OPEN, Kind.HELD], requirement__in=mandatory
    )


def _at(reach: Reach, recipient: Any) -> Q:
    """Condition on spans: they stand at the step, and the recipient was not told."""
    told = ReminderLine.objects.filter(
        person=OuterRef("person"),
        requirement=OuterRef("requirement"),
        late_on=OuterRef("late_on"),
        offset=reach.offset,
        recipient=recipient,
    )
    return Q(~Exists(told), late_on__gt=reach.after, late_on__lte=reach.until)


def name_mail(person: int | str, day: date) -> str:
    """Return the outbox's key of a person's reminder on a day; one that somebody sends by hand has it too, so that
    there is one a day, whoever asks for it."""
    return f"reminder:{person}:{day}"


def _reminded(recipient: str, today: date) -> Q:
    """Condition on rows that name a recipient: they got a reminder today, of ours or by hand."""
    before, after = name_mail("*", today).split("*")
    key = Concat(Value(before), Cast(OuterRef(recipient), CharField()), Value(after))
    ours = Reminder.objects.filter(recipient=OuterRef(recipient), day=today)
    return Q(Exists(ours)) | Q(Exists(Mail.objects.filter(key=key)))


def list_to_remind(*, today: date, limit: int) -> list[Person]:
    """Return so many of those who are to be reminded of their own duties today and were not yet."""
    people: dict[int, None] = {}
    for reach in list_steps(Audience.OWN, today):
        spans = _spans(today).filter(
            _at(reach, OuterRef("person")), ~_reminded("person", today), person__is_active=True
        )
        rows = spans.order_by("late_on", "pk").values_list("person", flat=True)
        people |= dict.fromkeys(rows[:limit])
    chosen = sorted(people)[:limit]
    return list(Person.objects.filter(pk__in=chosen).order_by("pk"))


def list_own_steps(people: Collection[Person], *, today: date) -> dict[int, list[Told]]:
    """Return for each of the people the steps of their own duties that they were not told."""
    steps: dict[int, list[Told]] = {}
    for reach in list_steps(Audience.OWN, today):
        spans = _spans(today).filter(_at(reach, OuterRef("person")), person__in=people)
        for person, requirement, late_on in spans.values_list("person_id", "requirement_id", "late_on").distinct():
            steps.setdefault(person, []).append(Told(person, requirement, late_on, reach.offset))
    return steps


# --- supervisors

_RECIPIENT = Coalesce("supervisor__merged_into__merged_into", "supervisor__merged_into", "supervisor")
_OWNER = Coalesce("person__merged_into__merged_into", "person__merged_into", "person")


def list_supervisors_to_tell(*, today: date, limit: int) -> list[Person]:
    """Return so many of the supervisors who are to hear of what is late among their people, and got no mail today."""
    due = Q(pk__in=())
    for reach in list_steps(Audience.SUPERVISOR, today):
        spans = _spans(today).filter(_at(reach, OuterRef(OuterRef("recipient"))), person=OuterRef("owner"))
        due |= Q(Exists(spans))
    reads_mail = Person.objects.filter(pk=OuterRef("recipient"), is_active=True)
    jobs = (
        Employment.objects.on(today)
        .exclude(supervisor=None)
        .annotate(recipient=_RECIPIENT, owner=_OWNER)
        .filter(due, Exists(reads_mail), ~_reminded("recipient", today))
        .order_by()
    )
    recipients = jobs.values_list("recipient", flat=True).distinct()
    return list(Person.objects.filter(pk__in=list(recipients[:limit])).order_by("pk"))


@dataclass(frozen=True)
class LateLine:
    """One of a supervisor's people with a duty that is late. ``step``: what they hear of now (none: told before)."""

    person: Person
    requirement: Requirement
    due_on: date
    step: Told | None


def list_late_reports(supervisor: Person, *, today: date) -> list[LateLine]:
    """Return all that is late, for as long as the first step says or longer, among the people whom somebody supervises
    today: person by person, those of whom there is something new first."""
    reaches = list_steps(Audience.SUPERVISOR, today)
    if not reaches:
        return []
    own = Employment.objects.on(today).annotate(recipient=_RECIPIENT, owner=_OWNER).filter(recipient=supervisor.pk)
    late = _spans(today).filter(person__in=own.values("owner"), late_on__lte=max(reach.until for reach in reaches))
    told = set(
        ReminderLine.objects.filter(recipient=supervisor, person__in=own.values("owner")).values_list(
            "person", "requirement", "late_on", "offset"
        )
    )
    lines: dict[tuple[int, int], LateLine] = {}
    for row in late.select_related("person", "requirement").order_by("late_on", "person__sort_name", "pk"):
        reach = next(reach for reach in reaches if reach.after < row.late_on <= reach.until)
        step = Told(row.person_id, row.requirement_id, row.late_on, reach.offset)
        line = LateLine(
            row.person, row.requirement, row.late_on - timedelta(days=1), step if tuple(step) not in told else None
        )
        lines.setdefault((row.person_id, row.requirement_id), line)
    news = {line.person.pk for line in lines.values() if line.step is not None}
    return sorted(
        lines.values(),
        key=lambda line: (line.person.pk not in news, line.person.sort_name, line.person.pk, line.due_on),
    )
