"""Saving answers and handing in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import IntegrityError, transaction

from lms.privacy.guard import find_identifiers
from quizzes.enums import CHOICE_KINDS, TEXT_KINDS, QuestionKind
from quizzes.grading import grade_attempt, grade_question, read_number, round_down
from quizzes.models import Attempt, AttemptQuestion, Response

MILLIONTH = Decimal("0.000001")


class AttemptClosed(Exception):
    """The attempt is submitted: its answers stand."""


class TimeIsUp(AttemptClosed):
    """The answer came after the deadline."""


class AnswerClosed(AttemptClosed):
    """The learner was told whether the answer is right, so it stands."""


class AnswerConflict(Exception):
    """The question was answered on another page since this one was shown; ``response`` is that answer, which stands."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.question_id)
        self.response = response


class UnknownQuestion(Exception):
    """The attempt has no question at this position."""


class AnswerRefused(ValueError):
    """The answer does not fit the question; nothing was saved."""


class EmptyAnswer(AnswerRefused):
    """No choice was made, nothing was written."""


class IncompleteAnswer(AnswerRefused):
    """Some lines were matched or put in order, others not."""


class UnknownChoice(AnswerRefused):
    """A choice is not one of this question's, or a text no number."""


class TooManyChoices(AnswerRefused):
    """Several choices for a question that takes one, or a place given twice."""


class IdentifierRefused(AnswerRefused):
    """The text looks as if it held a child's data."""


class _Overtaken(Exception):
    """Another request answered the question while this one waited for its turn."""


class Unanswered(Exception):
    """Questions are still open; ``positions`` lists them in order."""

    def __init__(self, positions: list[int]) -> None:
        super().__init__(positions)
        self.positions = positions


def save_response(
    *,
    attempt: Attempt,
    position: int,
    chosen: Sequence[int | str],
    now: datetime,
    revision: int | None = None,
    page: UUID | None = None,
    sequence: int = 0,
) -> Response:
    """Save what was given for the question at ``position`` (see ``quizzes.grading``), in place of an earlier answer.

    ``revision`` is that of the answer which the learner's page showed (0 for none; None asks for no comparison),
    ``page`` that page's own token, ``sequence`` counts its messages. A message that comes twice, or after a later one
    of its page, changes nothing and gets the same receipt: the answer that stands.

    Raises AttemptClosed once submitted, TimeIsUp, AnswerClosed, AnswerConflict, UnknownQuestion, and the kinds of
    AnswerRefused; then nothing is saved.
    """
    while True:
        try:
            return _save(attempt.pk, position, chosen, now, revision, page, sequence)
        except _Overtaken:
            # Whoever overtook has written: somebody gets on each time.
            continue


@transaction.atomic
def _save(
    attempt_id: int,
    position: int,
    chosen: Sequence[int | str],
    now: datetime,
    revision: int | None,
    page: UUID | None,
    sequence: int,
) -> Response:
    try:
        # The attempt's row is locked, so that no answer slips in while another request submits.
        question = (
            AttemptQuestion.objects.select_for_update(of=("attempt",))
            .select_related("attempt", "response")
            .get(attempt=attempt_id, position=position)
        )
    except AttemptQuestion.DoesNotExist:
        raise UnknownQuestion(position) from None
    if question.attempt.submitted_at is not None:
        raise AttemptClosed(attempt_id)
    answer = fit_answer(question, chosen)
    saved: Response | None = getattr(question, "response", None)
    if saved is not None and (answer == saved.chosen or _is_old_message(saved, page, sequence)):
        return saved
    if question.attempt.is_overdue(now):
        raise TimeIsUp(attempt_id)
    if saved is not None:
        if question.attempt.closes_answers:
            raise AnswerClosed(attempt_id)
        if revision is not None and revision != saved.revision and (page is None or page != saved.page):
            raise AnswerConflict(saved)
    response = Response(
        pk=saved.pk if saved else None,
        question=question,
        chosen=answer,
        saved_at=now,
        revision=saved.revision + 1 if saved else 1,
        page=page,
        sequence=sequence,
    )
    _write(response)
    return response


def _write(response: Response) -> None:
    """Write the answer in place of the one that was read, and of no other: PostgreSQL reads what is joined to a row it
    waits for as it was before the wait. Raises _Overtaken."""
    if response.pk is None:
        try:
            Response.objects.bulk_create([response])
        except IntegrityError as doubled:
            raise _Overtaken from doubled
        return
    written = {name: getattr(response, name) for name in ("chosen", "saved_at", "revision", "page", "sequence")}
    if not Response.objects.filter(pk=response.pk, revision=response.revision - 1).update(**written):
        raise _Overtaken


def _is_old_message(saved: Response, page: UUID | None, sequence: int) -> bool:
    return page is not None and saved.page == page and 0 < sequence <= saved.sequence


def fit_answer(question: AttemptQuestion, chosen: Sequence[int | str]) -> list[int | str]:
    """Return the answer as it is kept; raises the kinds of AnswerRefused when it does not fit the question."""
    if question.kind in TEXT_KINDS:
        return [_fit_text(question, [str(text).strip() for text in chosen])]
    if not chosen:
        raise EmptyAnswer
    offered = {option["id"] for option in question.options} or question.choice_ids
    if unknown := set(chosen) - offered:
        raise UnknownChoice(sorted(map(str, unknown)))
    if question.kind in CHOICE_KINDS:
        if question.kind != QuestionKind.MULTIPLE and len(set(chosen)) > 1:
            raise TooManyChoices(sorted(map(str, set(chosen))))
        return sorted(set(chosen), key=int)
    if len(chosen) != len(question.choices):
        raise IncompleteAnswer
    if question.kind == QuestionKind.ORDERING and len(set(chosen)) != len(chosen):
        raise TooManyChoices
    return list(chosen)


def _fit_text(question: AttemptQuestion, texts: Sequence[str]) -> str:
    if not any(texts):
        raise EmptyAnswer
    if len(texts) > 1:
        raise TooManyChoices
    if question.kind == QuestionKind.NUMERIC and read_number(texts[0]) is None:
        raise UnknownChoice
    if find_identifiers(texts[0]):
        raise IdentifierRefused
    return texts[0]


@transaction.atomic
def submit_attempt(
    *, attempt: Attempt, now: datetime, on_submitted: Callable[[Attempt], None] | None = None
) -> Attempt:
    """Grade the attempt and close it; a second call returns the same result and changes nothing.

    ``on_submitted`` is called in the same transaction, once, by the call that closes the attempt: if it fails, the
    attempt stays open. Raises Unanswered while questions are open and there is time to answer them; when the time is
    up, what is there is handed in.
    """
    attempt = Attempt.objects.select_for_update().get(pk=attempt.pk)
    if attempt.submitted_at is not None:
        return attempt
    questions = list(attempt.questions.select_related("response"))
    positions = [question.position for question in questions if not question.chosen]
    if positions and not attempt.is_time_up(now):
        raise Unanswered(positions)
    attempt.submitted_at = now
    grade_answers(attempt, questions)
    attempt.save(update_fields=["submitted_at", "score", "passed"])
    if on_submitted is not None:
        on_submitted(attempt)
    return attempt


def grade_answers(attempt: Attempt, questions: Sequence[AttemptQuestion]) -> None:
    """Set the attempt's score and whether it passed, and keep each answer's points; a survey gets none."""
    if attempt.is_survey:
        attempt.score, attempt.passed = Decimal(0), None
        return
    points = [grade_question(question.content, question.chosen) for question in questions]
    answered = []
    for question, worth in zip(questions, points, strict=True):
        if question.chosen:
            question.response.points = round_down(worth, MILLIONTH)
            answered.append(question.response)
    Response.objects.bulk_update(answered, ["points"])
    grade = grade_attempt(points, pass_percent=attempt.pass_percent)
    attempt.score, attempt.passed = round_down(grade.score), grade.passed
