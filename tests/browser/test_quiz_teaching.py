"""Results, corrected keys, more time and question files, as trainers, coordinators and editors see them."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .conftest import RunningSite, follow, sign_in
from .test_accessible import look

# Twelve people answer a quiz of every kind; then the first question's key turns out to be wrong.
PREPARE = """
from datetime import timedelta
from uuid import uuid4
from django.utils import timezone
from lms.accounts.models import Person
from quizzes.services import regrade_question, save_response, start_attempt, submit_attempt
from tests.quizzes.factories import make_quiz_of_every_kind, right_answer
now, quiz = timezone.now(), make_quiz_of_every_kind("taught")
people = Person.objects.exclude(first_name="").order_by("pk")[:14]
for number, person in enumerate(people):
    attempt = start_attempt(quiz=quiz, person=person, context=uuid4(), now=now)
    for question in attempt.questions.all():
        chosen = right_answer(question)
        if question.kind == "single" and number % 2 or question.kind == "multiple":
            chosen = sorted(question.choice_ids - set(chosen))[:1]
        save_response(attempt=attempt, position=question.position, chosen=chosen, now=now + timedelta(seconds=9))
    submit_attempt(attempt=attempt, now=now + timedelta(minutes=3))
question = quiz.questions.get(code="single")
for choice in question.choices.all():
    choice.right = not choice.right
    choice.save()
regrade_question(question=question, reason="The key was wrong", actor=people[0], now=now)
print(question.pk)
"""


@pytest.fixture(scope="module")
def question(site: RunningSite) -> str:
    return site.manage("shell", "--no-imports", "-c", PREPARE).strip().splitlines()[-1]


@pytest.mark.axe
def test_results(page: Page, site: RunningSite, question: str) -> None:
    sign_in(page, site, "trainer")
    follow(page, page.get_by_role("link", name="Quiz results"))
    look(page)
    follow(page, page.locator("main a[href='/teach/results/taught/']"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("percent pass at the first try")
    look(page)
    look(page, f"/teach/results/taught/{question}/")
    with page.expect_download() as sheet:
        page.goto("/teach/results/taught/")
        page.get_by_role("link", name="Choices").click()
    assert sheet.value.suggested_filename == "taught-choices.csv"


@pytest.mark.axe
def test_a_coordinator_decides_and_gives_time(page: Page, site: RunningSite, question: str) -> None:
    sign_in(page, site, "coordinator")
    page.goto("/teach/results/")
    look(page)
    follow(page, page.get_by_role("link", name="Look at them"))
    look(page)
    follow(page, page.get_by_role("link", name="Stem of single"))
    look(page)
    follow(page, page.get_by_role("button", name="The pass stands").first)
    expect(page.get_by_role("alert")).to_contain_text("Something below needs another look.")
    look(page)
    page.get_by_role("textbox").first.fill("It was fair on that day")
    follow(page, page.get_by_role("button", name="The pass stands").first)
    expect(page.get_by_text("Decided: the pass stands.")).to_be_visible()
    page.goto("/teach/time/")
    page.get_by_label("Their work e-mail").fill(site.sign_ins["learner"]["email"])
    follow(page, page.get_by_role("button", name="Give more time"))
    expect(page.get_by_text("has 50 percent more time")).to_be_visible()
    look(page)


@pytest.mark.axe
def test_an_editor_brings_questions_in(page: Page, site: RunningSite, question: str, tmp_path: Path) -> None:
    file = tmp_path / "lamps.gift"
    file.write_text("::Oil:: Which oil burns? {=Olive ~Sand}\n\n::Two:: Name two. {~%50%A ~%50%B ~C}\n\nJust words.\n")
    sign_in(page, site, "editor")
    page.goto("/cms/snippets/quizzes/quiz/?q=taught")
    page.get_by_role("button", name="More options for").first.click()
    follow(page, page.get_by_role("link", name="Import questions"))
    address = page.url
    look(page)
    page.get_by_label("Question file").set_input_files(file)
    follow(page, page.get_by_role("button", name="Show the questions"))
    expect(page.get_by_role("heading", level=1)).to_have_text("2 questions can be imported")
    look(page)
    follow(page, page.get_by_role("button", name="Import 2 questions"))
    look(page, address.replace("/import/", "/export/"))
    look(page, "/teach/keys/taught/")
    look(page, f"/teach/keys/taught/{question}/")
