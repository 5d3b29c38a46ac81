"""The main job, end to end: a new deputy owes a course, takes it, fails and passes its quiz, holds a certificate that a
court manager verifies, and the supervisor sees the completion."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import yaml
from playwright.sync_api import Page, expect

from .conftest import ROOT, RunningSite, follow, sign_in
from .test_accessible import look

QUIZ = yaml.safe_load((ROOT / "curricula/starter/csec-101/quiz.yaml").read_text())
COURSE = "CSEC awareness (101)"


def plain(text: str) -> str:
    """The text as a browser shows it: without Markdown's signs and runs of white space."""
    return re.sub(r"\s+", " ", re.sub(r"[*_`]", "", text)).strip()


def read_every_section(page: Page) -> int:
    """Go on from section to section until the quiz is offered; returns how many sections were read."""
    page.get_by_role("link", name=re.compile("^(start|resume)", re.I)).click()
    for read in range(80):
        if page.get_by_role("button", name=re.compile("quiz", re.I)).count():
            return read
        follow(page, page.get_by_role("button", name=re.compile("^(next|done)$", re.I)))
    raise AssertionError("the quiz was never offered")


def answer_quiz(page: Page, *, right: bool) -> None:
    for _step in QUIZ["questions"]:
        shown = plain(page.locator("main").inner_text())
        question = next(q for q in QUIZ["questions"] if plain(q["stem"]) in shown)
        several = question["kind"] == "multiple"
        for choice in question["choices"]:
            if bool(choice.get("right")) == right:
                words = re.compile(rf"^\s*{re.escape(plain(choice['text']))}\s*$")
                tile = page.locator("main form").locator("label" if several else "button.tile").filter(has_text=words)
                if several:
                    tile.click()
                else:
                    follow(page, tile)
                    break
        if several:
            follow(page, page.get_by_role("button", name=re.compile("^(next question|save and check)", re.I)))
    follow(page, page.get_by_role("button", name=re.compile("submit|hand in|send", re.I)))


def test_a_deputy_completes_the_awareness_course(page: Page, site: RunningSite, tmp_path: Path) -> None:
    sign_in(page, site, "learner")
    expect(page.get_by_role("heading", level=1)).to_contain_text("You owe")
    page.get_by_role("link", name=re.compile(rf"^Start.*{re.escape(COURSE)}")).first.click()
    page.get_by_role("button", name=re.compile("start", re.I)).click()
    assert read_every_section(page) >= 18

    follow(page, page.get_by_role("button", name=re.compile("quiz", re.I)))
    answer_quiz(page, right=False)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Not yet")
    for question in QUIZ["questions"]:
        for choice in question["choices"]:
            if choice.get("right") and question["kind"] == "single":
                assert choice["feedback"] not in page.content()

    follow(page, page.get_by_role("button", name=re.compile("try again", re.I)))
    answer_quiz(page, right=True)
    expect(page.get_by_role("heading", level=1)).not_to_contain_text("Not yet")

    site.manage("tick")
    page.goto("/my/")
    look(page, "/my/")
    follow(page, page.get_by_role("link", name=re.compile("certificate", re.I)).first)
    look(page)
    with page.expect_download() as downloading:
        page.get_by_role("link", name=re.compile("download", re.I)).first.click()
    target = tmp_path / "certificate.pdf"
    downloading.value.save_as(target)
    pdf = target.read_bytes()
    assert pdf.startswith(b"%PDF")
    code = re.search(r"[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{2,4}){6}", page.locator("main").inner_text())
    assert code is not None

    court_manager = page.context.browser.new_context(base_url=site.url).new_page()
    court_manager.goto(f"/verify/{code.group()}/")
    expect(court_manager.get_by_role("heading", level=1)).to_contain_text(re.compile("valid", re.I))
    look(court_manager)
    seen = court_manager.content()
    assert COURSE in seen
    assert hashlib.sha256(pdf).hexdigest() in seen
    assert site.sign_ins["learner"]["email"] not in seen

    supervisor = page.context.browser.new_context(base_url=site.url).new_page()
    sign_in(supervisor, site, "supervisor")
    supervisor.goto("/team/people/?q=Fernbrook")
    follow(supervisor, supervisor.locator("table").get_by_role("link", name=re.compile("Fernbrook")))
    expect(supervisor.locator("main")).to_contain_text(COURSE)
    expect(supervisor.locator("main").get_by_text("Valid", exact=True).first).to_be_visible()
