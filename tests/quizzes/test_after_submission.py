"""No sequence of requests can raise a score after submission."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quizzes.models import Attempt, Response
from quizzes.services import submit_attempt

from .factories import NOW, answer, make_attempt, make_person, make_quiz

STEPS = st.sampled_from(["0", "1", "2", "3", "4", "5", "check", "result"])
# How a learner may answer: rightly, wrongly, with everything, with nothing, or with a choice of another question.
ANSWERS = st.sampled_from(["right", "wrong", "all", "none", "foreign"])
REQUESTS = st.lists(st.tuples(st.sampled_from(["get", "post"]), STEPS, ANSWERS), max_size=6)
WRONG = st.sets(st.integers(1, 4)).map(lambda positions: tuple(sorted(positions)))


def ids(attempt: Attempt, step: str, kind: str) -> list[int]:
    questions = {str(question.position): question for question in attempt.questions.all()}
    question = questions.get(step, questions["1"])
    return {
        "right": list(question.right_ids),
        "wrong": list(question.choice_ids - question.right_ids),
        "all": list(question.choice_ids),
        "none": [],
        "foreign": [max(question.choice_ids) + 1],
    }[kind]


def record(attempt: Attempt) -> list[object]:
    """Everything that is kept about the attempt."""
    return [
        Attempt.objects.filter(pk=attempt.pk).values().get(),
        list(attempt.questions.values()),
        list(Response.objects.filter(question__attempt=attempt).order_by("pk").values()),
    ]


@pytest.mark.django_db
@pytest.mark.urls("tests.quizzes.urls")
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wrong=WRONG, requests=REQUESTS)
def test_no_request_changes_a_submitted_attempt(
    client: Client, wrong: tuple[int, ...], requests: list[tuple[str, str, str]]
) -> None:
    attempt = make_attempt(make_quiz(uuid4().hex), make_person(uuid4().hex))
    answer(attempt, wrong=wrong)
    score = submit_attempt(attempt=attempt, now=NOW).score
    assert score == 4 - len(wrong)
    before = record(attempt)
    client.force_login(attempt.person)
    for method, step, kind in requests:
        getattr(client, method)(f"/attempt/{attempt.pk}/{step}/", {"chosen": ids(attempt, step, kind)})
    assert record(attempt) == before


@pytest.mark.django_db
@pytest.mark.urls("tests.quizzes.urls")
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(requests=REQUESTS)
def test_the_score_is_that_of_the_last_answers_before_submission(
    client: Client, requests: list[tuple[str, str, str]]
) -> None:
    attempt = make_attempt(make_quiz(uuid4().hex), make_person(uuid4().hex))
    client.force_login(attempt.person)
    answer(attempt)
    given_right = dict.fromkeys("1234", True)
    submitted = False
    for method, step, kind in [*requests, ("post", "check", "none")]:
        chosen = ids(attempt, step, kind)
        getattr(client, method)(f"/attempt/{attempt.pk}/{step}/", {"chosen": chosen})
        fits = kind in ("right", "wrong", "all") and (step == "2" or len(chosen) == 1)
        if method == "post" and step in given_right and fits and not submitted:
            given_right[step] = kind == "right"
        submitted = submitted or (method, step) == ("post", "check")
    attempt.refresh_from_db()
    assert attempt.score == sum(given_right.values())
