"""Quizzes to attempt."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from lms.accounts.models import Person
from quizzes.models import Attempt, AttemptQuestion, Choice, Question, Quiz
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


def add_question(quiz: Quiz, code: str, kind: str, *lines: dict[str, Any], **fields: Any) -> Question:
    """A question behind those of the quiz, with these lines."""
    position = quiz.questions.count()
    question = Question.objects.create(
        **{"quiz": quiz, "code": code, "kind": kind, "stem": f"Stem of {code}", "position": position, **fields}
    )
    for number, line in enumerate(lines):
        Choice.objects.create(question=question, position=number, **line)
    return question


def make_quiz_of_every_kind(code: str = "kinds", **fields: Any) -> Quiz:
    """Seven questions, one of each kind that is graded, in the order of the enum."""
    quiz = Quiz.objects.create(**{"code": code, "title": "Every kind", "pass_percent": 80, **fields})
    add_question(quiz, "single", "single", {"text": "Right", "right": True, "feedback": "Yes."}, {"text": "Other"})
    shares = ({"text": "Half", "share": 50}, {"text": "Other half", "share": 50}, {"text": "Takes away", "share": -50})
    add_question(quiz, "multiple", "multiple", *shares)
    add_question(quiz, "truth", "true_false", {"text": "True", "right": True}, {"text": "False"})
    pairs = ({"text": "Sun", "match": "Day"}, {"text": "Moon", "match": "Night"}, {"text": "", "match": "Never"})
    add_question(quiz, "matching", "matching", *pairs)
    add_question(quiz, "ordering", "ordering", {"text": "First"}, {"text": "Second"}, {"text": "Third"})
    add_question(quiz, "text", "short_text", {"text": "Jalapeño"}, {"text": "Chili", "share": 50})
    add_question(quiz, "number", "numeric", {"text": "2.5"}, tolerance="0.25")
    return quiz


def make_survey(code: str = "survey") -> Quiz:
    """A scale and a free text."""
    quiz = Quiz.objects.create(code=code, title="How was it?", kind="survey")
    add_question(quiz, "scale", "likert", {"text": "Not at all"}, {"text": "Somewhat"}, {"text": "Very much"})
    add_question(quiz, "words", "free_text")
    return quiz


def right_answer(question: AttemptQuestion) -> list[int | str]:
    """What gives the whole point, as it is kept."""
    content = question.content
    match question.kind:
        case "matching":
            return [choice["option"] for choice in content["choices"]]
        case "ordering":
            return list(content["order"])
        case "short_text" | "numeric":
            return [content["choices"][0]["text"]]
    return sorted(
        choice["id"] for choice in content["choices"] if choice["right"] or float(choice.get("share") or 0) > 0
    )


def as_posted(question: AttemptQuestion, chosen: list[int | str]) -> list[str]:
    """An answer as the fields of its page send it."""
    if question.kind == "ordering":
        return [str(chosen.index(choice["id"]) + 1) for choice in question.content["choices"]]
    return [str(one) for one in chosen]
