"""The quizzes of a course: when each opens, what time does, what a corrected key does to the record."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from certificates.models import Certificate
from curricula.models import Course
from lms.agencies.enums import GrantKind
from lms.agencies.services import give_grant
from lms.jobs.models import Job
from lms.jobs.services import run_pending
from lms.learning.enums import AttemptRole
from lms.learning.models import Completion, CourseAttempt, Enrollment
from lms.learning.receivers import AT_ONCE, follow_corrected_key
from lms.learning.services import hand_in_overdue
from lms.learning.signals import completion_recorded
from quizzes.models import Attempt, Choice, Question, QuestionVariant, Quiz, RegradedAttempt
from quizzes.services import decide_regrade, regrade_question, start_attempt
from tests.conftest import START, Cast
from tests.quizzes.factories import make_survey

from .conftest import make_quiz
from .test_player import answer, begin_quiz, read_all, start, submit


@pytest.fixture
def learner(client: Client, cast: Cast) -> Client:
    client.force_login(cast.learner)
    return client


@pytest.fixture
def enrollment(learner: Client, course: Course) -> Enrollment:
    """Every section read."""
    enrollment = start(learner, course)
    read_all(learner, enrollment)
    return enrollment


def words(response) -> str:  # type: ignore[no-untyped-def]
    return " ".join(strip_tags(response.content.decode()).split())


def begin(client: Client, enrollment: Enrollment):  # type: ignore[no-untyped-def]
    return client.post(reverse("learning:quiz", args=[enrollment.key]))


def test_it_works(learner: Client, enrollment: Enrollment) -> None:
    attempt = begin_quiz(learner, enrollment)
    answer(learner, enrollment, attempt, right=True)
    submit(learner, enrollment, attempt)
    assert Completion.objects.get().enrollment == enrollment
    assert CourseAttempt.objects.get().role == AttemptRole.QUIZ


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ({"opens_at": timezone.now() + timedelta(days=3)}, "The quiz opens later"),
        ({"closes_at": timezone.now() - timedelta(days=3)}, "The quiz is closed"),
    ],
)
def test_a_quiz_that_is_not_open_says_when(learner: Client, enrollment: Enrollment, rule: dict, told: str) -> None:
    Quiz.objects.update(**rule)
    response = begin(learner, enrollment)
    assert response.status_code == 409
    assert told in words(response)
    assert not Attempt.objects.exists()


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ({"attempts_allowed": 1}, "All attempts are made"),
        ({"cool_off_hours": 24}, "The next attempt may start later"),
    ],
)
def test_a_further_attempt_that_may_not_start_says_why(
    learner: Client, enrollment: Enrollment, rule: dict, told: str
) -> None:
    attempt = begin_quiz(learner, enrollment)
    answer(learner, enrollment, attempt, right=False)
    submit(learner, enrollment, attempt)
    Quiz.objects.update(**rule)
    response = begin(learner, enrollment)
    assert response.status_code == 409
    assert told in words(response)
    course = words(learner.get(reverse("learning:course", args=[enrollment.key])))
    assert ("as often as you like" in course) is ("attempts_allowed" not in rule)


def test_a_quiz_without_questions_says_so(learner: Client, enrollment: Enrollment) -> None:
    Question.objects.update(retired=True)
    response = begin(learner, enrollment)
    assert response.status_code == 409
    assert "The quiz is not ready yet" in words(response)


def test_questions_are_asked_in_the_language_of_the_enrollment(learner: Client, enrollment: Enrollment) -> None:
    QuestionVariant.objects.create(question=Question.objects.get(), language="es", stem="¿Cuál?", texts="Este\nEse")
    Enrollment.objects.update(language="es")
    attempt = begin_quiz(learner, enrollment)
    assert attempt.language == "es"
    assert attempt.questions.get().content["stem"] == "¿Cuál?"


# --- time


@pytest.mark.postgres
def test_an_attempt_that_nobody_hands_in_is_handed_in_as_of_its_deadline(
    learner: Client, enrollment: Enrollment
) -> None:
    Quiz.objects.update(time_limit_minutes=5)
    attempt = begin_quiz(learner, enrollment)
    answer(learner, enrollment, attempt, right=True)
    assert attempt.deadline_at is not None
    assert hand_in_overdue(now=attempt.deadline_at + timedelta(seconds=9)) == 0
    assert hand_in_overdue(now=attempt.deadline_at + timedelta(hours=9)) == 1
    attempt.refresh_from_db()
    assert (attempt.submitted_at, attempt.passed) == (attempt.deadline_at, True)
    assert Completion.objects.get().completed_on == timezone.localdate(attempt.deadline_at)
    assert hand_in_overdue(now=attempt.deadline_at + timedelta(hours=9)) == 0


def test_one_that_fails_holds_up_no_other(learner: Client, enrollment: Enrollment, cast: Cast) -> None:
    Quiz.objects.update(time_limit_minutes=5)
    failing = begin_quiz(learner, enrollment)
    answer(learner, enrollment, failing, right=True)
    other = start_attempt(
        quiz=failing.quiz, person=cast.outsider, context=uuid4(), now=failing.started_at + timedelta(seconds=1)
    )

    def fail(**_kwargs: object) -> None:
        raise RuntimeError

    completion_recorded.connect(fail)
    try:
        assert hand_in_overdue(now=failing.started_at + timedelta(hours=1)) == 1
    finally:
        completion_recorded.disconnect(fail)
    other.refresh_from_db()
    failing.refresh_from_db()
    assert (other.submitted_at is None, failing.submitted_at is None) == (False, True)
    assert hand_in_overdue(now=failing.started_at + timedelta(hours=1)) == 1


# --- before and after


def test_the_pre_test_is_offered_before_reading_and_counts_for_nothing(learner: Client, course: Course) -> None:
    pre_test = make_quiz("before")
    Quiz.objects.filter(pk=course.quiz_id).update(pre_test=pre_test)
    enrollment = start(learner, course)
    page = reverse("learning:course", args=[enrollment.key])
    assert "Take the pre-test" in words(learner.get(page))
    learner.post(reverse("learning:pre-test", args=[enrollment.key]))
    attempt = Attempt.objects.get()
    assert attempt.quiz == pre_test
    answer(learner, enrollment, attempt, right=True)
    assert "Go on with the pre-test" in words(learner.get(page))
    submit(learner, enrollment, attempt)
    attempt.refresh_from_db()
    assert attempt.passed
    assert not Completion.objects.exists()
    assert "pre-test" not in words(learner.get(page))
    read_all(learner, enrollment)
    # The final quiz starts anew, and the course is not done by the pre-test.
    assert begin_quiz(learner, enrollment).quiz == course.quiz
    assert not Completion.objects.exists()


def test_the_pre_test_is_closed_once_something_was_read(learner: Client, enrollment: Enrollment) -> None:
    Quiz.objects.update(pre_test=make_quiz("before"))
    response = learner.post(reverse("learning:pre-test", args=[enrollment.key]), follow=True)
    assert "The pre-test is for before you read." in words(response)
    assert not Attempt.objects.exists()


def test_the_survey_is_offered_when_the_course_is_done(learner: Client, enrollment: Enrollment) -> None:
    Quiz.objects.update(survey=make_survey())
    url = reverse("learning:survey", args=[enrollment.key])
    assert "The survey opens when the course is done." in words(learner.post(url, follow=True))
    attempt = begin_quiz(learner, enrollment)
    answer(learner, enrollment, attempt, right=True)
    submit(learner, enrollment, attempt)
    assert "Take the survey" in words(learner.get(reverse("learning:course", args=[enrollment.key])))
    step = learner.post(url)["Location"]
    survey = Attempt.objects.get(submitted_at=None)
    assert learner.post(step, {"chosen": survey.questions.first().choices[0]["id"]}).status_code == 302
    free = reverse("learning:quiz-step", args=[enrollment.key, survey.pk, "2"])
    assert "Take it out" in words(learner.post(free, {"chosen": "Case number 19JV00123 was hard"}))
    learner.post(free, {"chosen": "Clear and calm"})
    submit(learner, enrollment, survey)
    survey.refresh_from_db()
    assert survey.submitted_at is not None
    assert survey.passed is None
    assert Completion.objects.count() == 1


def test_a_course_without_pre_test_and_survey_says_so(learner: Client, course: Course) -> None:
    enrollment = start(learner, course)
    assert learner.post(reverse("learning:pre-test", args=[enrollment.key])).status_code == 409


# --- corrected keys


def correct_key(cast: Cast) -> None:
    """Make the other choice the right one."""
    for choice in Choice.objects.all():
        choice.right = not choice.right
        choice.save()
    regrade_question(question=Question.objects.get(), reason="The key was wrong", actor=cast.editor, now=timezone.now())


@pytest.mark.postgres
def test_a_pass_that_a_corrected_key_gives_finishes_the_course(
    learner: Client, enrollment: Enrollment, cast: Cast
) -> None:
    attempt = begin_quiz(learner, enrollment)
    answer(learner, enrollment, attempt, right=False)
    submit(learner, enrollment, attempt)
    correct_key(cast)
    completion = Completion.objects.get()
    assert (completion.enrollment, completion.recorded_by) == (enrollment, cast.editor)
    assert Certificate.objects.count() == 1


@pytest.mark.parametrize("withdraw", [True, False])
def test_a_pass_is_taken_away_by_a_coordinators_decision_alone(
    learner: Client, enrollment: Enrollment, cast: Cast, withdraw: bool
) -> None:
    give_grant(
        actor=None,
        person=cast.coordinator,
        kind=GrantKind.COORDINATOR,
        agency=None,
        valid_from=START,
        reason="For the test",
        today=timezone.localdate(),
    )
    attempt = begin_quiz(learner, enrollment)
    answer(learner, enrollment, attempt, right=True)
    submit(learner, enrollment, attempt)
    correct_key(cast)
    completion = Completion.objects.standing().get()
    decide_regrade(
        line=RegradedAttempt.objects.get(),
        withdraw=withdraw,
        reason="Nobody could have known",
        actor=cast.coordinator,
        now=timezone.now(),
    )
    assert Completion.objects.standing().exists() is not withdraw
    if withdraw:
        completion.refresh_from_db()
        assert completion.voided_by.reason == "Nobody could have known"
        assert completion.voided_by.recorded_by == cast.coordinator


def test_many_people_are_followed_in_a_job(committing_db: None) -> None:
    follow_corrected_key(Attempt, list(range(1, AT_ONCE + 2)))
    job = Job.objects.get()
    assert job.kind == "learning.follow_regrade"
    run_pending(now=timezone.now())
    job.refresh_from_db()
    assert (job.state, job.done) == ("done", AT_ONCE + 1)
