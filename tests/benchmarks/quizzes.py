"""Quizzes: saving an answer, starting an attempt, and item analysis beside plain SQL over the same rows."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from uuid import uuid4

from django.db import connection
from django.db.models import Avg, Count, F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from lms.accounts.models import Person
from quizzes.contents import draw_content
from quizzes.models import Attempt, AttemptQuestion, Choice, Question, Quiz, Response
from quizzes.results import get_quiz_result, list_items
from quizzes.services import keep_versions, start_attempt

from .measure import Row, cpu_milliseconds
from .pages import count_queries, signed_in_client

ATTEMPTS = 10_000
QUESTIONS = 10
AT_A_TIME = 2_000


def make_quiz(code: str, questions: int) -> Quiz:
    quiz = Quiz.objects.create(code=code, title=code, pass_percent=80)
    for number in range(questions):
        question = Question.objects.create(
            quiz=quiz, code=f"q-{number}", kind="single", stem=f"Which, of {number}?", position=number
        )
        Choice.objects.bulk_create(
            Choice(question=question, text=f"Choice {one}", right=one == 0, position=one) for one in range(4)
        )
    return quiz


def add_attempts(quiz: Quiz, number: int) -> None:
    """So many attempts by as many people, straight into the tables; who knows more gets more questions."""
    now, dice = timezone.now(), Random(11)
    versions = keep_versions(questions=quiz.questions.prefetch_related("choices", "variants"), now=now)
    contents = {
        key: draw_content(version.content, language="en", shuffle=False, random=dice)
        for key, version in versions.items()
    }
    for start in range(0, number, AT_A_TIME):
        people = Person.objects.bulk_create(
            Person(email=f"analysis-{start + one}@bench.example", first_name="A", last_name="B")
            for one in range(min(AT_A_TIME, number - start))
        )
        skills = [dice.gauss(0, 1) for _person in people]
        right = [[dice.gauss(skill, 1) > (place - QUESTIONS / 2) / 3 for place in range(QUESTIONS)] for skill in skills]
        attempts = Attempt.objects.bulk_create(
            Attempt(
                quiz=quiz,
                person=person,
                context=uuid4(),
                number=1,
                pass_percent=80,
                started_at=now,
                submitted_at=now + timedelta(minutes=QUESTIONS),
                score=sum(line),
                question_count=QUESTIONS,
                max_score=QUESTIONS,
                passed=sum(line) >= 8,
            )
            for person, line in zip(people, right, strict=True)
        )
        asked = AttemptQuestion.objects.bulk_create(
            (
                AttemptQuestion(
                    attempt=attempt, question_id=key, version=versions[key], position=place, content=contents[key]
                )
                for attempt in attempts
                for place, key in enumerate(versions, start=1)
            ),
            batch_size=2_000,
        )
        flat = [given for line in right for given in line]
        Response.objects.bulk_create(
            (
                Response(
                    question=question,
                    chosen=[question.choices[0 if given else dice.randint(1, 3)]["id"]],
                    saved_at=now + timedelta(minutes=question.position),
                    points=int(given),
                )
                for question, given in zip(asked, flat, strict=True)
            ),
            batch_size=2_000,
        )


def aggregate(quiz: Quiz) -> None:
    """What SQL alone tells of the same rows: how many, and how difficult."""
    rows = Response.objects.filter(question__attempt__quiz=quiz).values("question__question")
    assert len(rows.annotate(number=Count("pk"), mean=Avg(F("points")))) == QUESTIONS


def run(size: int) -> list[Row]:
    client, enrollment, attempt = signed_in_client("quizzes")
    rows = [*saving(client, enrollment.key, attempt, size)]
    person, quiz = Person.objects.create_user("starts@bench.example"), make_quiz("starting", 20)
    for name, context in (("first, which keeps the versions", uuid4()), ("later", uuid4())):
        with CaptureQueriesContext(connection) as captured:
            start_attempt(quiz=quiz, person=person, context=context, now=timezone.now())
        rows.append(Row(f"quiz_start: 20 questions, {name}: queries", len(captured), 15, "queries (budget)", 20))
    quiz = make_quiz("analysis", QUESTIONS)
    add_attempts(quiz, ATTEMPTS)
    rounds = max(1, size // 20)
    items, everything, floor = cpu_milliseconds(
        lambda: list_items(quiz), lambda: get_quiz_result(quiz), lambda: aggregate(quiz), rounds=rounds
    )
    rows.append(Row("quiz_items: every question's figures, CPU against a plain SQL mean", items, floor, "ms", ATTEMPTS))
    rows.append(Row("quiz_result: the whole page's figures, CPU against the same", everything, floor, "ms", ATTEMPTS))
    return rows


def saving(client: Client, enrollment: object, attempt: Attempt, size: int) -> list[Row]:
    question = attempt.questions.first()
    assert question is not None
    step = reverse("learning:quiz-step", args=[enrollment, attempt.pk, str(question.position)])
    turn = iter(range(10**9))

    def save() -> None:
        # Another choice each time, so that each is a write.
        chosen = question.choices[next(turn) % len(question.choices)]["id"]
        answer = client.post(step, {"chosen": [chosen]}, headers={"accept": "application/json"})
        assert answer.status_code == 200

    def insert() -> None:
        assert client.post("/bench/insert/", {"chosen": [1]}).status_code == 302

    ours, floor = cpu_milliseconds(save, insert, rounds=size)
    return [
        Row("quiz_save: an answer, CPU against a bare insert", ours, floor, "ms", size),
        Row("quiz_save: an answer: queries", count_queries(save), 8, "queries (budget)", 1),
    ]
