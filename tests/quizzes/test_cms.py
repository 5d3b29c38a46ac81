"""Editors write quizzes in the CMS, and what makes no question is refused in words."""

from __future__ import annotations

import html
from typing import Any

import pytest
from django.test import Client
from wagtail.test.utils.form_data import inline_formset, nested_form_data

from lms.accounts.models import Person
from quizzes.forms import choices_problem
from quizzes.models import Question, Quiz

from .factories import make_attempt, make_quiz

ADD = "/cms/snippets/quizzes/quiz/add/"


@pytest.fixture
def editor(client: Client, db: None) -> Client:
    client.force_login(Person.objects.create_superuser("ed@example.org", first_name="Ed", last_name="Editor"))
    return client


def choice(text: str, *, right: bool = False) -> dict[str, Any]:
    return {"text": text, "feedback": f"About {text}", **({"right": "on"} if right else {})}


def question(code: str = "first", kind: str = "single", *choices: dict[str, Any]) -> dict[str, Any]:
    given = choices or (choice("This", right=True), choice("That"))
    return {
        "code": code,
        "kind": kind,
        "topic": "",
        "stem": "Who <em>acts</em>?<script>x()</script>",
        "explanation": "<p onclick='x()'>The adult.</p>",
        "choices": inline_formset(list(given)),
    }


def form_data(*questions: dict[str, Any]) -> dict[str, Any]:
    fields = {"title": "Lamps", "code": "lamps", "pass_percent": "80"}
    return nested_form_data({**fields, "questions": inline_formset(list(questions))})


def test_it_works(editor: Client) -> None:
    assert editor.get(ADD).status_code == 200
    assert editor.post(ADD, form_data(question(), question("second"))).status_code == 302
    quiz = Quiz.objects.get()
    assert [(one.code, one.position) for one in quiz.questions.all()] == [("first", 0), ("second", 1)]
    first = Question.objects.get(code="first")
    assert (first.stem, first.explanation) == ("Who <em>acts</em>?", "<p>The adult.</p>")
    assert [(one.text, one.right) for one in first.choices.all()] == [("This", True), ("That", False)]
    assert editor.get(f"/cms/snippets/quizzes/quiz/edit/{quiz.pk}/").status_code == 200


@pytest.mark.parametrize(
    ("written", "words"),
    [
        (question("a", "single", choice("x"), choice("y")), "Mark exactly one choice as right."),
        (question("a", "single", choice("x", right=True)), "A question needs at least two choices."),
        (question("a", "multiple", choice("x"), choice("y")), "Mark at least one choice as right."),
    ],
)
def test_choices_must_fit_the_kind(editor: Client, written: dict[str, Any], words: str) -> None:
    page = editor.post(ADD, form_data(question(), written))
    assert page.status_code == 200
    assert words in html.unescape(page.content.decode())
    assert not Quiz.objects.exists()


def test_two_questions_of_one_code_are_refused(editor: Client) -> None:
    assert editor.post(ADD, form_data(question(), question())).status_code == 200
    assert not Quiz.objects.exists()


@pytest.mark.parametrize(
    ("kind", "rights", "fits"),
    [
        ("single", [True, False], True),
        ("single", [True, True], False),
        ("single", [False, False, False], False),
        ("single", [], False),
        ("multiple", [True, True, False], True),
        ("multiple", [False, False], False),
        ("multiple", [True], False),
        ("true_false", [False, True], True),
        ("true_false", [True, True], False),
        ("true_false", [True, False, False], False),
    ],
)
def test_what_makes_a_question(kind: str, rights: list[bool], fits: bool) -> None:
    assert (not choices_problem(kind, rights)) is fits


def test_a_question_that_was_asked_is_kept_in_words(editor: Client) -> None:
    quiz = make_quiz()
    make_attempt(quiz)
    asked = quiz.questions.get(code="one")
    given = question("one", "single", choice("x", right=True), choice("y"))
    fields = {"title": quiz.title, "code": quiz.code, "pass_percent": "80"}
    written = inline_formset([{**given, "id": asked.pk, "DELETE": "1"}], initial=1)
    page = editor.post(
        f"/cms/snippets/quizzes/quiz/edit/{quiz.pk}/", nested_form_data({**fields, "questions": written})
    )
    assert page.status_code == 200
    assert "so they are kept: one." in html.unescape(page.content.decode())
    assert quiz.questions.count() == 4


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_quiz_is_not_deleted(editor: Client, method: str) -> None:
    quiz = make_quiz()
    page = getattr(editor, method)(f"/cms/snippets/quizzes/quiz/delete/{quiz.pk}/", follow=True)
    assert "Quizzes are kept" in html.unescape(page.content.decode())
    page = getattr(editor, method)(f"/cms/bulk/quizzes/quiz/delete/?id={quiz.pk}", follow=True)
    assert Quiz.objects.filter(pk=quiz.pk).exists()
