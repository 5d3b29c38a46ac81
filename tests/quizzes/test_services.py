"""Starting, answering, submitting."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Thread
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from pytest_django import DjangoAssertNumQueries

from quizzes.models import Attempt, AttemptQuestion, Choice, Question, Quiz, Response
from quizzes.services import (
    AttemptClosed,
    EmptyAnswer,
    QuizHasNoQuestions,
    TooManyChoices,
    Unanswered,
    UnknownChoice,
    UnknownQuestion,
    save_response,
    start_attempt,
    submit_attempt,
)

from .factories import CONTEXT, NOW, answer, make_attempt, make_person, make_quiz, right_ids, wrong_ids

LATER = NOW + timedelta(minutes=5)


@pytest.mark.django_db
@pytest.mark.postgres
def test_it_works() -> None:
    attempt = make_attempt()
    answer(attempt, wrong=(2,))
    result = submit_attempt(attempt=attempt, now=LATER)
    assert (result.score, result.max_score, result.passed) == (3, 4, True)
    assert (str(result.percent), result.submitted_at, result.points_needed) == ("75.00", LATER, 3)


# --- starting


@pytest.mark.django_db
def test_an_open_attempt_is_returned_again() -> None:
    quiz, person = make_quiz(), make_person()
    first = make_attempt(quiz, person)
    assert make_attempt(quiz, person) == first
    assert make_attempt(quiz, person, context=uuid4()) != first
    assert make_attempt(quiz, make_person("otto")) != first


@pytest.mark.django_db
def test_numbers_count_on_after_submission() -> None:
    quiz, person = make_quiz(), make_person()
    for number in (1, 2, 3):
        attempt = make_attempt(quiz, person)
        assert attempt.number == number
        answer(attempt, wrong=(1, 2, 3, 4))
        submit_attempt(attempt=attempt, now=LATER)


@pytest.mark.django_db
def test_an_attempt_freezes_what_was_drawn() -> None:
    quiz = make_quiz()
    Question.objects.filter(code="truth").update(retired=True)
    attempt = make_attempt(quiz)
    drawn = {question.question.code: question.content for question in attempt.questions.all()}
    assert list(drawn) == ["one", "several", "last"]
    Question.objects.update(stem="Changed", kind="multiple")
    Choice.objects.update(text="Changed", right=True)
    Quiz.objects.update(pass_percent=1)
    assert {question.question.code: question.content for question in attempt.questions.all()} == drawn
    answer(attempt, wrong=(1, 2))
    assert submit_attempt(attempt=attempt, now=LATER).passed is False


@pytest.mark.django_db
def test_choices_are_shuffled_but_true_stands_before_false() -> None:
    quiz = make_quiz()
    orders = {position: set() for position in (1, 2, 3)}
    for _ in range(25):
        for question in make_attempt(quiz, make_person(uuid4().hex)).questions.filter(position__in=orders):
            orders[question.position].add(tuple(choice["text"] for choice in question.choices))
    assert len(orders[1]) > 1
    assert len(orders[2]) > 1
    assert orders[3] == {("truth a", "truth b")}


@pytest.mark.django_db
def test_scripts_do_not_get_into_an_attempt() -> None:
    quiz = make_quiz()
    Question.objects.update(stem="<p onclick='x()'>Who <em>acts</em>?<script>x()</script></p>")
    assert make_attempt(quiz).questions.first().content["stem"] == "Who <em>acts</em>?"


@pytest.mark.django_db
def test_a_quiz_that_asks_nothing_is_not_started() -> None:
    quiz = Quiz.objects.create(code="empty", title="Empty")
    with pytest.raises(QuizHasNoQuestions):
        make_attempt(quiz)
    assert not Attempt.objects.exists()


@pytest.mark.django_db
def test_starting_takes_as_many_queries_for_any_number_of_questions(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    quiz, person = make_quiz(), make_person()
    # Its questions as they read now are kept as versions once; after that, an attempt finds them.
    for number, queries in enumerate((14, 11)):
        with django_assert_num_queries(queries):
            make_attempt(quiz, person, context=UUID(int=number))


# --- answering


@pytest.mark.django_db
def test_an_answer_replaces_the_one_before() -> None:
    attempt = make_attempt()
    save_response(attempt=attempt, position=1, chosen=wrong_ids(attempt, 1), now=NOW)
    save_response(attempt=attempt, position=1, chosen=right_ids(attempt, 1), now=LATER)
    response = Response.objects.get(question__attempt=attempt)
    assert (response.chosen, response.saved_at) == (right_ids(attempt, 1), LATER)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("position", "choose", "refusal"),
    [
        (1, lambda attempt: [], EmptyAnswer),
        (1, lambda attempt: right_ids(attempt, 2), UnknownChoice),
        (1, lambda attempt: [*right_ids(attempt, 1), 0], UnknownChoice),
        (1, lambda attempt: right_ids(attempt, 1) + wrong_ids(attempt, 1), TooManyChoices),
        (3, lambda attempt: right_ids(attempt, 3) + wrong_ids(attempt, 3), TooManyChoices),
        (0, lambda attempt: right_ids(attempt, 1), UnknownQuestion),
        (5, lambda attempt: right_ids(attempt, 1), UnknownQuestion),
    ],
)
def test_an_answer_that_does_not_fit_is_refused_and_nothing_changes(
    position: int, choose: Callable[[Attempt], list[int]], refusal: type[Exception]
) -> None:
    attempt = make_attempt()
    answer(attempt)
    before = list(Response.objects.order_by("pk").values())
    with pytest.raises(refusal):
        save_response(attempt=attempt, position=position, chosen=choose(attempt), now=LATER)
    assert list(Response.objects.order_by("pk").values()) == before


@pytest.mark.django_db
def test_no_answer_is_taken_after_submission() -> None:
    attempt = make_attempt()
    answer(attempt, wrong=(1, 2))
    submit_attempt(attempt=attempt, now=NOW)
    with pytest.raises(AttemptClosed):
        save_response(attempt=attempt, position=1, chosen=right_ids(attempt, 1), now=LATER)
    assert attempt.questions.get(position=1).chosen == wrong_ids(attempt, 1)


# --- submitting


@pytest.mark.django_db
def test_open_questions_are_named() -> None:
    attempt = make_attempt()
    save_response(attempt=attempt, position=2, chosen=right_ids(attempt, 2), now=NOW)
    with pytest.raises(Unanswered) as refusal:
        submit_attempt(attempt=attempt, now=NOW)
    assert refusal.value.positions == [1, 3, 4]
    attempt.refresh_from_db()
    assert attempt.submitted_at is None


@pytest.mark.django_db
def test_a_second_submission_changes_nothing_and_is_told_to_nobody() -> None:
    attempt = make_attempt()
    answer(attempt)
    told: list[Attempt] = []
    first = submit_attempt(attempt=attempt, now=NOW, on_submitted=told.append)
    second = submit_attempt(attempt=attempt, now=LATER, on_submitted=told.append)
    assert (second.submitted_at, second.score, second.passed) == (first.submitted_at, first.score, first.passed)
    assert told == [first]


@pytest.mark.django_db
@pytest.mark.postgres
def test_an_attempt_stays_open_when_its_record_fails() -> None:
    def fail(attempt: Attempt) -> None:
        raise RuntimeError

    attempt = make_attempt()
    answer(attempt)
    with pytest.raises(RuntimeError):
        submit_attempt(attempt=attempt, now=NOW, on_submitted=fail)
    attempt.refresh_from_db()
    assert (attempt.submitted_at, attempt.score) == (None, None)


# --- what the database holds


@pytest.mark.django_db
@pytest.mark.postgres
def test_the_database_allows_one_open_attempt() -> None:
    attempt = make_attempt()
    with pytest.raises(IntegrityError), transaction.atomic():
        Attempt.objects.create(
            quiz=attempt.quiz,
            person=attempt.person,
            context=CONTEXT,
            number=2,
            pass_percent=80,
            started_at=NOW,
            question_count=1,
            max_score=1,
        )


@pytest.mark.django_db
@pytest.mark.postgres
def test_the_database_refuses_a_submission_without_a_grade() -> None:
    attempt = make_attempt()
    with pytest.raises(IntegrityError), transaction.atomic():
        Attempt.objects.filter(pk=attempt.pk).update(submitted_at=NOW)


@pytest.mark.django_db
@pytest.mark.postgres
def test_a_question_that_was_asked_is_not_deleted() -> None:
    attempt = make_attempt()
    with pytest.raises(ProtectedError):
        Question.objects.get(code="one").delete()
    with pytest.raises(ProtectedError):
        attempt.delete()


# --- at once


def at_once(calls: list[Callable[[], object]]) -> list[object]:
    """Run the calls in threads of their own that start together, and return their results."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], object]) -> object:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=20)
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


@pytest.mark.postgres
def test_starts_at_once_get_the_same_attempt(committing_db: None) -> None:
    quiz, person = make_quiz(), make_person()

    def start() -> object:
        return start_attempt(quiz=quiz, person=person, context=CONTEXT, now=NOW).pk

    assert len(set(at_once([start] * 4))) == 1
    assert Attempt.objects.count() == 1
    assert AttemptQuestion.objects.count() == 4


@pytest.mark.postgres
def test_submissions_at_once_close_the_attempt_once(committing_db: None) -> None:
    attempt = make_attempt()
    answer(attempt, wrong=(1,))
    told: list[int] = []

    def submit() -> object:
        return submit_attempt(attempt=attempt, now=NOW, on_submitted=lambda closed: told.append(closed.pk)).score

    assert set(at_once([submit] * 4)) == {3}
    assert told == [attempt.pk]


@pytest.mark.postgres
def test_an_answer_beside_a_submission_is_graded_or_refused(committing_db: None) -> None:
    attempt = make_attempt()
    answer(attempt, wrong=(1,))
    right = right_ids(attempt, 1)

    def save() -> object:
        try:
            save_response(attempt=attempt, position=1, chosen=right, now=NOW)
        except AttemptClosed:
            return "refused"
        return "saved"

    def submit() -> object:
        return submit_attempt(attempt=attempt, now=NOW).score

    saved, score = at_once([save, submit])
    assert score == (4 if saved == "saved" else 3)
    assert (attempt.questions.get(position=1).chosen == right) is (saved == "saved")


@pytest.mark.postgres
def test_an_older_message_that_waited_for_a_newer_one_changes_nothing(committing_db: None) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time, and reads after it has waited.")
    attempt, page = make_attempt(), uuid4()
    right, wrong = right_ids(attempt, 1), wrong_ids(attempt, 1)
    told: list[object] = []

    def save_older() -> None:
        told.append(save_response(attempt=attempt, position=1, chosen=wrong, now=NOW, page=page, sequence=1).chosen)
        connection.close()

    older = Thread(target=save_older)
    with transaction.atomic(), connection.cursor() as cursor:
        save_response(attempt=attempt, position=1, chosen=right, now=NOW, page=page, sequence=2)
        older.start()
        waits = False
        while older.is_alive() and not waits:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            [waits] = cursor.fetchone()
    older.join()
    assert told == [right]
    assert attempt.questions.get(position=1).chosen == right
