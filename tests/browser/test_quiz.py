"""The quiz in a real browser: one click for one choice, saved as it is given, kept while the line is down."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.conftest import PASSWORD

from .conftest import RunningSite, follow
from .test_accessible import look

# A person of their own in a course of their own, every section read. Prints the e-mail address.
PREPARE = """
from allauth.account.models import EmailAddress
from django.utils import timezone
from lms.learning.selectors import get_progress
from lms.learning.services import enroll, record_section
from quizzes.models import Quiz
from tests.learning.conftest import make_course
from tests.quizzes.factories import add_question, make_person, make_quiz_of_every_kind
code, now = "{code}", timezone.now()
course = make_course(code, quiz=False)
if "{quiz}" == "kinds":
    course.quiz = make_quiz_of_every_kind(code)
else:
    course.quiz = Quiz.objects.create(code=code, title="Ten questions", pass_percent=80)
    for number in range(10):
        add_question(course.quiz, f"q{{number}}", "single", {{"text": "Right", "right": True}}, {{"text": "Other"}})
for name, value in {fields}.items():
    setattr(course.quiz, name, value)
course.quiz.save()
course.save()
person = make_person(code)
EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
enrollment = enroll(person=person, course=course, language="en", now=now)
for place in get_progress(enrollment).places:
    record_section(enrollment=enrollment, module=place.module.key, section=place.section.id, now=now)
"""

NEARLY_OVER = """
from datetime import timedelta
from django.utils import timezone
from quizzes.models import Attempt
Attempt.objects.filter(quiz__code="{code}").update(deadline_at=timezone.now() + timedelta(seconds=4))
"""


def prepare(site: RunningSite, quiz: str, **fields: object) -> str:
    code = f"quiz-{uuid4().hex[:8]}"
    site.manage("shell", "--no-imports", "-c", PREPARE.format(code=code, quiz=quiz, fields=fields))
    return code


def sign_in(page: Page, code: str) -> None:
    page.get_by_label("Work e-mail").fill(f"{code}@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    follow(page, page.get_by_role("button", name="Sign in"))


def open_quiz(page: Page, code: str, position: int = 1) -> None:
    """Sign in, start the quiz and stand at a question of it."""
    page.goto(f"/accounts/login/?next=/courses/{code}/")
    sign_in(page, code)
    follow(page, page.get_by_role("link", name="Resume"))
    follow(page, page.get_by_role("button", name="Go to the quiz"))
    page.wait_for_url("**/quiz/*/1/")
    if position > 1:
        go_to(page, position)


def go_to(page: Page, position: int) -> None:
    page.goto(re.sub(r"\w+/$", f"{position}/", page.url))


def test_from_sign_in_to_a_finished_quiz_takes_fourteen_clicks(page: Page, site: RunningSite) -> None:
    code = prepare(site, "ten")
    page.goto("/my/")
    page.get_by_label("Work e-mail").fill(f"{code}@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    clicks = 0

    def click(target: Locator) -> None:
        nonlocal clicks
        follow(page, target)
        clicks += 1

    click(page.get_by_role("button", name="Sign in"))
    page.wait_for_url("**/my/")
    click(page.locator(f"main a[href*='/learn/'], main a[href$='/courses/{code}/']").first)
    click(page.locator("main form[action$='/quiz/'] button"))
    for position in range(1, 11):
        page.wait_for_url(f"**/{position}/")
        click(page.get_by_role("button", name="Right"))
    page.wait_for_url("**/check/")
    click(page.get_by_role("button", name="Hand in the quiz"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Passed: 10 of 10")
    assert clicks <= 14


@pytest.mark.axe
def test_every_kind_by_keyboard(page: Page, site: RunningSite) -> None:
    open_quiz(page, prepare(site, "kinds"))

    def press_on(role: str, name: str, key: str = "Enter") -> None:
        target = page.get_by_role(role, name=name, exact=True)  # type: ignore[arg-type]
        for _press in range(40):
            if target.evaluate("one => one === document.activeElement"):
                break
            page.keyboard.press("Tab")
        expect(target).to_be_focused()
        page.keyboard.press(key)

    def arrive(step: str) -> None:
        page.wait_for_url(f"**/{step}/")
        look(page)

    look(page)
    press_on("button", "Right")
    arrive("2")
    press_on("checkbox", "Half", " ")
    press_on("checkbox", "Other half", " ")
    press_on("button", "Next question")
    arrive("3")
    press_on("button", "True")
    arrive("4")
    press_on("combobox", "Sun", "D")
    press_on("combobox", "Moon", "N")
    expect(page.locator("[data-receipt]")).to_contain_text("Saved")
    page.keyboard.press("ArrowUp")
    page.get_by_label("Moon").select_option("Night")
    press_on("button", "Next question")
    arrive("5")
    for place, name in enumerate(("First", "Second", "Third"), start=1):
        press_on("combobox", name, str(place))
    press_on("button", "Next question")
    arrive("6")
    press_on("textbox", "Write a word or a few.", "Home")
    page.keyboard.type("jalapeno")
    page.keyboard.press("Enter")
    arrive("7")
    press_on("textbox", "Write a number.", "Home")
    page.keyboard.type("2,6")
    page.keyboard.press("Enter")
    arrive("check")
    press_on("button", "Hand in the quiz")
    arrive("result")
    expect(page.get_by_role("heading", level=1)).to_have_text("Passed: 7 of 7")


def test_an_answer_is_saved_as_it_is_given(page: Page, site: RunningSite) -> None:
    open_quiz(page, prepare(site, "kinds"), 2)
    page.get_by_text("Half", exact=True).click()
    expect(page.locator("[data-receipt]")).to_contain_text("Saved")
    page.reload()
    expect(page.get_by_label("Half", exact=True)).to_be_checked()
    # Without a choice there is nothing to save, and the receipt tells of no other answer.
    page.get_by_text("Half", exact=True).click()
    expect(page.locator("[data-receipt]")).to_contain_text("Not saved: something is still open.")
    page.get_by_text("Half", exact=True).click()
    expect(page.locator("[data-receipt]")).to_contain_text("Saved")
    # A receipt takes away what was said of the page as it came.
    go_to(page, 4)
    follow(page, page.get_by_role("button", name="Next question"))
    expect(page.locator(".usa-error-message")).to_be_visible()
    page.get_by_label("Sun").select_option("Day")
    page.get_by_label("Moon").select_option("Night")
    expect(page.locator("[data-receipt]")).to_contain_text("Saved")
    expect(page.locator(".usa-error-message")).to_have_count(0)
    go_to(page, 6)
    page.get_by_label("Write a word or a few.").fill("chili")
    expect(page.locator("[data-receipt]")).to_contain_text("Saved")
    page.reload()
    expect(page.get_by_label("Write a word or a few.")).to_have_value("chili")


def test_an_answer_waits_until_the_line_is_back(page: Page, context: BrowserContext, site: RunningSite) -> None:
    open_quiz(page, prepare(site, "kinds"), 2)
    context.set_offline(True)
    page.get_by_text("Half", exact=True).click()
    receipt = page.locator("[data-receipt]")
    expect(receipt).to_contain_text("Your answer waits on this page")
    page.get_by_text("Other half", exact=True).click()
    page.get_by_role("button", name="Next question").click()
    expect(receipt).to_contain_text("Your answer waits on this page")
    context.set_offline(False)
    page.wait_for_url("**/3/")
    go_to(page, 2)
    for name in ("Half", "Other half"):
        expect(page.get_by_label(name, exact=True)).to_be_checked()


def test_a_session_that_ended_loses_nothing(page: Page, context: BrowserContext, site: RunningSite) -> None:
    code = prepare(site, "kinds")
    open_quiz(page, code, 6)
    context.clear_cookies(name="sessionid")
    page.get_by_label("Write a word or a few.").fill("jalapeño")
    expect(page.locator("[data-receipt]")).to_contain_text("You are signed out.")
    with context.expect_page() as opened:
        page.get_by_role("link", name="Sign in again in a new window").click()
    again = opened.value
    sign_in(again, code)
    again.wait_for_url("**/6/")
    again.close()
    page.bring_to_front()
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect(page.locator("[data-receipt]")).to_contain_text("Saved")


def test_two_windows_never_overwrite_each_other_silently(
    page: Page, context: BrowserContext, site: RunningSite
) -> None:
    open_quiz(page, prepare(site, "kinds"), 6)
    address = page.url
    other = context.new_page()
    other.goto(address)
    other.get_by_label("Write a word or a few.").fill("chili")
    other.get_by_role("button", name="Next question").click()
    other.wait_for_url("**/7/")
    field = page.get_by_label("Write a word or a few.")
    field.fill("jalapeño")
    expect(page.locator("[data-receipt]")).to_contain_text("in another window")
    page.get_by_role("button", name="Next question").click()
    expect(page.get_by_role("alert")).to_contain_text("“chili”. That answer is kept.")
    expect(field).to_have_value("jalapeño")
    page.get_by_role("button", name="Next question").click()
    page.wait_for_url("**/7/")
    other.goto(address)
    expect(other.get_by_label("Write a word or a few.")).to_have_value("jalapeño")


def test_the_time_is_counted_down_and_hands_in_what_is_there(page: Page, site: RunningSite) -> None:
    code = prepare(site, "kinds", time_limit_minutes=1)
    open_quiz(page, code)
    expect(page.locator("[data-countdown]")).to_contain_text("Time left: 0:")
    page.get_by_role("button", name="Right").click()
    page.wait_for_url("**/2/")
    site.manage("shell", "--no-imports", "-c", NEARLY_OVER.format(code=code))
    page.reload()
    page.wait_for_url("**/result/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Not yet: 1 of 7")
