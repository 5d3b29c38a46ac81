"""Taking a course: section by section, then the quiz; every wrong turn answers in words and loses nothing."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from curricula.models import Course, CoursePage, ModulePage
from lms.learning.models import Completion, Enrollment, SectionProgress
from lms.learning.selectors import get_progress
from quizzes.models import Attempt
from tests.conftest import Cast


@pytest.fixture
def learner(client: Client, cast: Cast) -> Client:
    client.force_login(cast.learner)
    return client


def start(client: Client, course: Course) -> Enrollment:
    client.post(reverse("learning:enroll", args=[course.code]))
    return Enrollment.objects.get(course=course)


def section_urls(enrollment: Enrollment) -> list[str]:
    progress = get_progress(enrollment)
    assert progress is not None
    return [
        reverse("learning:section", args=[enrollment.key, place.module.key, place.section.id])
        for place in progress.places
    ]


def read_all(client: Client, enrollment: Enrollment) -> None:
    for url in section_urls(enrollment):
        client.post(url)


def begin_quiz(client: Client, enrollment: Enrollment) -> Attempt:
    client.post(reverse("learning:quiz", args=[enrollment.key]))
    return Attempt.objects.get(submitted_at=None)


def answer(client: Client, enrollment: Enrollment, attempt: Attempt, *, right: bool) -> None:
    question = attempt.questions.get()
    chosen = next(choice["id"] for choice in question.content["choices"] if choice["right"] == right)
    client.post(reverse("learning:quiz-step", args=[enrollment.key, attempt.pk, "1"]), {"chosen": chosen})


def submit(client: Client, enrollment: Enrollment, attempt: Attempt) -> None:
    client.post(reverse("learning:quiz-step", args=[enrollment.key, attempt.pk, "check"]))


def test_the_quiz_goes_on_at_its_first_open_question(learner: Client, course: Course) -> None:
    enrollment = start(learner, course)
    read_all(learner, enrollment)
    attempt = begin_quiz(learner, enrollment)
    again = reverse("learning:quiz", args=[enrollment.key])
    assert learner.post(again).headers["Location"].endswith("/1/")
    answer(learner, enrollment, attempt, right=False)
    assert learner.post(again).headers["Location"].endswith("/check/")


def test_it_works(learner: Client, course: Course, cast: Cast) -> None:
    enrollment = start(learner, course)
    read_all(learner, enrollment)
    attempt = begin_quiz(learner, enrollment)
    answer(learner, enrollment, attempt, right=False)
    submit(learner, enrollment, attempt)
    assert not Completion.objects.exists()
    attempt = begin_quiz(learner, enrollment)
    answer(learner, enrollment, attempt, right=True)
    for _click in range(2):
        submit(learner, enrollment, attempt)
    completion = Completion.objects.get()
    assert (completion.person, completion.person_name, completion.version) == (cast.learner, "Lena Learner", 1)
    assert completion.score == 100
    enrollment.refresh_from_db()
    assert enrollment.finished_at is not None


def test_starting_twice_is_one_enrollment(learner: Client, course: Course) -> None:
    start(learner, course)
    start(learner, course)
    assert Enrollment.objects.count() == 1


def test_resume_leads_to_where_it_was_left(learner: Client, course: Course) -> None:
    enrollment = start(learner, course)
    first, second = section_urls(enrollment)
    learner.post(first)
    assert second in learner.get(reverse("learning:course", args=[enrollment.key])).content.decode()


def test_reading_a_section_twice_is_noted_once(learner: Client, course: Course) -> None:
    enrollment = start(learner, course)
    url = section_urls(enrollment)[0]
    learner.post(url)
    learner.post(url)
    assert SectionProgress.objects.count() == 1


def test_the_quiz_opens_when_every_section_is_read(learner: Client, course: Course) -> None:
    enrollment = start(learner, course)
    response = learner.post(reverse("learning:quiz", args=[enrollment.key]))
    assert response.status_code == 409
    assert "First part" in response.content.decode()


def test_a_prerequisite_is_named(learner: Client, course: Course) -> None:
    course.prerequisites.add(Course.objects.create(code="before", title="What comes before", kind="core"))
    response = learner.post(reverse("learning:enroll", args=[course.code]))
    assert response.status_code == 409
    assert "What comes before" in response.content.decode()


def test_unknown_course(learner: Client, course: Course) -> None:
    assert learner.post(reverse("learning:enroll", args=["no-such-course"])).status_code == 404


def test_a_module_without_enrollment_shows_the_course(learner: Client, course: Course) -> None:
    module = ModulePage.objects.get(slug="only-module")
    response = learner.get(reverse("learning:module", args=[module.translation_key]), follow=True)
    assert response.redirect_chain[-1][0].endswith("/courses/small-course/")
    assert "Start the course first" in response.content.decode()


def test_a_module_leads_to_the_readers_own_place(learner: Client, course: Course) -> None:
    enrollment = start(learner, course)
    module = ModulePage.objects.get(slug="only-module")
    response = learner.get(reverse("learning:module", args=[module.translation_key]))
    assert response["Location"] == section_urls(enrollment)[0]


def test_somebody_elses_enrollment_is_not_there(learner: Client, course: Course, cast: Cast) -> None:
    enrollment = start(learner, course)
    url = section_urls(enrollment)[0]
    read_all(learner, enrollment)
    attempt = begin_quiz(learner, enrollment)
    learner.force_login(cast.outsider)
    for address in (
        url,
        reverse("learning:course", args=[enrollment.key]),
        reverse("learning:quiz-step", args=[enrollment.key, attempt.pk, "1"]),
    ):
        assert learner.get(address).status_code == 404
        assert learner.post(address).status_code in {404, 405}


def test_an_attempt_under_another_enrollment_is_not_there(learner: Client, course: Course) -> None:
    enrollment = start(learner, course)
    read_all(learner, enrollment)
    attempt = begin_quiz(learner, enrollment)
    assert learner.get(reverse("learning:quiz-step", args=[uuid4(), attempt.pk, "1"])).status_code == 404


def test_a_course_unpublished_midway_keeps_what_was_done(learner: Client, course: Course) -> None:
    enrollment = start(learner, course)
    url = section_urls(enrollment)[0]
    learner.post(url)
    CoursePage.objects.get(course=course).unpublish()
    for address in (url, reverse("learning:course", args=[enrollment.key])):
        response = learner.get(address)
        assert response.status_code == 410
        assert "What you have done is kept" in response.content.decode()
    assert SectionProgress.objects.count() == 1


def test_a_visitor_is_sent_to_sign_in(client: Client, course: Course) -> None:
    response = client.post(reverse("learning:enroll", args=[course.code]))
    assert response["Location"].startswith("/accounts/login/")


def test_the_number_of_queries_stays_small(learner: Client, course: Course, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    enrollment = start(learner, course)
    url = section_urls(enrollment)[0]
    learner.get(url)
    with django_assert_max_num_queries(15):
        learner.get(url)
    with django_assert_max_num_queries(15):
        learner.get(reverse("learning:course", args=[enrollment.key]))
    page = CoursePage.objects.get(course=course).url
    learner.get(page)
    with django_assert_max_num_queries(15):
        learner.get(page)
