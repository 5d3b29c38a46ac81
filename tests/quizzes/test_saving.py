"""An answer on its way: sent twice, overtaken, from two windows, too late, signed out; and a process killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as rules
from hypothesis import strategies as st

from quizzes.enums import FeedbackPolicy
from quizzes.models import Attempt, Quiz, Response
from quizzes.services import AnswerClosed, AnswerConflict, TimeIsUp, save_response, submit_attempt

from .factories import (
    NOW,
    as_posted,
    make_attempt,
    make_person,
    make_quiz,
    make_quiz_of_every_kind,
    right_answer,
    right_ids,
    wrong_ids,
)

HERE, THERE = UUID(int=1), UUID(int=2)
JSON = {"accept": "application/json"}


def save(attempt: Attempt, chosen: list[int], *, now: datetime = NOW, **message: object) -> Response:
    return save_response(attempt=attempt, position=1, chosen=chosen, now=now, **message)  # type: ignore[arg-type]


@pytest.fixture
def attempt(db: None) -> Attempt:
    return make_attempt()


# --- one page


def test_a_message_that_comes_twice_gets_the_same_receipt(attempt: Attempt) -> None:
    first = save(attempt, right_ids(attempt, 1), revision=0, page=HERE, sequence=1)
    again = save(attempt, right_ids(attempt, 1), revision=0, page=HERE, sequence=1, now=NOW + timedelta(minutes=1))
    assert (again.revision, again.saved_at) == (first.revision, first.saved_at) == (1, NOW)


def test_a_message_that_was_overtaken_changes_nothing(attempt: Attempt) -> None:
    save(attempt, right_ids(attempt, 1), revision=0, page=HERE, sequence=2)
    late = save(attempt, wrong_ids(attempt, 1), revision=0, page=HERE, sequence=1)
    assert late.chosen == Response.objects.get().chosen == right_ids(attempt, 1)


@pytest.mark.postgres
@pytest.mark.django_db
@rules(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.permutations([1, 2, 3, 4]), st.lists(st.integers(1, 4), max_size=4))
def test_in_any_order_and_however_often_the_last_said_stands(order: list[int], repeats: list[int]) -> None:
    attempt = make_attempt(make_quiz(uuid4().hex), make_person(uuid4().hex))
    ids = sorted(attempt.questions.get(position=1).choice_ids)
    for sequence in [*order, *repeats]:
        save(attempt, [ids[sequence - 1]], revision=0, page=HERE, sequence=sequence)
    assert Response.objects.get(question__attempt=attempt).chosen == [ids[3]]


# --- two windows


@pytest.mark.postgres
def test_a_second_window_does_not_overwrite_in_silence(attempt: Attempt) -> None:
    save(attempt, right_ids(attempt, 1), revision=0, page=HERE, sequence=1)
    with pytest.raises(AnswerConflict) as conflict:
        save(attempt, wrong_ids(attempt, 1), revision=0, page=THERE, sequence=1)
    assert conflict.value.response.chosen == Response.objects.get().chosen == right_ids(attempt, 1)
    # Knowing that answer, it may.
    save(attempt, wrong_ids(attempt, 1), revision=1, page=THERE, sequence=2)
    assert Response.objects.get().chosen == wrong_ids(attempt, 1)


def test_two_windows_that_say_the_same_agree(attempt: Attempt) -> None:
    save(attempt, right_ids(attempt, 1), revision=0, page=HERE, sequence=1)
    assert save(attempt, right_ids(attempt, 1), revision=0, page=THERE, sequence=1).revision == 1


# --- time


@pytest.mark.parametrize(
    ("seconds", "taken"), [(-1, True), (0, True), (9.9, True), (10, True), (10.1, False), (600, False)]
)
def test_ten_seconds_after_the_deadline_nothing_is_taken(seconds: float, taken: bool, db: None) -> None:
    quiz = make_quiz()
    Quiz.objects.update(time_limit_minutes=5)
    quiz.refresh_from_db()
    attempt = make_attempt(quiz)
    assert attempt.deadline_at is not None
    now = attempt.deadline_at + timedelta(seconds=seconds)
    if taken:
        save(attempt, right_ids(attempt, 1), now=now)
    else:
        with pytest.raises(TimeIsUp):
            save(attempt, right_ids(attempt, 1), now=now)
    assert Response.objects.exists() is taken
    # Whatever is there is handed in, and nothing before the time.
    if seconds >= 0:
        assert submit_attempt(attempt=attempt, now=now).score == int(taken)


def test_feedback_closes_an_answer(db: None) -> None:
    quiz = make_quiz()
    Quiz.objects.update(feedback=FeedbackPolicy.NOW)
    quiz.refresh_from_db()
    attempt = make_attempt(quiz)
    save(attempt, wrong_ids(attempt, 1))
    with pytest.raises(AnswerClosed):
        save(attempt, right_ids(attempt, 1))
    assert save(attempt, wrong_ids(attempt, 1)).revision == 1


# --- what a page's script hears


@pytest.fixture
def every_kind(db: None) -> Attempt:
    return make_attempt(make_quiz_of_every_kind())


@pytest.fixture
def reader(client: Client, every_kind: Attempt) -> Client:
    client.force_login(every_kind.person)
    return client


pytestmark = pytest.mark.urls("tests.quizzes.urls")


def test_every_kind_gets_a_receipt(reader: Client, every_kind: Attempt) -> None:
    for question in every_kind.questions.all():
        posted = {"chosen": as_posted(question, right_answer(question)), "page": HERE, "revision": 0, "sequence": 1}
        answer = reader.post(f"/attempt/{every_kind.pk}/{question.position}/", posted, headers=JSON)
        assert (answer.status_code, answer.json()["revision"]) == (200, 1)
        assert answer.json()["words"].startswith("Saved ")
    last = answer.json()["next"]
    assert last == f"/attempt/{every_kind.pk}/check/"
    done = reader.post(last, follow=True)
    assert "Passed: 7 of 7" in done.content.decode()


@pytest.mark.parametrize(("left", "shown"), [(59.2, 60), (0.3, 1)])
def test_a_page_counts_down_to_the_deadline_and_not_to_before_it(
    reader: Client, every_kind: Attempt, left: float, shown: int
) -> None:
    """What a script hands in a moment too early comes back, as long as questions are open."""
    now = timezone.now().replace(microsecond=0)
    Attempt.objects.update(deadline_at=now + timedelta(seconds=left))
    with time_machine.travel(now, tick=False):
        assert f'data-seconds="{shown}"' in reader.get(f"/attempt/{every_kind.pk}/1/").content.decode()


def test_a_script_hears_in_words_what_is_refused(reader: Client, every_kind: Attempt) -> None:
    address = f"/attempt/{every_kind.pk}/6/"
    empty = reader.post(address, {"chosen": ""}, headers=JSON)
    assert (empty.status_code, empty.json()) == (422, {"words": "Write an answer, then go on."})
    foreign = reader.post(f"/attempt/{every_kind.pk}/1/", {"chosen": "999999"}, headers=JSON)
    assert foreign.status_code == 400
    guarded = reader.post(address, {"chosen": "born 03/04/2010, SSN 123-45-6789"}, headers=JSON)
    assert guarded.status_code == 422
    assert "Take it out" in guarded.json()["words"]
    reader.post(address, {"chosen": "chili", "page": HERE, "revision": 0, "sequence": 1}, headers=JSON)
    other = {"chosen": "jalapeño", "page": THERE, "revision": 0, "sequence": 1}
    conflict = reader.post(address, other, headers=JSON)
    assert conflict.status_code == 409
    assert "“chili”. That answer is kept." in conflict.json()["words"]
    # Without a script the same is said on the question's page, which keeps what was given.
    page = reader.post(address, other)
    assert page.status_code == 409
    assert 'value="jalapeño"' in page.content.decode()
    reader.logout()
    signed_out = reader.post(address, other, headers=JSON)
    assert signed_out.status_code == 401
    way = urlencode({"next": address})
    assert signed_out.json()["sign_in"] == f"/accounts/login/?{way}"
    assert Response.objects.get().chosen == ["chili"]


def test_without_a_script_an_answer_comes_back_after_signing_in(reader: Client, every_kind: Attempt) -> None:
    address = f"/attempt/{every_kind.pk}/6/"
    reader.logout()
    sent = reader.post(address, {"chosen": "jalapeño"})
    assert sent.status_code == 302
    reader.force_login(every_kind.person)
    back = reader.get(f"{address}?chosen=jalape%C3%B1o")
    assert 'value="jalapeño"' in back.content.decode()
    assert "You were signed out before this answer was saved." in back.content.decode()
    assert not Response.objects.exists()


def test_an_answer_that_came_too_late_stays_on_the_screen(reader: Client, every_kind: Attempt) -> None:
    Attempt.objects.update(deadline_at=timezone.now() - timedelta(seconds=11))
    address = f"/attempt/{every_kind.pk}/6/"
    page = reader.post(address, {"chosen": "jalapeño"})
    assert page.status_code == 409
    assert 'value="jalapeño"' in page.content.decode()
    assert "This answer came later and does not count" in page.content.decode()
    assert reader.post(address, {"chosen": "jalapeño"}, headers=JSON).status_code == 409
    assert not Response.objects.exists()


# --- killed

SAVE_FOR_EVER = """
import itertools, sys, django
django.setup()
from django.utils import timezone
from quizzes.models import Attempt
from quizzes.services import save_response
attempt = Attempt.objects.get()
ids = sorted(attempt.questions.get(position=1).choice_ids)
for number in itertools.count():
    chosen = [ids[number % len(ids)]]
    saved = save_response(attempt=attempt, position=1, chosen=chosen, now=timezone.now())
    print(saved.revision, chosen[0], flush=True)
"""


@pytest.mark.postgres
def test_a_killed_process_loses_nothing_that_it_acknowledged(committing_db: None, tmp_path: Path) -> None:
    attempt = make_attempt()
    name = connection.settings_dict["NAME"]
    address = os.environ.get("DATABASE_URL", "")
    url = f"sqlite:///{name}" if connection.vendor == "sqlite" else f"{address.rpartition('/')[0]}/{name}"
    acknowledged = tmp_path / "acknowledged"
    with acknowledged.open("w") as receipts:
        process = subprocess.Popen(
            [sys.executable, "-c", SAVE_FOR_EVER],
            cwd=settings.BASE_DIR,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "lms.settings.dev", "DATABASE_URL": url},
            stdout=receipts,
        )
        until = time.monotonic() + 60
        while acknowledged.read_text().count("\n") < 20 and time.monotonic() < until:
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        process.wait()
    lines = [line.split() for line in acknowledged.read_text().splitlines() if line.count(" ") == 1]
    assert len(lines) >= 20
    revision, chosen = map(int, lines[-1])
    saved = Response.objects.get(question__attempt=attempt)
    # The one on its way when the signal came may have been committed, and not yet told.
    assert saved.revision in {revision, revision + 1}
    if saved.revision == revision:
        assert saved.chosen == [chosen]
