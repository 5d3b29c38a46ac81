"""How long an attempt may take."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max, Q

from lms.accounts.models import Person
from lms.accounts.selectors import identities
from lms.audit.services import record
from quizzes.models import Attempt, Quiz, TimeExtension


def deadline_of(quiz: Quiz, person: Person, *, started_at: datetime) -> datetime | None:
    """Return until when an attempt takes answers: the time limit, longer by the person's extension, but never past the
    quiz's own closing; None without either."""
    if quiz.time_limit_minutes is None:
        return quiz.closes_at
    extensions = TimeExtension.objects.filter(Q(quiz=quiz) | Q(quiz=None), person__in=identities(person))
    extra = extensions.aggregate(extra=Max("extra_percent"))["extra"] or 0
    deadline = started_at + timedelta(minutes=quiz.time_limit_minutes) * (100 + extra) / 100
    return min(deadline, quiz.closes_at) if quiz.closes_at else deadline


@transaction.atomic
def extend_time(
    *, person: Person, quiz: Quiz | None, extra_percent: int, actor: Person, now: datetime
) -> TimeExtension:
    """Give a person more time, in percent of the limit, in one quiz or (None) in all; open attempts get it at once."""
    extension, _created = TimeExtension.objects.update_or_create(
        person=person,
        quiz=quiz,
        defaults={"extra_percent": extra_percent, "granted_at": now, "granted_by": actor},
    )
    open_ones = Attempt.objects.select_for_update(of=("self",)).select_related("quiz")
    open_ones = open_ones.filter(submitted_at=None, person__in=identities(person))
    for attempt in open_ones.filter(quiz=quiz) if quiz else open_ones:
        attempt.deadline_at = deadline_of(attempt.quiz, person, started_at=attempt.started_at)
        attempt.save(update_fields=["deadline_at"])
    detail = {"quiz": quiz.code if quiz else None, "extra_percent": extra_percent}
    record(actor=actor, action="quiz.time_extended", target=person, detail=detail)
    return extension


@transaction.atomic
def end_time_extension(*, extension: TimeExtension, actor: Person) -> None:
    """Give later attempts the quiz's own time limit again; one that is open keeps the time it was given."""
    detail = {"quiz": extension.quiz.code if extension.quiz else None, "extra_percent": extension.extra_percent}
    record(actor=actor, action="quiz.time_extension_ended", target=extension.person, detail=detail)
    extension.delete()
