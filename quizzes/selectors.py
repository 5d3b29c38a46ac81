"""Reads of an attempt: its questions with their answers, and what its result may show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from .enums import QuestionKind
from .grading import grade_question
from .models import Attempt, AttemptQuestion


def list_questions(attempt_id: int) -> list[AttemptQuestion]:
    """Return the attempt's questions in order, each with its answer, in one query."""
    return list(AttemptQuestion.objects.filter(attempt=attempt_id).select_related("response"))


def get_next_step(attempt: Attempt) -> str:
    """Return the step of the wizard to go on at: the first question without an answer, or the check."""
    open_ones = AttemptQuestion.objects.filter(attempt=attempt, response=None).order_by("position")
    position = open_ones.values_list("position", flat=True).first()
    return "check" if position is None else str(position)


@dataclass(frozen=True, slots=True)
class QuestionResult:
    """What a learner may read about one question after submitting.

    ``explanation`` and ``right_answers`` are filled in for a passed attempt only, so that no page of another attempt
    can give the key away.
    """

    position: int
    stem: str
    right: bool
    several: bool
    chosen: list[str]
    feedback: list[str]
    explanation: str = ""
    right_answers: list[str] = field(default_factory=list)


def list_results(attempt: Attempt, questions: Iterable[AttemptQuestion]) -> list[QuestionResult]:
    """Return the result of each question of a submitted attempt, in order."""
    return [_result(question, show_key=attempt.passed is True) for question in questions]


def _result(question: AttemptQuestion, *, show_key: bool) -> QuestionResult:
    right = grade_question(question.kind, question.right_ids, question.chosen) == 1
    chosen = [choice for choice in question.choices if choice["id"] in question.chosen]
    return QuestionResult(
        position=question.position,
        stem=question.content["stem"],
        right=right,
        several=question.kind == QuestionKind.MULTIPLE,
        chosen=_texts(chosen, "text"),
        # Among several answers, the feedback of a right one would tell it apart before the question is answered.
        feedback=_texts((choice for choice in chosen if show_key or right or not choice["right"]), "feedback"),
        explanation=question.content["explanation"] if show_key else "",
        right_answers=_texts((choice for choice in question.choices if choice["right"]), "text") if show_key else [],
    )


def _texts(choices: Iterable[dict[str, Any]], key: str) -> list[str]:
    return [choice[key] for choice in choices if choice[key]]
