"""Quizzes to attempt."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from lms.accounts.models import Person
from quizzes.models import Attempt, Choice, Question, Quiz
from quizzes.services import save_response, start_attempt

NOW = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
CONTEXT = UUID("6f0f1a52-52a5-4b51-9bb6-52d9a3a0c001")


def make_question(quiz: Quiz, code: str, kind: str, right: str, wrong: str, *, position: int) -> Question:
    """A question whose choices are the letters of ``right`` and ``wrong``: text "a-1-right", feedback of its own."""
    question = Question.objects.create(
        quiz=quiz,
        code=code,
        kind=kind,
        stem=f"Stem of <em>{code}</em>",
        explanation=f"Explained: {code}.",
        position=position,
    )
    for number, letter in enumerate(sorted(right + wrong)):
        Choice.objects.create(
            question=question,
            text=f"{code} {letter}",
            right=letter in right,
            feedback=f"Feedback {code} {letter}.",
            position=number,
        )
    return question


def make_quiz(code: str = "lamps", *, pass_percent: int = 75) -> Quiz:
    """Four questions: one answer, several answers, true or false, one answer. Three of four pass."""
    quiz = Quiz.objects.create(code=code, title="Lamps: quiz", pass_percent=pass_percent)
    make_question(quiz, "one", "single", "b", "acd", position=0)
    make_question(quiz, "several", "multiple", "ac", "bd", position=1)
    make_question(quiz, "truth", "true_false", "a", "b", position=2)
    make_question(quiz, "last", "single", "d", "abc", position=3)
    return quiz


def make_person(name: str = "lena") -> Person:
    return Person.objects.create_user(f"{name}@example.org", "lantern-light-2026", first_name=name, last_name="Learner")


def make_attempt(quiz: Quiz | None = None, person: Person | None = None, *, context: UUID = CONTEXT) -> Attempt:
    return start_attempt(quiz=quiz or make_quiz(), person=person or make_person(), context=context, now=NOW)


def right_ids(attempt: Attempt, position: int) -> list[int]:
    return sorted(attempt.questions.get(position=position).right_ids)


def wrong_ids(attempt: Attempt, position: int) -> list[int]:
    """One choice that is not right."""
    question = attempt.questions.get(position=position)
    return sorted(question.choice_ids - question.right_ids)[:1]


def answer(attempt: Attempt, *, wrong: tuple[int, ...] = ()) -> None:
    """Answer every question rightly, but those at the positions in ``wrong``."""
    for position in range(1, attempt.max_score + 1):
        ids = wrong_ids(attempt, position) if position in wrong else right_ids(attempt, position)
        save_response(attempt=attempt, position=position, chosen=ids, now=NOW)
