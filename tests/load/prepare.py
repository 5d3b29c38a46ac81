"""A course with a quiz of ten questions of every kind, and learners who have read it and are signed in."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction
from django.utils import timezone

from curricula.models import Course
from lms.accounts.models import Person
from lms.learning.models import Enrollment, SectionProgress
from lms.learning.selectors import get_progress
from lms.learning.services import enroll
from quizzes.models import Quiz
from tests.learning.conftest import make_course
from tests.quizzes.factories import add_question

CODE = "load-course"


@dataclass(frozen=True)
class Account:
    """What one learner's browser holds: the cookie of a session, and where the course is."""

    number: int
    session: str
    enrollment: str


@transaction.atomic
def prepare(learners: int) -> list[Account]:
    """Make everything anew in an empty, migrated database."""
    course = make_course(CODE, quiz=False)
    course.quiz = make_ten_questions()
    course.save()
    return [_make_account(course, number) for number in range(learners)]


def make_ten_questions() -> Quiz:
    """Ten questions whose right answers say so."""
    quiz = Quiz.objects.create(code=CODE, title="Ten questions", pass_percent=80)
    for number in range(4):
        choices = ({"text": f"Wrong {one}"} for one in range(3))
        add_question(quiz, f"single-{number}", "single", {"text": "Right", "right": True}, *choices)
    for number in range(2):
        add_question(quiz, f"truth-{number}", "true_false", {"text": "Right", "right": True}, {"text": "Wrong"})
    shares = ({"text": "Right 1", "share": 50}, {"text": "Right 2", "share": 50}, {"text": "Wrong", "share": -50})
    add_question(quiz, "multiple", "multiple", *shares)
    add_question(quiz, "matching", "matching", *({"text": f"Row {one}", "match": f"Option {one}"} for one in (1, 2, 3)))
    add_question(quiz, "text", "short_text", {"text": "Right"})
    add_question(quiz, "number", "numeric", {"text": "12"}, tolerance="0.5")
    return quiz


def _make_account(course: Course, number: int) -> Account:
    person = Person.objects.create_user(f"load-{number}@example.org", first_name="Load", last_name=f"Learner {number}")
    now = timezone.now()
    enrollment: Enrollment = enroll(person=person, course=course, language="en", now=now)
    progress = get_progress(enrollment)
    assert progress is not None
    SectionProgress.objects.bulk_create(
        SectionProgress(enrollment=enrollment, module=place.module.key, section=place.section.id, done_at=now)
        for place in progress.places
    )
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    return Account(number, str(session.session_key), str(enrollment.key))
