"""Correcting the key of a question that people have answered."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from lms.accounts.models import Person
from lms.audit.services import record
from quizzes.enums import RegradeState
from quizzes.models import Attempt, AttemptQuestion, Question, Regrade, RegradedAttempt
from quizzes.permissions import user_can_decide_regrade
from quizzes.selectors import Correction, list_corrections
from quizzes.signals import attempt_regraded

from .answering import grade_answers
from .bank import keep_versions


class ReasonMissing(ValueError):
    """A correction, and a decision, say why."""


class CoordinatorNeeded(Exception):
    """A coordinator alone takes a pass away."""


class NothingToDecide(Exception):
    """The pass does not wait for a decision, or no longer."""


@transaction.atomic
def regrade_question(*, question: Question, reason: str, actor: Person, now: datetime) -> Regrade:
    """Grade every attempt that was asked the question by its key as it stands now, and keep why.

    An attempt that would lose its pass stays as it is, its line waiting for a coordinator; all others change at once.
    Open attempts are graded by the new key when they are handed in. Raises ReasonMissing.
    """
    if not reason.strip():
        raise ReasonMissing
    version = keep_versions(questions=[question], now=now)[question.pk]
    # Locked first, so that no attempt is handed in between the list and the change.
    attempts = Attempt.objects.select_for_update().filter(questions__question=question).order_by("pk")
    list(attempts.values_list("pk", flat=True))
    corrections = list_corrections(question, version.content)
    regrade = Regrade.objects.create(
        question=question, version=version, reason=reason.strip(), made_at=now, made_by=actor
    )
    for correction in corrections:
        correction.question.version = version
    AttemptQuestion.objects.bulk_update(
        [correction.question for correction in corrections], ["content", "version"], batch_size=500
    )
    lines = [_line_of(regrade, correction) for correction in corrections if correction.changes_result]
    RegradedAttempt.objects.bulk_create(lines)
    changed = [line for line in lines if line.state == RegradeState.APPLIED]
    for line in changed:
        _apply(line.attempt)
    detail = {
        "reason": regrade.reason,
        "attempts": len(lines),
        "waiting": len(lines) - len(changed),
        "regrade": regrade.pk,
    }
    record(actor=actor, action="question.regraded", target=question, detail=detail)
    _tell(changed)
    return regrade


def _line_of(regrade: Regrade, correction: Correction) -> RegradedAttempt:
    attempt = correction.attempt
    # A quiz that was handed in has a score and is passed or not.
    assert attempt.score is not None
    assert attempt.passed is not None
    assert correction.score_after is not None
    assert correction.passed_after is not None
    return RegradedAttempt(
        regrade=regrade,
        attempt=attempt,
        score_before=attempt.score,
        score_after=correction.score_after,
        passed_before=attempt.passed,
        passed_after=correction.passed_after,
        state=RegradeState.WAITING if correction.loses_pass else RegradeState.APPLIED,
    )


def _apply(attempt: Attempt) -> None:
    grade_answers(attempt, list(attempt.questions.select_related("response")))
    attempt.save(update_fields=["score", "passed"])


def _tell(lines: list[RegradedAttempt]) -> None:
    if lines:
        attempt_regraded.send(sender=Attempt, attempt_ids=[line.attempt_id for line in lines])


@transaction.atomic
def decide_regrade(
    *, line: RegradedAttempt, withdraw: bool, reason: str, actor: Person, now: datetime
) -> RegradedAttempt:
    """Decide whether a corrected key takes a pass away; until then, and if not, the pass and its score stand.

    Raises CoordinatorNeeded, ReasonMissing, NothingToDecide.
    """
    if not user_can_decide_regrade(actor, as_of=timezone.localdate(now)):
        raise CoordinatorNeeded
    if not reason.strip():
        raise ReasonMissing
    line = RegradedAttempt.objects.select_for_update(of=("self", "attempt")).select_related("attempt").get(pk=line.pk)
    if line.state != RegradeState.WAITING:
        raise NothingToDecide
    line.state = RegradeState.WITHDRAWN if withdraw else RegradeState.UPHELD
    line.decided_at, line.decided_by, line.decision = now, actor, reason.strip()
    line.save(update_fields=["state", "decided_at", "decided_by", "decision"])
    detail = {"reason": line.decision, "withdrawn": withdraw, "regrade": line.regrade_id}
    record(actor=actor, action="attempt.regrade_decided", target=line.attempt, detail=detail)
    if withdraw:
        _apply(line.attempt)
        _tell([line])
    return line
