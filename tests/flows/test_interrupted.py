"""A learner who is interrupted: the session ends, the course goes away, the other device is at hand."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from curricula.models import Course, CoursePage
from lms.learning.models import Enrollment
from quizzes.models import Response
from tests.conftest import Cast
from tests.learning.test_player import begin_quiz, read_all, section_urls, start

from .conftest import choose, sign_in, words


def test_a_lost_session_comes_back_to_the_same_section(client: Client, cast: Cast, course: Course) -> None:
    sign_in(client, cast.learner.email)
    first, second = section_urls(start(client, course))
    client.post(first)
    client.cookies.clear()
    sent = client.post(second)
    assert sent.status_code == 302
    back = sign_in(client, cast.learner.email, second)
    assert back.request["PATH_INFO"] == second
    assert "Second part" in words(back)


def test_another_device_goes_on(client: Client, cast: Cast, course: Course) -> None:
    sign_in(client, cast.learner.email)
    enrollment = start(client, course)
    first, second = section_urls(enrollment)
    client.post(first)
    sign_in(phone := Client(), cast.learner.email)
    assert second in phone.get(reverse("learning:course", args=[enrollment.key])).content.decode()


def test_a_course_taken_down_in_the_quiz_waits(client: Client, cast: Cast, course: Course) -> None:
    sign_in(client, cast.learner.email)
    enrollment = start(client, course)
    read_all(client, enrollment)
    attempt = begin_quiz(client, enrollment)
    step = reverse("learning:quiz-step", args=[enrollment.key, attempt.pk, "1"])
    check = reverse("learning:quiz-step", args=[enrollment.key, attempt.pk, "check"])
    chosen = choose(client.get(step), "This")
    client.post(step, {"chosen": chosen})
    page = CoursePage.objects.get(course=course)
    page.unpublish()
    assert client.get(step).status_code == 410
    assert client.post(check).status_code == 410
    page.save_revision().publish()
    assert Response.objects.get().chosen == [int(chosen)]
    done = client.post(check, follow=True)
    assert done.status_code == 200
    assert Enrollment.objects.get().finished_at is not None


def test_wrong_turns_in_the_quiz(client: Client, cast: Cast, course: Course) -> None:
    sign_in(client, cast.learner.email)
    enrollment = start(client, course)
    read_all(client, enrollment)
    attempt = begin_quiz(client, enrollment)

    def step(name: str) -> str:
        return reverse("learning:quiz-step", args=[enrollment.key, attempt.pk, name])

    empty = client.post(step("1"))
    assert empty.status_code == 422
    assert "Choose an answer" in words(empty)
    assert client.post(step("1"), {"chosen": "999999"}).status_code == 400
    assert client.post(step("2"), {"chosen": "1"}).status_code == 404
    assert client.post(step("check")).status_code == 422
    assert not Response.objects.exists()
