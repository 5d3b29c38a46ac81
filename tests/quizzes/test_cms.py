"""Editors write quizzes in the CMS, and what makes no question is refused in words."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.test import Client
from wagtail.test.utils.form_data import inline_formset, nested_form_data

from lms.accounts.models import Person
from quizzes.forms import find_problem
from quizzes.models import Question, Quiz

from .factories import make_attempt, make_quiz

ADD = "/cms/snippets/quizzes/quiz/add/"


@pytest.fixture
def editor(client: Client, db: None) -> Client:
    client.force_login(Person.objects.create_superuser("ed@example.org", first_name="Ed", last_name="Editor"))
    return client


def choice(text: str, *, right: bool = False, match: str = "", share: str = "") -> dict[str, Any]:
    line = {"text": text, "match": match, "share": share, "feedback": f"About {text}"}
    return {**line, **({"right": "on"} if right else {})}


def variant(language: str, **texts: str) -> dict[str, Any]:
    return {"language": language, "stem": "", "explanation": "", "texts": "", "matches": "", "feedback": "", **texts}


def question(
    code: str = "first", kind: str = "single", *choices: dict[str, Any], lines: bool = True, **fields: Any
) -> dict[str, Any]:
    given = choices or ((choice("This", right=True), choice("That")) if lines else ())
    return {
        "code": code,
        "kind": kind,
        "topic": "",
        "stem": "Who <em>acts</em>?<script>x()</script>",
        "explanation": "<p onclick='x()'>The adult.</p>",
        "tags": "",
        "objective": "",
        "grid_topic": "",
        "language": "en",
        "tolerance": "",
        "choices": inline_formset(list(given)),
        "variants": inline_formset([]),
        **fields,
    }


QUIZ = {
    "title": "Lamps",
    "code": "lamps",
    "kind": "quiz",
    "pass_percent": "80",
    "feedback": "after_passing",
    "attempts_allowed": "",
    "cool_off_hours": "0",
    "time_limit_minutes": "",
    "opens_at": "",
    "closes_at": "",
    "shuffle_choices": "on",
}


def form_data(*questions: dict[str, Any], draws: list[dict[str, Any]] | None = None, **fields: Any) -> dict[str, Any]:
    rows = {"questions": inline_formset(list(questions)), "draws": inline_formset(draws or [])}
    return nested_form_data({**QUIZ, **fields, **rows})


def test_it_works(editor: Client) -> None:
    assert editor.get(ADD).status_code == 200
    assert editor.post(ADD, form_data(question(), question("second"))).status_code == 302
    quiz = Quiz.objects.get()
    assert [(one.code, one.position) for one in quiz.questions.all()] == [("first", 0), ("second", 1)]
    first = Question.objects.get(code="first")
    assert (first.stem, first.explanation) == ("Who <em>acts</em>?", "<p>The adult.</p>")
    assert [(one.text, one.right) for one in first.choices.all()] == [("This", True), ("That", False)]
    page = editor.get(f"/cms/snippets/quizzes/quiz/edit/{quiz.pk}/")
    for way in (f"/cms/quizzes/{quiz.pk}/import/", f"/cms/quizzes/{quiz.pk}/export/", f"/teach/keys/{quiz.code}/"):
        assert f'href="{way}"' in page.content.decode()


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
    assert (not find_problem(kind, [{"text": "x", "right": right} for right in rights])) is fits


def test_every_kind_is_written_and_asked(editor: Client) -> None:
    written = [
        question("single", "single"),
        question("multiple", "multiple", choice("a", share="50"), choice("b", share="50"), choice("c", share="-50")),
        question("truth", "true_false", choice("True", right=True), choice("False")),
        question("matching", "matching", choice("a", match="A"), choice("b", match="B"), choice("", match="C")),
        question("ordering", "ordering", choice("first"), choice("second"), choice("third")),
        question("text", "short_text", choice("court"), choice("tribunal", share="50")),
        question("number", "numeric", choice("2.5"), tolerance="0.1"),
    ]
    page = editor.post(ADD, form_data(*written))
    assert page.status_code == 302, re.findall(r"error-message.*?</", page.content.decode(), re.DOTALL)
    attempt = make_attempt(Quiz.objects.get())
    assert [one.kind for one in attempt.questions.all()] == [
        *("single", "multiple", "true_false", "matching", "ordering", "short_text", "numeric")
    ]


def test_surveys_take_kinds_that_nothing_can_grade(editor: Client) -> None:
    scale = question("scale", "likert", choice("No"), choice("Yes"))
    words = question("words", "free_text", lines=False)
    page = editor.post(ADD, form_data(scale))
    assert "belongs in surveys only" in html.unescape(page.content.decode())
    assert editor.post(ADD, form_data(scale, words, kind="survey")).status_code == 302


@pytest.mark.parametrize(
    ("written", "words"),
    [
        (question("a", "matching", choice("a", match="A"), choice("b")), "Every line needs what matches it."),
        (question("a", "matching", choice("a", match="A"), choice("b", match="A")), "two different options"),
        (question("a", "matching", choice("a", match="A"), choice("", match="B")), "two lines with a text"),
        (question("a", "ordering", choice("a"), choice("a")), "Two lines read the same"),
        (question("a", "ordering", choice("a")), "at least two lines"),
        (question("a", "multiple", choice("a", share="50"), choice("b", share="20")), "must come to 100 percent"),
        (question("a", "short_text", choice("a", share="50")), "worth the whole point"),
        (question("a", "short_text", lines=False), "at least one accepted answer"),
        (question("a", "numeric", choice("many")), "must be a number in figures"),
        (question("a", "single", choice("", right=True), choice("b")), "Every line needs a text."),
        (
            question("a", variants=inline_formset([variant("es", stem="¿?", texts="Uno")])),
            "does not have the question’s lines",
        ),
    ],
)
def test_what_makes_no_question_is_refused_in_words(editor: Client, written: dict[str, Any], words: str) -> None:
    page = editor.post(ADD, form_data(written))
    assert page.status_code == 200
    assert words in html.unescape(page.content.decode())
    assert not Quiz.objects.exists()


def test_tags_draws_dates_and_a_variant_are_kept(editor: Client) -> None:
    spanish = variant("es", stem="¿Quién <em>actúa</em>?", texts="Esto\nEso")
    tagged = question("tagged", tags=" Law, law,  Courts ", drawn_only="on", variants=inline_formset([spanish]))
    page = editor.post(
        ADD, form_data(question(), tagged, draws=[{"number": "1", "tag": "law", "source": ""}], closes_at="2026-12-01")
    )
    assert page.status_code == 302
    quiz = Quiz.objects.get()
    assert quiz.questions.get(code="tagged").tags == "law, courts"
    assert str(quiz.draws.get()) == "1 × law"
    assert quiz.questions.get(code="tagged").variants.get().texts.splitlines() == ["Esto", "Eso"]


def test_a_quiz_closes_after_it_opens(editor: Client) -> None:
    page = editor.post(ADD, form_data(question(), opens_at="2026-12-02", closes_at="2026-12-01"))
    assert "must close after it opens" in html.unescape(page.content.decode())


def test_a_question_that_was_asked_is_kept_in_words(editor: Client) -> None:
    quiz = make_quiz()
    make_attempt(quiz)
    asked = quiz.questions.get(code="one")
    given = question("one", "single", choice("x", right=True), choice("y"))
    written = inline_formset([{**given, "id": asked.pk, "DELETE": "1"}], initial=1)
    page = editor.post(
        f"/cms/snippets/quizzes/quiz/edit/{quiz.pk}/",
        nested_form_data({**QUIZ, "questions": written, "draws": inline_formset([])}),
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
