"""What trainers, editors and coordinators do with a quiz: results, corrected keys, more time."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from random import Random
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone
from django.utils.html import strip_tags

from curricula.enums import EditorGroup
from lms.accounts.models import Person
from lms.agencies.enums import GrantKind
from lms.agencies.models import Agency, Employment, JobRole
from lms.agencies.services import give_grant
from lms.audit.models import AuditEvent
from quizzes.models import Attempt, Choice, Question, Quiz, Regrade, RegradedAttempt, Response, TimeExtension
from quizzes.results import get_quiz_result
from quizzes.services import save_response, start_attempt, submit_attempt
from tests.conftest import START, Cast

from .factories import NOW, add_question, make_quiz, make_quiz_of_every_kind, make_survey, right_answer


def words(response) -> str:  # type: ignore[no-untyped-def]
    return " ".join(strip_tags(response.content.decode()).split())


def give(person: Person, kind: str, agency: Agency | None = None) -> None:
    give_grant(
        actor=None,
        person=person,
        kind=kind,
        agency=agency,
        valid_from=START,
        reason="For the test",
        today=timezone.localdate(),
    )


def client_of(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def trainer(cast: Cast) -> Client:
    give(cast.trainer, GrantKind.TRAINER, Agency.objects.get(code="cast-home"))
    return client_of(cast.trainer)


@pytest.fixture
def coordinator(cast: Cast) -> Client:
    give(cast.coordinator, GrantKind.COORDINATOR)
    return client_of(cast.coordinator)


@pytest.fixture
def editor(cast: Cast) -> Client:
    cast.editor.groups.add(Group.objects.get(name=EditorGroup.AUTHOR))
    return client_of(cast.editor)


def take(quiz: Quiz, person: Person, *, right: int, minutes: int = 6, language: str = "en") -> Attempt:
    """One attempt, its first ``right`` questions answered rightly, a minute each."""
    attempt = start_attempt(quiz=quiz, person=person, context=uuid4(), now=NOW, language=language)
    for question in attempt.questions.all():
        chosen = right_answer(question)
        if question.position > right:
            if question.kind in ("single", "true_false", "multiple"):
                chosen = sorted(question.choice_ids - set(chosen))[:1]
            elif question.kind in ("matching", "ordering"):
                chosen = chosen[::-1]
            else:
                chosen = ["0"]
        now = NOW + timedelta(minutes=question.position)
        save_response(attempt=attempt, position=question.position, chosen=chosen, now=now)
    return submit_attempt(attempt=attempt, now=NOW + timedelta(minutes=minutes))


def staff(number: int, agency: str = "cast-home") -> list[Person]:
    people = [
        Person.objects.create_user(f"{agency}-{one}@example.org", first_name="Pat", last_name=f"P{one}")
        for one in range(number)
    ]
    role = JobRole.objects.get(code="cast-deputy")
    for person in people:
        Employment.objects.create(
            person=person, agency=Agency.objects.get(code=agency), job_role=role, valid_from=START
        )
    return people


# --- results


def test_it_works(trainer: Client, cast: Cast) -> None:
    quiz = make_quiz()
    for number, person in enumerate(staff(24)):
        take(quiz, person, right=2 + number % 3)
    page = trainer.get(f"/teach/results/{quiz.code}/")
    assert page.status_code == 200
    assert "66 percent pass at the first try" in words(page)
    assert "Nearly everybody gets it" in words(page)
    assert "Pat" not in words(page)
    first, *_others = get_quiz_result(quiz).items
    assert (first.figures.tries, first.figures.difficulty, first.figures.seconds) == (24, 1.0, 60)
    assert [(line.text, line.right, line.count, line.percent) for line in first.lines][1] == ("one b", True, 24, 100)
    item = trainer.get(f"/teach/results/{quiz.code}/{first.question.pk}/")
    assert item.status_code == 200
    assert "A choice that nobody takes" in words(item)
    assert "Lamps: quiz" in words(trainer.get("/teach/results/"))


@pytest.mark.postgres
def test_every_kind_is_told(trainer: Client, cast: Cast) -> None:
    quiz = make_quiz_of_every_kind()
    dice = Random(7)
    for person in staff(30):
        take(quiz, person, right=dice.choice([0, 2, 4, 7, 7, 7]))
    result = get_quiz_result(quiz)
    assert [item.kind for item in result.items] == [question.kind for question in quiz.questions.all()]
    for item in result.items:
        assert item.lines
        assert 0 < item.figures.difficulty < 1
        assert item.figures.discrimination > 0.4
        assert any(line.right for line in item.lines)
        assert trainer.get(f"/teach/results/{quiz.code}/{item.question.pk}/").status_code == 200
    texts = {line.text for line in result.items[5].lines}
    assert "jalapeno" in texts


def test_few_tries_tell_nothing(trainer: Client, cast: Cast) -> None:
    quiz = make_quiz()
    for person in staff(10):
        take(quiz, person, right=3)
    page = trainer.get(f"/teach/results/{quiz.code}/")
    assert "Too few tries to tell anything yet" in words(page)
    assert "percent pass" not in words(page)
    question = quiz.questions.first()
    assert trainer.get(f"/teach/results/{quiz.code}/{question.pk}/").status_code == 404


def test_second_tries_are_counted_and_not_judged(cast: Cast) -> None:
    quiz = make_quiz()
    for person in staff(12):
        context = uuid4()
        for right in (False, True):
            attempt = start_attempt(quiz=quiz, person=person, context=context, now=NOW)
            for question in attempt.questions.all():
                ids = question.right_ids if right else question.choice_ids - question.right_ids
                save_response(attempt=attempt, position=question.position, chosen=sorted(ids)[: len(ids)][:1], now=NOW)
            submit_attempt(attempt=attempt, now=NOW)
    result = get_quiz_result(quiz)
    assert (result.tries, result.first_tries, result.first_passed) == (24, 12, 0)
    assert result.items[0].figures.tries == 12
    assert result.items[0].figures.difficulty == 0


@pytest.mark.postgres
def test_small_groups_are_hidden_with_what_gives_them_away(trainer: Client, cast: Cast) -> None:
    quiz = make_quiz()
    for person in staff(40):
        take(quiz, person, right=4 if person.pk % 2 else 0)
    for person in staff(3, "cast-other"):
        take(quiz, person, right=4, language="es")
    result = get_quiz_result(quiz)
    agencies = {group.name: (group.tries, group.passed, group.percent) for group in result.by_agency}
    assert agencies["Cast Other"] == (None, None, None)
    # Neither may the larger group be told, since the sum of both is.
    assert agencies["Cast Home"][0] is None
    assert {group.name: group.tries for group in result.by_language}["Spanish"] is None
    page = words(trainer.get(f"/teach/results/{quiz.code}/"))
    assert "hidden" in page


@pytest.mark.postgres
def test_what_was_learned_is_told_of_pairs(trainer: Client, cast: Cast) -> None:
    before, after = make_quiz("before"), make_quiz("after")
    Quiz.objects.filter(pk=after.pk).update(pre_test=before)
    after.refresh_from_db()
    for number, person in enumerate(staff(12)):
        take(before, person, right=1 + number % 2, minutes=0)
        take(after, person, right=3)
    # Who took only one of the two is no pair.
    take(after, cast.learner, right=4)
    gain = get_quiz_result(after).gain
    assert gain is not None
    assert (gain.n, gain.before, gain.after, gain.gain) == (12, 37.5, 75, 37.5)
    assert gain.low < 37.5 < gain.high
    assert "n = 12 people" in words(trainer.get("/teach/results/after/"))


def test_a_survey_is_counted_and_its_texts_are_read(trainer: Client, cast: Cast) -> None:
    quiz = make_survey()
    for number, person in enumerate(staff(12)):
        attempt = start_attempt(quiz=quiz, person=person, context=uuid4(), now=NOW)
        scale = attempt.questions.get(position=1)
        save_response(attempt=attempt, position=1, chosen=[scale.choices[number % 3]["id"]], now=NOW)
        save_response(attempt=attempt, position=2, chosen=[f"Thought {number}"], now=NOW)
        submit_attempt(attempt=attempt, now=NOW)
    scale, text = get_quiz_result(quiz).items
    assert [line.count for line in scale.lines] == [4, 4, 4]
    assert {line.text for line in text.lines} == {f"Thought {number}" for number in range(12)}
    assert "12 answers to the survey" in words(trainer.get("/teach/results/survey/"))
    assert "Thought 3" in words(trainer.get(f"/teach/results/survey/{text.question.pk}/"))


@pytest.mark.parametrize("table", ["questions", "choices", "groups"])
def test_sheets(trainer: Client, cast: Cast, table: str) -> None:
    quiz = make_quiz()
    Choice.objects.filter(text="one a").update(text="=HYPERLINK(1)")
    for person in staff(15):
        take(quiz, person, right=3)
    answer = trainer.get(f"/teach/results/{quiz.code}/{table}.csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    header, *rows = csv.reader(io.StringIO(text))
    assert rows
    assert {len(row) for row in rows} == {len(header)}
    assert not any(cell.startswith("=") for row in rows for cell in row)
    assert trainer.get(f"/teach/results/{quiz.code}/people.csv").status_code == 404


def test_results_take_as_many_queries_for_any_number_of_people(cast: Cast, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    quiz = make_quiz()
    for person in staff(12):
        take(quiz, person, right=3)
    with django_assert_num_queries(7):
        get_quiz_result(quiz)
    for person in staff(5, "cast-other"):
        take(quiz, person, right=3)
    with django_assert_num_queries(7):
        get_quiz_result(quiz)


# --- corrected keys


@pytest.fixture
def answered(cast: Cast) -> Attempt:
    """The learner passes with three of four; the first question's key is about to turn out wrong."""
    quiz = make_quiz()
    return take(quiz, cast.learner, right=3)


def turn_key(attempt: Attempt, *, to: str) -> int:
    question = attempt.questions.get(position=1).question
    for choice in question.choices.all():
        choice.right = choice.text == to
        choice.save()
    return question.pk


@pytest.mark.postgres
def test_a_preview_lists_whom_a_corrected_key_affects_and_changes_nothing(
    coordinator: Client, editor: Client, cast: Cast, answered: Attempt
) -> None:
    assert "Every key stands as it was asked" in words(editor.get("/teach/keys/lamps/"))
    key = turn_key(answered, to="one c")
    assert "1 attempt asked by another key" in words(editor.get("/teach/keys/lamps/"))
    before = list(Attempt.objects.values()), list(Response.objects.values())
    page = words(editor.get(f"/teach/keys/lamps/{key}/"))
    assert "The corrected key changes 1 result" in page
    # An editor sees how many, and nobody by name.
    assert cast.learner.full_name not in page
    assert "The results are of people whom you do not see by name." in page
    assert (list(Attempt.objects.values()), list(Response.objects.values())) == before
    assert not Regrade.objects.exists()


def test_grading_again_asks_why(editor: Client, cast: Cast, answered: Attempt) -> None:
    key = turn_key(answered, to="one c")
    page = editor.post(f"/teach/keys/lamps/{key}/", {"reason": " "})
    assert page.status_code == 422
    assert not Regrade.objects.exists()
    guarded = editor.post(f"/teach/keys/lamps/{key}/", {"reason": "See case number 19JV00123"})
    assert guarded.status_code == 422


def test_a_pass_that_would_be_lost_waits_for_a_coordinator(
    editor: Client, coordinator: Client, cast: Cast, answered: Attempt
) -> None:
    key = turn_key(answered, to="one c")
    editor.post(f"/teach/keys/lamps/{key}/", {"reason": "The key was wrong"})
    line = RegradedAttempt.objects.get()
    answered.refresh_from_db()
    assert (answered.passed, line.state) == (True, "waiting")
    address = f"/teach/regrades/{line.regrade_id}/"
    seen = words(coordinator.get(address))
    assert cast.learner.full_name in seen
    assert "1 pass waits for a coordinator’s decision" in seen
    assert "1 pass waits for your decision" in words(coordinator.get("/teach/results/"))
    # An editor decides nothing, a decision says why, a second one changes nothing.
    assert editor.post(address, {"line": line.pk, "withdraw": "yes", "reason": "x"}).status_code == 404
    assert coordinator.post(address, {"line": line.pk, "withdraw": "yes", "reason": ""}).status_code == 422
    assert coordinator.post(address, {"line": "x", "withdraw": "maybe", "reason": "x"}).status_code == 422
    told = coordinator.post(address, {"line": line.pk, "withdraw": "no", "reason": "It was fair then"}, follow=True)
    assert "The pass stands" in words(told)
    again = coordinator.post(address, {"line": line.pk, "withdraw": "yes", "reason": "Other"}, follow=True)
    assert "This was decided already" in words(again)
    answered.refresh_from_db()
    assert (answered.passed, answered.score) == (True, 3)
    actions = set(AuditEvent.objects.values_list("action", flat=True))
    assert {"question.regraded", "attempt.regrade_decided"} <= actions


def test_what_nobody_was_asked_otherwise_needs_no_grading(editor: Client, answered: Attempt) -> None:
    question = answered.questions.get(position=1).question
    assert "The key stands as it was asked" in words(editor.get(f"/teach/keys/lamps/{question.pk}/"))
    assert editor.get("/teach/keys/other/").status_code == 404
    assert editor.get(f"/teach/keys/other/{question.pk}/").status_code == 404


# --- more time


@pytest.mark.postgres
def test_more_time_holds_in_an_open_attempt_too(coordinator: Client, cast: Cast) -> None:
    quiz = make_quiz()
    Quiz.objects.update(time_limit_minutes=20)
    quiz.refresh_from_db()
    attempt = start_attempt(quiz=quiz, person=cast.learner, context=uuid4(), now=NOW)
    assert attempt.deadline_at == NOW + timedelta(minutes=20)
    given = {"email": cast.learner.email, "quiz": quiz.pk, "extra_percent": "50"}
    told = coordinator.post("/teach/time/", given, follow=True)
    assert "has 50 percent more time" in words(told)
    attempt.refresh_from_db()
    assert attempt.deadline_at == NOW + timedelta(minutes=30)
    coordinator.post(f"/teach/time/{TimeExtension.objects.get().pk}/end/")
    assert not TimeExtension.objects.exists()
    attempt.refresh_from_db()
    assert attempt.deadline_at == NOW + timedelta(minutes=30)
    assert start_attempt(quiz=quiz, person=cast.learner, context=uuid4(), now=NOW).deadline_at == NOW + timedelta(
        minutes=20
    )


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"email": "nobody@example.org"}, "None of your people has this address."),
        ({"extra_percent": "0"}, "greater than or equal to 1"),
        ({"extra_percent": "a lot"}, "whole number"),
        ({"quiz": "999"}, "Select a valid choice"),
    ],
)
def test_wrong_entries_are_named(coordinator: Client, cast: Cast, given: dict[str, str], told: str) -> None:
    filled = {"email": cast.learner.email, "quiz": "", "extra_percent": "50"}
    page = coordinator.post("/teach/time/", {**filled, **given})
    assert page.status_code == 422
    assert told in words(page)
    assert not TimeExtension.objects.exists()


def test_a_manager_gives_time_to_their_own_people_only(cast: Cast) -> None:
    give(cast.manager, GrantKind.MANAGER, Agency.objects.get(code="cast-home"))
    manager = client_of(cast.manager)
    for person, status in ((cast.learner, 302), (cast.outsider, 422)):
        given = {"email": person.email, "quiz": "", "extra_percent": "25"}
        assert manager.post("/teach/time/", given).status_code == status
    assert TimeExtension.objects.get().person == cast.learner


def test_a_question_without_a_try_is_not_there(trainer: Client, cast: Cast) -> None:
    quiz = make_quiz()
    for person in staff(11):
        take(quiz, person, right=3)
    late = add_question(quiz, "late", "single", {"text": "This", "right": True}, {"text": "That"})
    assert trainer.get(f"/teach/results/{quiz.code}/{late.pk}/").status_code == 404


def test_a_choice_that_was_taken_out_is_still_counted(trainer: Client, cast: Cast) -> None:
    quiz = make_quiz()
    people = staff(22)
    for person in people[:11]:
        take(quiz, person, right=0)
    Choice.objects.filter(text="one a").delete()
    Question.objects.filter(code="one").update(kind="multiple")
    for person in people[11:]:
        take(quiz, person, right=4)
    first = get_quiz_result(quiz).items[0]
    assert (len(first.versions), first.kind, first.figures.tries) == (2, "multiple", 22)
    assert [(line.text, line.count) for line in first.lines] == [
        ("one b", 11),
        ("one c", 0),
        ("one d", 0),
        ("one a", 11),
    ]
    page = words(trainer.get(f"/teach/results/{quiz.code}/{first.question.pk}/"))
    assert re.search(r"Version 2, .*one b Right.*Version 1, .*one a.*one b Right", page)
