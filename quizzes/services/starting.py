"""Starting an attempt: whether it may be, and what it asks."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from random import SystemRandom
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Count, Max

from lms.accounts.models import Person
from quizzes.contents import draw_content
from quizzes.enums import SURVEY_KINDS
from quizzes.models import Attempt, AttemptQuestion, Draw, Question, Quiz
from quizzes.selectors import ASKED_WITH

from .bank import keep_versions
from .time import deadline_of

DICE = SystemRandom()


class AttemptRefused(Exception):
    """No attempt may be started now."""


class QuizHasNoQuestions(AttemptRefused):
    """The quiz asks nothing at present, so there is nothing to attempt."""


class NotEnoughQuestions(QuizHasNoQuestions):
    """A draw finds fewer questions than it is to draw."""


class QuizNotOpen(AttemptRefused):
    """The quiz opens later, at ``opens_at``, or closed at ``closed_at``."""

    def __init__(self, *, opens_at: datetime | None = None, closed_at: datetime | None = None) -> None:
        super().__init__(opens_at or closed_at)
        self.opens_at = opens_at
        self.closed_at = closed_at


class NoAttemptsLeft(AttemptRefused):
    """All ``allowed`` attempts were made."""

    def __init__(self, allowed: int) -> None:
        super().__init__(allowed)
        self.allowed = allowed


class CoolingOff(AttemptRefused):
    """The next attempt may start at ``until``."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until


def start_attempt(
    *, quiz: Quiz, person: Person, context: UUID, now: datetime, language: str = settings.LANGUAGE_CODE
) -> Attempt:
    """Return the person's open attempt in this context, or draw a new one.

    ``context`` is what the attempt belongs to (an enrollment's key); numbers count on within it. Drawing freezes the
    questions that are asked, in the quiz's order and then those drawn by tag, each in ``language`` where it has such a
    variant. Two requests at once get the same attempt: the database allows one open attempt for each context and
    person. Raises AttemptRefused, by its kinds: QuizHasNoQuestions, NotEnoughQuestions, QuizNotOpen, NoAttemptsLeft,
    CoolingOff.
    """
    attempts = Attempt.objects.filter(context=context, person=person)
    if started := attempts.filter(submitted_at=None).first():
        return started
    try:
        return _draw_attempt(quiz, person, context, now, language)
    except IntegrityError:
        return attempts.get(submitted_at=None)


@transaction.atomic
def _draw_attempt(quiz: Quiz, person: Person, context: UUID, now: datetime, language: str) -> Attempt:
    _check_open(quiz, now)
    last = _check_attempts(quiz, person, context, now)
    questions = _draw_questions(quiz)
    versions = keep_versions(questions=questions, now=now)
    attempt = Attempt.objects.create(
        quiz=quiz,
        person=person,
        context=context,
        number=last + 1,
        language=language,
        pass_percent=quiz.pass_percent,
        feedback=quiz.feedback,
        started_at=now,
        deadline_at=deadline_of(quiz, person, started_at=now),
        question_count=len(questions),
        max_score=0 if quiz.is_survey else len(questions),
    )
    AttemptQuestion.objects.bulk_create(
        AttemptQuestion(
            attempt=attempt,
            question=question,
            version=versions[question.pk],
            position=position,
            content=draw_content(
                versions[question.pk].content,
                language=language,
                shuffle=quiz.shuffle_choices,
                random=DICE,
            ),
        )
        for position, question in enumerate(questions, start=1)
    )
    return attempt


def _check_open(quiz: Quiz, now: datetime) -> None:
    if quiz.opens_at is not None and now < quiz.opens_at:
        raise QuizNotOpen(opens_at=quiz.opens_at)
    if quiz.closes_at is not None and now >= quiz.closes_at:
        raise QuizNotOpen(closed_at=quiz.closes_at)


def _check_attempts(quiz: Quiz, person: Person, context: UUID, now: datetime) -> int:
    """Return the number of the last attempt; raises when there may be no further one yet."""
    made = Attempt.objects.filter(context=context, person=person).aggregate(
        last=Max("number"), number=Count("pk"), submitted_at=Max("submitted_at")
    )
    if quiz.attempts_allowed is not None and made["number"] >= quiz.attempts_allowed:
        raise NoAttemptsLeft(quiz.attempts_allowed)
    if quiz.cool_off_hours and made["submitted_at"] is not None:
        until = made["submitted_at"] + timedelta(hours=quiz.cool_off_hours)
        if now < until:
            raise CoolingOff(until)
    return made["last"] or 0


def _draw_questions(quiz: Quiz) -> list[Question]:
    """Return what an attempt asks: the questions that are always asked, then the draws, none twice."""
    draws = list(Draw.objects.filter(quiz=quiz))
    sources = {quiz.pk, *(draw.source_id for draw in draws if draw.source_id)}
    questions = Question.objects.filter(quiz__in=sources, retired=False)
    if not quiz.is_survey:
        questions = questions.exclude(kind__in=SURVEY_KINDS)
    bank = list(questions.prefetch_related(*ASKED_WITH).order_by("position", "pk"))
    asked = [question for question in bank if question.quiz_id == quiz.pk and not question.drawn_only]
    for draw in draws:
        source = draw.source_id or quiz.pk
        asked += _draw_by_tag([question for question in bank if question.quiz_id == source], asked, draw)
    if not asked:
        raise QuizHasNoQuestions(quiz.code)
    if quiz.shuffle_questions:
        DICE.shuffle(asked)
    return asked


def _draw_by_tag(bank: Iterable[Question], asked: Collection[Question], draw: Draw) -> list[Question]:
    found = [question for question in bank if draw.tag.strip().lower() in question.tag_set and question not in asked]
    if len(found) < draw.number:
        raise NotEnoughQuestions(draw.tag, draw.number, len(found))
    return DICE.sample(found, draw.number)
