"""Question files in the CMS: a preview before anything is saved, and every format out."""

from __future__ import annotations

import html
import re

import pytest
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.html import strip_tags

from curricula.enums import EditorGroup
from lms.audit.models import AuditEvent
from quizzes import formats
from quizzes.models import Choice, Question, Quiz
from quizzes.services import start_attempt
from tests.conftest import Cast

from .factories import CONTEXT, NOW, make_person, make_quiz_of_every_kind

GIFT = b"""::Lamp oil:: Which oil burns? {=Olive#Yes. ~Sand ~%50%Butter}

::Half:: Name two. {~%50%Half ~%50%Other half ~%-50%Wrong}

// A description has no answer.
Just words.

::Numbers:: How many? {#3:1}

::Broken:: What? {
"""


@pytest.fixture
def editor(client: Client, cast: Cast) -> Client:
    cast.editor.groups.add(Group.objects.get(name=EditorGroup.AUTHOR))
    client.force_login(cast.editor)
    return client


@pytest.fixture
def quiz(db: None) -> Quiz:
    return Quiz.objects.create(code="lamps", title="Lamps")


def words(response) -> str:  # type: ignore[no-untyped-def]
    return html.unescape(" ".join(strip_tags(response.content.decode()).split()))


def send(client: Client, quiz: Quiz, data: bytes, name: str = "lamps.gift"):  # type: ignore[no-untyped-def]
    file = SimpleUploadedFile(name, data)
    return client.post(f"/cms/quizzes/{quiz.pk}/import/", {"file": file, "language": "en"}, follow=True)


def test_it_works(editor: Client, quiz: Quiz) -> None:
    seen = send(editor, quiz, GIFT)
    text = words(seen)
    assert "3 questions can be imported" in text
    assert "Nothing is saved yet." in text
    for shown in ("Which oil burns?", "Name two.", "How many?", "The right answer: Olive"):
        assert shown in text
    # What is not taken over is named, by name and line.
    assert "Broken" in text
    assert "Just words" in text
    assert "Left out" in text
    assert not Question.objects.exists()
    editor.post(seen.request["PATH_INFO"])
    assert list(Question.objects.values_list("code", "kind", "position")) == [
        ("lamp-oil", "single", 0),
        ("half", "multiple", 1),
        ("numbers", "numeric", 2),
    ]
    assert Choice.objects.filter(question__code="lamp-oil").count() == 3
    event = AuditEvent.objects.get(action="quiz.questions_imported")
    assert event.detail == {"file": "lamps.gift", "questions": 3}
    assert start_attempt(quiz=quiz, person=make_person(), context=CONTEXT, now=NOW).question_count == 3


def test_pressing_twice_imports_once(editor: Client, quiz: Quiz) -> None:
    address = send(editor, quiz, GIFT).request["PATH_INFO"]
    editor.post(address)
    again = editor.post(address, follow=True)
    assert "Choose the file again" in words(again)
    assert Question.objects.count() == 3


def test_what_the_quiz_has_already_is_left_out(editor: Client, quiz: Quiz) -> None:
    editor.post(send(editor, quiz, GIFT).request["PATH_INFO"])
    text = words(send(editor, quiz, GIFT))
    assert "3 questions are in the quiz already" in text
    assert "Nothing new is in this file" in text


def test_a_code_that_is_taken_gets_a_number(editor: Client, quiz: Quiz) -> None:
    for answer in ("Yes", "No"):
        data = f"::Same name:: Which? {{={answer} ~Other}}".encode()
        editor.post(send(editor, quiz, data).request["PATH_INFO"])
    assert set(Question.objects.values_list("code", flat=True)) == {"same-name", "same-name-2"}


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("lamps.docx", b"PK", "are not read here"),
        ("lamps.xml", b"<!DOCTYPE x [<!ENTITY a 'b'>]><quiz>&a;</quiz>", "No question of this file can be imported"),
        ("lamps.gift", b"\xff\xfe\x00", "No question of this file can be imported"),
        ("lamps.gift", b"::One:: Which? {=A =B ~C}", "Mark exactly one choice as right."),
    ],
)
def test_any_file_is_answered_in_words(editor: Client, quiz: Quiz, name: str, data: bytes, told: str) -> None:
    seen = send(editor, quiz, data, name)
    assert seen.status_code == 200
    assert told in words(seen)


@pytest.mark.parametrize("sent", [{}, {"file": SimpleUploadedFile("a.gift", b"")}, {"language": "xx"}])
def test_a_form_that_is_not_filled_in_is_named(editor: Client, quiz: Quiz, sent: dict) -> None:
    assert editor.post(f"/cms/quizzes/{quiz.pk}/import/", {"language": "en", **sent}).status_code == 422


def test_scripts_in_a_file_do_nothing(editor: Client, quiz: Quiz) -> None:
    data = b"::<script>x()</script>:: [html]<p onclick='x()'>Which?<script>x()</script></p> {=<script>A</script> ~B}"
    body = send(editor, quiz, data).content.decode()
    assert "<script>x()" not in body
    assert "onclick" not in body
    assert "<script>A" not in body


def test_a_preview_is_its_owners_and_ends(editor: Client, quiz: Quiz, cast: Cast) -> None:
    address = send(editor, quiz, GIFT).request["PATH_INFO"]
    other = Client()
    cast.trainer.groups.add(Group.objects.get(name=EditorGroup.AUTHOR))
    other.force_login(cast.trainer)
    assert "Choose the file again" in words(other.post(address, follow=True))
    cache.clear()
    assert "Choose the file again" in words(editor.get(address, follow=True))
    assert not Question.objects.exists()


def test_labels_and_fields_of_a_preview_belong_together(editor: Client, quiz: Quiz) -> None:
    editor_quiz = make_quiz_of_every_kind()
    data = b"".join(editor.get(f"/cms/quizzes/{editor_quiz.pk}/export/xml/"))
    body = send(editor, quiz, data, "kinds.xml").content.decode()
    ids = re.findall(r'\bid="([^"]+)"', body)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'for="([^"]+)"', body)) <= set(ids)


@pytest.mark.parametrize("kind", ["gift", "xml", "yaml", "aiken"])
def test_out_and_in_again(editor: Client, quiz: Quiz, kind: str) -> None:
    full = make_quiz_of_every_kind()
    page = words(editor.get(f"/cms/quizzes/{full.pk}/export/"))
    assert "7 questions to take with you" in page
    answer = editor.get(f"/cms/quizzes/{full.pk}/export/{kind}/")
    assert answer["Content-Disposition"].startswith('attachment; filename="kinds.')
    name = answer["Content-Disposition"].split('"')[1]
    read = formats.read(answer.content, name=name)
    assert read.questions
    if kind in ("xml", "yaml"):
        assert len(read.questions) == 7
        editor.post(send(editor, quiz, answer.content, name).request["PATH_INFO"])
        assert list(quiz.questions.values_list("kind", flat=True)) == list(
            full.questions.values_list("kind", flat=True)
        )


def test_who_may_not_change_quizzes_is_refused(client: Client, quiz: Quiz, cast: Cast) -> None:
    client.force_login(cast.learner)
    for path in ("import/", "export/", "export/gift/"):
        response = client.get(f"/cms/quizzes/{quiz.pk}/{path}")
        assert response.status_code in (302, 403)
        assert b"Lamps" not in response.content


def test_unknown_ones_are_not_there(editor: Client, quiz: Quiz) -> None:
    assert editor.get("/cms/quizzes/999/import/").status_code == 404
    assert editor.get(f"/cms/quizzes/{quiz.pk}/export/docx/").status_code == 404


def test_the_list_of_quizzes_leads_there(editor: Client, quiz: Quiz) -> None:
    body = editor.get("/cms/snippets/quizzes/quiz/").content.decode()
    for address in (f"/cms/quizzes/{quiz.pk}/import/", f"/cms/quizzes/{quiz.pk}/export/", "/teach/keys/lamps/"):
        assert address in body


def test_searching_the_list_keeps_the_way(editor: Client, quiz: Quiz) -> None:
    for words_given in ("lamps", "Lamps"):
        body = editor.get(f"/cms/snippets/quizzes/quiz/?q={words_given}").content.decode()
        assert f"/cms/quizzes/{quiz.pk}/import/" in body
