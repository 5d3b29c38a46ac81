"""Reads of an attempt: its questions with their answers, and what its result may show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from lms.accounts.models import Person

from .contents import correct_content
from .enums import SURVEY_KINDS, TEXT_KINDS, FeedbackPolicy, QuestionKind, QuizKind, RegradeState
from .grading import gives_part_credit, grade_attempt, grade_question, round_down, share_of
from .markup import clean_block, clean_inline
from .models import (
    GRACE,
    Attempt,
    AttemptQuestion,
    Question,
    Quiz,
    Regrade,
    RegradedAttempt,
    TimeExtension,
)

CHECK = "check"
ASKED_WITH = ("choices", "variants")
"""What is to be prefetched with questions whose content is read."""


def list_questions(attempt_id: int) -> list[AttemptQuestion]:
    """Return the attempt's questions in order, each with its answer, in one query."""
    return list(AttemptQuestion.objects.filter(attempt=attempt_id).select_related("response"))


def get_question(attempt_id: int, position: int) -> AttemptQuestion | None:
    """Return one question of the attempt with its answer, None if it has none at this position."""
    questions = AttemptQuestion.objects.filter(attempt=attempt_id, position=position).select_related("response")
    return questions.first()


def get_next_step(attempt: Attempt) -> str:
    """Return the step of the wizard to go on at: the first question without an answer, or the check."""
    open_ones = AttemptQuestion.objects.filter(attempt=attempt, response=None).order_by("position")
    position = open_ones.values_list("position", flat=True).first()
    return CHECK if position is None else str(position)


def list_overdue_attempts(*, as_of: datetime) -> list[Attempt]:
    """Return the open attempts whose time, and the grace after it, is over: what is there is to be handed in."""
    overdue = Attempt.objects.filter(submitted_at=None, deadline_at__lt=as_of - GRACE)
    return list(overdue.select_related("quiz", "person").order_by("deadline_at"))


def describe_answer(question: AttemptQuestion, chosen: Iterable[int | str]) -> list[str]:
    """Return an answer in the words that the learner saw: a line for each choice, pair or item."""
    given = list(chosen)
    texts = {choice["id"]: choice["text"] for choice in question.choices}
    if question.kind in TEXT_KINDS:
        return [str(text) for text in given]
    if question.kind == QuestionKind.MATCHING:
        options = {option["id"]: option["text"] for option in question.options}
        return [
            f"{choice['text']} – {options.get(option, '')}"
            for choice, option in zip(question.choices, given, strict=False)
        ]
    if question.kind == QuestionKind.ORDERING:
        return [f"{place}. {texts.get(item, '')}" for place, item in enumerate(given, start=1)]
    return [choice["text"] for choice in question.choices if choice["id"] in given]


def describe_key(question: AttemptQuestion) -> list[str]:
    """Return the right answer in words, as ``describe_answer`` does."""
    match QuestionKind(question.kind):
        case QuestionKind.MATCHING:
            return describe_answer(question, [choice["option"] for choice in question.choices])
        case QuestionKind.ORDERING:
            return describe_answer(question, question.content["order"])
        case QuestionKind.SHORT_TEXT | QuestionKind.NUMERIC:
            worth = {choice["text"]: share_of(choice, otherwise=1) for choice in question.choices}
            return [text for text, share in worth.items() if share == max(worth.values())]
    return [choice["text"] for choice in question.choices if _is_right(question, choice)]


def _is_right(question: AttemptQuestion, choice: dict[str, Any]) -> bool:
    if question.kind == QuestionKind.MULTIPLE and gives_part_credit(question.choices):
        return share_of(choice, otherwise=0) > 0
    return bool(choice["right"])


@dataclass(frozen=True, slots=True)
class QuestionResult:
    """What a learner may read about one question after it was graded.

    ``explanation`` and ``right_answers`` are filled in only where the attempt's feedback policy tells the key, so that
    no page of another attempt can give it away. ``points`` is a text such as "0.5", empty for 0 and 1.
    """

    position: int
    stem: str
    right: bool
    several: bool
    chosen: list[str]
    feedback: list[str]
    points: str = ""
    explanation: str = ""
    right_answers: list[str] = field(default_factory=list)


def tells_key(attempt: Attempt) -> bool:
    """Whether the attempt's result may name the right answers."""
    return attempt.feedback != FeedbackPolicy.AFTER_PASSING or attempt.passed is True


def list_results(attempt: Attempt, questions: Iterable[AttemptQuestion]) -> list[QuestionResult]:
    """Return the result of each question of a submitted attempt, in order."""
    return [get_result(question, show_key=tells_key(attempt)) for question in questions]


def get_result(question: AttemptQuestion, *, show_key: bool) -> QuestionResult:
    """Return what may be read about one answered question; in a survey nothing is right or wrong."""
    graded = question.kind not in SURVEY_KINDS
    points = grade_question(question.content, question.chosen) if graded else Fraction(1)
    right = points == 1
    return QuestionResult(
        position=question.position,
        stem=question.content["stem"],
        right=right,
        several=question.kind == QuestionKind.MULTIPLE,
        chosen=describe_answer(question, question.chosen) or [_("No answer")],
        feedback=_feedback_of(question, show_key or right),
        points=_part_of_point(points),
        explanation=question.content["explanation"] if show_key else "",
        right_answers=describe_key(question) if show_key and graded else [],
    )


def _part_of_point(points: Fraction) -> str:
    return "" if points in (0, 1) else f"{round_down(points).normalize():f}"


def _feedback_of(question: AttemptQuestion, show_all: bool) -> list[str]:
    """What the author says to what was chosen.

    Among several answers, the feedback of a right one would tell it apart before the question is answered.
    """
    given = set(question.chosen)
    return [
        choice["feedback"]
        for choice in question.choices
        if choice["id"] in given and choice["feedback"] and (show_all or not _is_right(question, choice))
    ]


def read_content(question: Question) -> dict[str, Any]:
    """Return the question as it reads now, as a version would keep it; see ``quizzes.contents``."""
    return {
        "kind": question.kind,
        "stem": clean_inline(question.stem),
        "explanation": clean_block(question.explanation),
        "tolerance": None if question.tolerance is None else str(question.tolerance.normalize()),
        "keep_order": question.keep_order,
        "choices": [
            {
                "id": choice.pk,
                "text": choice.text,
                "match": choice.match,
                "right": choice.right,
                "share": None if choice.share is None else str(choice.share.normalize()),
                "feedback": choice.feedback,
            }
            for choice in question.choices.all()
        ],
        "variants": {
            variant.language: {
                "stem": clean_inline(variant.stem),
                "explanation": clean_block(variant.explanation),
                "text": variant.texts.splitlines(),
                "match": variant.matches.splitlines(),
                "feedback": variant.feedback.splitlines(),
            }
            for variant in question.variants.all()
        },
    }


# --- corrected keys


@dataclass(frozen=True, slots=True)
class Correction:
    """What a corrected key would do to one attempt; ``question`` carries the corrected content, unsaved.

    For an open attempt ``score_after`` and ``passed_after`` are None.
    """

    attempt: Attempt
    question: AttemptQuestion
    score_after: Decimal | None
    passed_after: bool | None

    @property
    def changes_result(self) -> bool:
        """Whether a submitted attempt's score or pass would be another."""
        before = (self.attempt.score, self.attempt.passed)
        return self.attempt.submitted_at is not None and before != (self.score_after, self.passed_after)

    @property
    def loses_pass(self) -> bool:
        return self.attempt.passed is True and self.passed_after is False

    @property
    def gains_pass(self) -> bool:
        return self.attempt.passed is False and self.passed_after is True


def list_corrections(question: Question, version: Mapping[str, Any]) -> list[Correction]:
    """Return the attempts that hold another key of this question, with what this version's would make of each.

    ``version`` is a version's content: that of the question as it reads now, for a preview that writes nothing.
    """
    asked = (
        AttemptQuestion.objects.filter(question=question)
        .exclude(attempt__quiz__kind=QuizKind.SURVEY)
        .select_related("attempt__person", "response")
        .order_by("attempt__person__last_name", "attempt__person__first_name", "attempt__number", "pk")
    )
    changed = []
    for row in asked:
        content = correct_content(row.content, version)
        if content != row.content:
            row.content = content
            changed.append(row)
    return _correct(changed)


def _correct(changed: list[AttemptQuestion]) -> list[Correction]:
    ids = [row.attempt_id for row in changed if row.attempt.submitted_at]
    questions: dict[int, list[AttemptQuestion]] = {}
    for row in AttemptQuestion.objects.filter(attempt__in=ids).select_related("response"):
        questions.setdefault(row.attempt_id, []).append(row)
    corrections = []
    for row in changed:
        if row.attempt.submitted_at is None:
            corrections.append(Correction(row.attempt, row, None, None))
            continue
        points = (
            grade_question(row.content if other.pk == row.pk else other.content, other.chosen)
            for other in questions[row.attempt_id]
        )
        grade = grade_attempt(points, pass_percent=row.attempt.pass_percent)
        corrections.append(Correction(row.attempt, row, round_down(grade.score), grade.passed))
    return corrections


def list_corrected_questions(quiz: Quiz) -> list[tuple[Question, int]]:
    """Return the questions whose key reads otherwise than it did when they were asked, and in how many attempts."""
    found = []
    for question in quiz.questions.exclude(kind__in=SURVEY_KINDS).prefetch_related(*ASKED_WITH):
        content = read_content(question)
        asked = AttemptQuestion.objects.filter(question=question).exclude(attempt__quiz__kind=QuizKind.SURVEY)
        # What a version asked is the same for all its attempts, but for their order and language.
        number = sum(correct_content(row, content) != row for row in asked.values_list("content", flat=True).iterator())
        if number:
            found.append((question, number))
    return found


def list_regrades() -> QuerySet[Regrade]:
    """Return every correction of a key, the newest first, with how many attempts it changed and how many of those wait
    for a decision (``changed``, ``waiting``)."""
    waiting = Q(attempts__state=RegradeState.WAITING)
    counted = Regrade.objects.annotate(changed=Count("attempts"), waiting=Count("attempts", filter=waiting))
    return counted.select_related("question__quiz", "made_by").order_by("-made_at", "-pk")


def count_waiting_decisions() -> int:
    """Return how many passes wait for a coordinator's decision."""
    return RegradedAttempt.objects.filter(state=RegradeState.WAITING).count()


# --- more time


def list_time_extensions(people: QuerySet[Person]) -> QuerySet[TimeExtension]:
    """Return the extensions of these people, by name."""
    extensions = TimeExtension.objects.filter(person__in=people).select_related("person", "quiz", "granted_by")
    return extensions.order_by("person__sort_name", "quiz__title", "pk")
