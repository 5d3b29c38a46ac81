"""Every write to attempts and answers."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max

from lms.accounts.models import Person

from .enums import QuestionKind
from .grading import grade_attempt, grade_question
from .markup import clean_block, clean_inline
from .models import Attempt, AttemptQuestion, Question, Quiz, Response


class QuizHasNoQuestions(Exception):
    """The quiz asks nothing at present, so there is nothing to attempt."""


class AttemptClosed(Exception):
    """The attempt is submitted: its answers stand."""


class UnknownQuestion(Exception):
    """The attempt has no question at this position."""


class AnswerRefused(ValueError):
    """The answer does not fit the question; nothing was saved."""


class EmptyAnswer(AnswerRefused):
    """No choice was made."""


class UnknownChoice(AnswerRefused):
    """A choice is not one of this question's."""


class TooManyChoices(AnswerRefused):
    """Several choices for a question that takes one."""


class Unanswered(Exception):
    """Questions are still open; ``positions`` lists them in order."""

    def __init__(self, positions: list[int]) -> None:
        super().__init__(positions)
        self.positions = positions


def start_attempt(*, quiz: Quiz, person: Person, context: UUID, now: datetime) -> Attempt:
    """Return the person's open attempt in this context, or draw a new one.

    ``context`` is what the attempt belongs to (an enrollment's key); numbers count on within it. Drawing freezes every
    question that is still asked, in the quiz's order, with its choices shuffled (true and false keep their order).
    Two requests at once get the same attempt: the database allows one open attempt for each context and person.
    Raises QuizHasNoQuestions.
    """
    attempts = Attempt.objects.filter(context=context, person=person)
    if started := attempts.filter(submitted_at=None).first():
        return started
    try:
        return _draw_attempt(quiz, person, context, now)
    except IntegrityError:
        return attempts.get(submitted_at=None)


@transaction.atomic
def _draw_attempt(quiz: Quiz, person: Person, context: UUID, now: datetime) -> Attempt:
    questions = list(Question.objects.filter(quiz=quiz, retired=False).prefetch_related("choices"))
    if not questions:
        raise QuizHasNoQuestions(quiz.code)
    last = Attempt.objects.filter(context=context, person=person).aggregate(last=Max("number"))["last"] or 0
    attempt = Attempt.objects.create(
        quiz=quiz,
        person=person,
        context=context,
        number=last + 1,
        pass_percent=quiz.pass_percent,
        started_at=now,
        max_score=len(questions),
    )
    AttemptQuestion.objects.bulk_create(
        AttemptQuestion(attempt=attempt, question=question, position=position, content=_freeze(question))
        for position, question in enumerate(questions, start=1)
    )
    return attempt


def _freeze(question: Question) -> dict[str, object]:
    choices = [
        {"id": choice.pk, "text": choice.text, "right": choice.right, "feedback": choice.feedback}
        for choice in question.choices.all()
    ]
    if question.kind != QuestionKind.TRUE_FALSE:
        random.shuffle(choices)
    return {
        "kind": question.kind,
        "stem": clean_inline(question.stem),
        "explanation": clean_block(question.explanation),
        "choices": choices,
    }


@transaction.atomic
def save_response(*, attempt: Attempt, position: int, chosen: Collection[int], now: datetime) -> Response:
    """Save what was chosen for the question at ``position``, in place of an earlier answer.

    Raises AttemptClosed once submitted, UnknownQuestion, EmptyAnswer, UnknownChoice, TooManyChoices; then nothing is
    saved.
    """
    try:
        # The attempt's row is locked, so that no answer slips in while another request submits.
        question = (
            AttemptQuestion.objects.select_for_update(of=("attempt",))
            .select_related("attempt")
            .get(attempt=attempt, position=position)
        )
    except AttemptQuestion.DoesNotExist:
        raise UnknownQuestion(position) from None
    if question.attempt.submitted_at is not None:
        raise AttemptClosed(attempt.pk)
    _check_choices(question, chosen)
    response = Response(question=question, chosen=sorted(set(chosen)), saved_at=now)
    Response.objects.bulk_create(
        [response], update_conflicts=True, unique_fields=["question"], update_fields=["chosen", "saved_at"]
    )
    return response


def _check_choices(question: AttemptQuestion, chosen: Collection[int]) -> None:
    if not chosen:
        raise EmptyAnswer
    if unknown := set(chosen) - question.choice_ids:
        raise UnknownChoice(sorted(unknown))
    if question.kind != QuestionKind.MULTIPLE and len(set(chosen)) > 1:
        raise TooManyChoices(sorted(set(chosen)))


@transaction.atomic
def submit_attempt(
    *, attempt: Attempt, now: datetime, on_submitted: Callable[[Attempt], None] | None = None
) -> Attempt:
    """Grade the attempt and close it; a second call returns the same result and changes nothing.

    ``on_submitted`` is called in the same transaction, once, by the call that closes the attempt: if it fails, the
    attempt stays open. Raises Unanswered while questions are open.
    """
    attempt = Attempt.objects.select_for_update().get(pk=attempt.pk)
    if attempt.submitted_at is not None:
        return attempt
    questions = list(attempt.questions.select_related("response"))
    if positions := [question.position for question in questions if not question.chosen]:
        raise Unanswered(positions)
    grade = grade_attempt(
        (grade_question(question.kind, question.right_ids, question.chosen) for question in questions),
        pass_percent=attempt.pass_percent,
    )
    attempt.submitted_at = now
    attempt.score = Decimal(grade.score.numerator) / grade.score.denominator
    attempt.passed = grade.passed
    attempt.save(update_fields=["submitted_at", "score", "passed"])
    if on_submitted is not None:
        on_submitted(attempt)
    return attempt
