"""Who read a course and answered its quiz, and where that was not enough, answered it again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from django.utils import timezone

from curricula.models import Course
from lms.accounts.models import Person
from lms.learning.models import Enrollment
from lms.learning.selectors import Progress, get_progress
from lms.learning.services import begin_pre_test, begin_quiz, enroll, record_section
from quizzes.bank_files import from_content
from quizzes.models import Attempt, AttemptQuestion, Quiz
from quizzes.selectors import ASKED_WITH, read_content
from quizzes.services import import_questions, save_response, submit_attempt

BEGINS_AT = time(8, 30)
SECTION = timedelta(minutes=4)
PAUSE = timedelta(minutes=20)
AVERAGE = 60
"""Who knows so many percent of a course gets each question with the likelihood that the file gives it."""
TAUGHT = 30
"""So many percent less they knew before it."""

Answers = Mapping[str, Any]
"""What quizzes.yaml says of the answers."""


def build_pre_test(course: Course, entry: Mapping[str, Any]) -> int:
    """Put a few questions of the course's quiz into a quiz of their own, asked beforehand; return how many are new."""
    quiz = course.quiz
    if quiz is None or Quiz.objects.filter(code=entry["code"]).exists():
        return 0
    rows = quiz.questions.filter(code__in=entry["questions"]).prefetch_related(*ASKED_WITH)
    before = Quiz.objects.create(code=entry["code"], title=entry["title"], pass_percent=quiz.pass_percent)
    questions = [from_content(read_content(row), code=row.code, topic=row.topic, tags=[]) for row in rows]
    import_questions(quiz=before, questions=questions, language="en", file_name=quiz.code, actor=None)
    Quiz.objects.filter(pk=quiz.pk).update(pre_test=before)
    return 1


def take_quiz(*, person: Person, course: Course, knows: int, answers: Answers, on: date) -> tuple[Enrollment, datetime]:
    """Take a course that is online, on a day of the past: its pre-test, if it has one, then the course, then its quiz
    until it is passed; return the enrollment, still open, and when it was passed. The same person gives the same
    answers in every load."""
    chance = Random(person.email)
    start = timezone.make_aware(datetime.combine(on, BEGINS_AT))
    enrollment = enroll(person=person, course=course, language="en", now=start)
    progress = _get_progress(enrollment)
    if course.quiz is not None and course.quiz.pre_test_id is not None and chance.random() < 0.8:
        attempt = begin_pre_test(enrollment=enrollment, progress=progress, now=start)
        _answer(attempt, _list_missed(attempt, knows - TAUGHT, answers, chance), answers, chance)
    done_at = start
    for number, place in enumerate(progress.places, start=1):
        done_at = start + number * SECTION
        record_section(enrollment=enrollment, module=place.module.key, section=place.section.id, now=done_at)
    progress = _get_progress(enrollment)
    attempt = begin_quiz(enrollment=enrollment, progress=progress, now=done_at)
    missed = _list_missed(attempt, knows, answers, chance)
    while not (attempt := _answer(attempt, missed, answers, chance)).passed:
        assert attempt.submitted_at is not None
        # Most of what was missed is right the next time.
        missed = {code for code in missed if chance.random() < 0.2}
        attempt = begin_quiz(enrollment=enrollment, progress=progress, now=attempt.submitted_at + PAUSE)
    assert attempt.submitted_at is not None
    return enrollment, attempt.submitted_at


def _get_progress(enrollment: Enrollment) -> Progress:
    progress = get_progress(enrollment)
    assert progress is not None, "The course is not online."
    return progress


def _list_missed(attempt: Attempt, knows: int, answers: Answers, chance: Random) -> set[str]:
    """The codes of the questions that somebody who knows so much misses."""
    missed = set()
    for question in attempt.questions.select_related("question"):
        code = question.question.code
        more = AVERAGE - knows if code == answers["misleading"]["question"] else knows - AVERAGE
        if chance.random() * 100 >= answers["shares"].get(code, answers["usual"]) + more:
            missed.add(code)
    return missed


def _answer(attempt: Attempt, missed: Collection[str], answers: Answers, chance: Random) -> Attempt:
    """Answer every question and hand the attempt in."""
    now = attempt.started_at
    for question in attempt.questions.select_related("question"):
        now += timedelta(seconds=chance.randrange(15, 90))
        wrong = question.question.code in missed
        chosen = _choose_wrong(question, answers["misleading"], chance) if wrong else sorted(question.right_ids)
        save_response(attempt=attempt, position=question.position, chosen=chosen, now=now)
    return submit_attempt(attempt=attempt, now=now)


def _choose_wrong(question: AttemptQuestion, misleading: Mapping[str, Any], chance: Random) -> list[int]:
    """What somebody gives who misses the question: of several right choices, one too few or one wrong one more."""
    # The author's order is that of the ids; the learner's is shuffled anew at every load.
    ids, right = sorted(question.choice_ids), sorted(question.right_ids)
    if question.question.code == misleading["question"]:
        return [ids[misleading["line"]]]
    other = chance.choice([one for one in ids if one not in right])
    if len(right) == 1:
        return [other]
    left_out = chance.choice(right)
    return [*right, other] if chance.random() < 0.5 else [one for one in right if one != left_out]
