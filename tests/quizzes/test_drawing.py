"""What an attempt asks: always, by tag, out of another quiz, in which language and version, until when."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from quizzes.models import Attempt, Choice, Draw, Question, QuestionVariant, QuestionVersion, Quiz
from quizzes.services import (
    CoolingOff,
    NoAttemptsLeft,
    NotEnoughQuestions,
    QuizNotOpen,
    extend_time,
    start_attempt,
    submit_attempt,
)

from .factories import NOW, add_question, answer, make_attempt, make_person, make_quiz, make_survey

pytestmark = pytest.mark.django_db

LINES = ({"text": "This", "right": True}, {"text": "That"})


def start(quiz: Quiz, **given: object) -> Attempt:
    quiz.refresh_from_db()
    given = {"person": make_person(uuid4().hex), "context": uuid4(), "now": NOW, **given}
    return start_attempt(quiz=quiz, **given)  # type: ignore[arg-type]


def codes(attempt: Attempt) -> list[str]:
    return [question.question.code for question in attempt.questions.select_related("question")]


@pytest.fixture
def bank() -> Quiz:
    """One question that is always asked, six that are drawn, by two tags."""
    quiz = Quiz.objects.create(code="bank", title="Bank")
    add_question(quiz, "always", "single", *LINES)
    for number in range(6):
        tag = "Law, signs" if number % 2 else "law"
        add_question(quiz, f"drawn-{number}", "single", *LINES, drawn_only=True, tags=tag)
    return quiz


def test_it_works(bank: Quiz) -> None:
    Draw.objects.create(quiz=bank, tag="LAW", number=4)
    drawn = [codes(start(bank)) for _attempt in range(12)]
    assert all(len(set(asked)) == 5 and asked[0] == "always" for asked in drawn)
    assert len({tuple(asked) for asked in drawn}) > 1


def test_nothing_is_asked_twice_and_too_few_is_said(bank: Quiz) -> None:
    Draw.objects.create(quiz=bank, tag="signs", number=3)
    Draw.objects.create(quiz=bank, tag="law", number=3)
    assert len(set(codes(start(bank)))) == 7
    Draw.objects.create(quiz=bank, tag="law", number=1)
    with pytest.raises(NotEnoughQuestions):
        start(bank)


def test_a_draw_may_take_from_another_quiz(bank: Quiz) -> None:
    quiz = make_quiz()
    Draw.objects.create(quiz=quiz, source=bank, tag="signs", number=2)
    asked = codes(start(quiz))
    assert asked[:4] == ["one", "several", "truth", "last"]
    assert set(asked[4:]) < {"drawn-1", "drawn-3", "drawn-5"}
    Question.objects.filter(code__startswith="drawn").update(retired=True)
    with pytest.raises(NotEnoughQuestions):
        start(quiz)


def test_questions_are_shuffled_when_the_quiz_says_so() -> None:
    quiz = make_quiz()
    assert len({tuple(codes(start(quiz))) for _attempt in range(8)}) == 1
    Quiz.objects.update(shuffle_questions=True)
    assert len({tuple(codes(start(quiz))) for _attempt in range(8)}) > 1


def test_choices_that_stay_in_order() -> None:
    quiz = make_quiz()
    Question.objects.filter(code="one").update(keep_order=True)
    orders = {tuple(choice["text"] for choice in start(quiz).questions.first().choices) for _attempt in range(8)}
    assert orders == {("one a", "one b", "one c", "one d")}


def test_a_graded_quiz_leaves_out_what_nothing_can_grade() -> None:
    quiz = make_quiz()
    add_question(quiz, "free", "free_text")
    assert "free" not in codes(start(quiz))
    assert codes(start(make_survey())) == ["scale", "words"]


# --- versions and languages


@pytest.mark.postgres
def test_a_version_is_what_was_asked() -> None:
    quiz = make_quiz()
    assert not QuestionVersion.objects.exists()
    Question.objects.filter(code="one").update(stem="Never asked")
    first = start(quiz)
    Question.objects.filter(code="one").update(stem="Other words")
    second = start(quiz)
    Question.objects.filter(code="one").update(stem="Never asked")
    third = start(quiz)
    versions = [attempt.questions.get(position=1).version for attempt in (first, second, third)]
    assert [version.number for version in versions] == [1, 2, 1]
    assert [version.content["stem"] for version in versions] == ["Never asked", "Other words", "Never asked"]
    assert QuestionVersion.objects.filter(question__code="last").count() == 1


def test_a_variant_has_the_keys_of_its_question() -> None:
    quiz = make_quiz()
    question = Question.objects.get(code="one")
    QuestionVariant.objects.create(question=question, language="es", stem="¿Cuál?", texts="uno\ndos\ntres\ncuatro")
    english, spanish = start(quiz), start(quiz, language="es")
    ours, theirs = english.questions.get(position=1), spanish.questions.get(position=1)
    assert theirs.content["stem"] == "¿Cuál?"
    assert (ours.right_ids, ours.choice_ids, ours.version) == (theirs.right_ids, theirs.choice_ids, theirs.version)
    # What has no variant is asked in its own language.
    assert spanish.questions.get(position=2).content["stem"] == english.questions.get(position=2).content["stem"]


# --- when, how often, how long


def test_a_quiz_opens_and_closes() -> None:
    quiz = make_quiz()
    Quiz.objects.update(opens_at=NOW, closes_at=NOW + timedelta(hours=1))
    with pytest.raises(QuizNotOpen) as refusal:
        start(quiz, now=NOW - timedelta(seconds=1))
    assert refusal.value.opens_at == NOW
    # It closes for those who have begun, too.
    assert start(quiz, now=NOW).deadline_at == NOW + timedelta(hours=1)
    with pytest.raises(QuizNotOpen) as refusal:
        start(quiz, now=NOW + timedelta(hours=1))
    assert refusal.value.closed_at == NOW + timedelta(hours=1)


def test_attempts_are_counted_and_lie_apart() -> None:
    quiz, person, context = make_quiz(), make_person(), uuid4()
    Quiz.objects.update(attempts_allowed=2, cool_off_hours=24)
    for day in range(2):
        now = NOW + timedelta(days=day)
        attempt = start(quiz, person=person, context=context, now=now)
        answer(attempt, wrong=(1, 2, 3, 4))
        submit_attempt(attempt=attempt, now=now)
        if day == 0:
            with pytest.raises(CoolingOff) as cooling:
                start(quiz, person=person, context=context, now=now + timedelta(hours=23))
            assert cooling.value.until == NOW + timedelta(hours=24)
    with pytest.raises(NoAttemptsLeft):
        start(quiz, person=person, context=context, now=NOW + timedelta(days=9))
    # Another course's, or next year's, are others.
    assert start(quiz, person=person, now=NOW + timedelta(days=9)).number == 1


def test_the_larger_extension_counts_and_none_goes_past_the_closing() -> None:
    quiz, person = make_quiz(), make_person()
    Quiz.objects.update(time_limit_minutes=60)
    actor = make_person("cora")
    for one, percent in ((None, 25), (quiz, 50)):
        extend_time(person=person, quiz=one, extra_percent=percent, actor=actor, now=timezone.now())
    assert start(quiz, person=person).deadline_at == NOW + timedelta(minutes=90)
    Quiz.objects.update(closes_at=NOW + timedelta(minutes=70))
    assert start(quiz, person=person).deadline_at == NOW + timedelta(minutes=70)
    assert make_attempt(Quiz.objects.get(), make_person("otto")).deadline_at == NOW + timedelta(minutes=60)


def test_choices_of_an_attempt_outlive_their_rows() -> None:
    attempt = make_attempt()
    Choice.objects.filter(question__code="one").delete()
    assert len(attempt.questions.get(position=1).choices) == 4
