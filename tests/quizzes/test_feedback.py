"""What is told when: at once, at the end, after passing."""

from __future__ import annotations

import html

import pytest
from django.test import Client

from quizzes.enums import FeedbackPolicy
from quizzes.models import Attempt, Quiz, Response

from .factories import answer, make_attempt, make_quiz, right_ids, wrong_ids

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.quizzes.urls")]


def attempt_with(policy: FeedbackPolicy) -> Attempt:
    quiz = make_quiz()
    Quiz.objects.update(feedback=policy)
    quiz.refresh_from_db()
    return make_attempt(quiz)


def address(attempt: Attempt, step: object) -> str:
    return f"/attempt/{attempt.pk}/{step}/"


def text_of(response: object) -> str:
    return html.unescape(response.content.decode())  # type: ignore[attr-defined]


def result_of(client: Client, attempt: Attempt, *, wrong: tuple[int, ...]) -> str:
    client.force_login(attempt.person)
    answer(attempt, wrong=wrong)
    return text_of(client.post(address(attempt, "check"), follow=True))


def test_at_once_an_answer_is_told_and_closed(client: Client) -> None:
    attempt = attempt_with(FeedbackPolicy.NOW)
    client.force_login(attempt.person)
    assert "Explained: one." not in text_of(client.get(address(attempt, 1)))
    page = client.post(address(attempt, 1), {"chosen": wrong_ids(attempt, 1)}, follow=True)
    text = text_of(page)
    assert page.request["PATH_INFO"] == address(attempt, 1)
    assert "Look again" in text
    assert "The right answer: one b" in " ".join(text.split())
    assert "Explained: one." in text
    assert "Next question" in text
    # The first answer stands, without a script and with one.
    for headers in ({}, {"accept": "application/json"}):
        again = client.post(address(attempt, 1), {"chosen": right_ids(attempt, 1)}, headers=headers)
        assert again.status_code == 409
        assert "your first answer stands" in text_of(again)
    assert Response.objects.get().chosen == wrong_ids(attempt, 1)


def test_at_the_end_the_right_answers_are_told_passed_or_not(client: Client) -> None:
    text = result_of(client, attempt_with(FeedbackPolicy.AT_END), wrong=(1, 2))
    assert "Not yet: 2 of 4" in text
    assert "Explained: one." in text
    assert "one b" in text


@pytest.mark.parametrize(("wrong", "told"), [((1, 2), False), ((1,), True)])
def test_after_passing_they_are_told_to_who_passed(client: Client, wrong: tuple[int, ...], told: bool) -> None:
    text = result_of(client, attempt_with(FeedbackPolicy.AFTER_PASSING), wrong=wrong)
    assert ("Explained: one." in text) is told
    assert ("one b" in text) is told
