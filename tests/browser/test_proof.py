"""Proof in a real browser: a file is compared on the device that holds it, and the pages are accessible."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .conftest import RunningSite, follow, sign_in
from .test_accessible import look

CERTIFY = """
from django.utils import timezone
from certificates.services import issue_transcript, render_pending
from curricula.models import Course
from lms.accounts.models import Person
from lms.learning.services import record_completion
person, now, today = Person.objects.get(email={email!r}), timezone.now(), timezone.localdate()
course = Course.objects.get(code="csec-101")
record_completion(person=person, course=course, started_on=today, completed_on=today, source="online", mode="online",
                  actor=None, now=now, key="browser-proof")
issue_transcript(person=person, actor=person, language="en", now=now)
render_pending(now=timezone.now())
"""


@pytest.fixture
def certified(page: Page, site: RunningSite) -> Page:
    """A manager, signed in, on the page of a certificate of their own: the learner is still to begin the course."""
    site.manage("shell", "-c", CERTIFY.format(email=site.sign_ins["manager"]["email"]))
    sign_in(page, site, "manager")
    follow(page, page.locator("main a[href^='/certificates/']").first)
    return page


def download(page: Page, target: Path) -> bytes:
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Download PDF").first.click()
    downloading.value.save_as(target)
    return target.read_bytes()


def test_a_file_is_compared_on_the_device(certified: Page, site: RunningSite, tmp_path: Path) -> None:
    held, changed = tmp_path / "held.pdf", tmp_path / "changed.pdf"
    changed.write_bytes(download(certified, held) + b" ")
    follow(certified, certified.get_by_role("link", name="Verification page"))
    sent: list[str] = []
    # The browser asks for the icon of the page when it likes.
    certified.on("request", lambda request: request.url.endswith("favicon.svg") or sent.append(request.url))
    answer = certified.get_by_role("status")
    certified.get_by_label("PDF file").set_input_files(held)
    expect(answer).to_contain_text("Yes: this file is the one we issued")
    certified.get_by_label("PDF file").set_input_files(changed)
    expect(answer).to_contain_text("No: this file differs")
    expect(answer).to_have_css("color", "rgb(156, 61, 16)")  # not the green of "Yes"
    dropped = certified.evaluate_handle(
        """(bytes) => {
          const data = new DataTransfer();
          data.items.add(new File([new Uint8Array(bytes)], "held.pdf", { type: "application/pdf" }));
          return data;
        }""",
        list(held.read_bytes()),
    )
    certified.dispatch_event("[data-compare]", "drop", {"dataTransfer": dropped})
    expect(answer).to_contain_text("Yes: this file is the one we issued")
    assert sent == [], "nothing leaves the device"


def test_without_scripts_the_digest_is_there_to_compare(certified: Page, site: RunningSite) -> None:
    follow(certified, certified.get_by_role("link", name="Verification page"))
    browser = certified.context.browser
    assert browser is not None
    plain = browser.new_context(java_script_enabled=False)
    page = plain.new_page()
    page.goto(certified.url)
    expect(page.locator("noscript p")).to_be_visible()
    expect(page.get_by_label("PDF file")).to_be_hidden()
    plain.close()


@pytest.mark.axe
def test_pages_of_proof(certified: Page, site: RunningSite) -> None:
    expect(certified.locator(".sheet .title")).to_have_css("position", "absolute")
    look(certified)
    certificate = certified.url
    for path in ("/my/transcript/", "/my/hours/", "/my/outside/", f"{certificate}reissue/"):
        look(certified, path)
    certified.goto(certificate)
    follow(certified, certified.get_by_role("button", name="Make a link"))
    look(certified)
    follow(certified, certified.locator("main a[href*='/shared/']").first)
    look(certified)
    follow(certified, certified.get_by_role("link", name="Verification page"))
    look(certified)
    certified.goto("/my/transcript/")
    follow(certified, certified.get_by_role("link", name="Verification page").first)
    look(certified)


@pytest.mark.axe
def test_pages_of_a_supervisor(page: Page, site: RunningSite) -> None:
    sign_in(page, site, "supervisor")
    look(page, "/team/certificates/")
    look(page, "/team/outside/")
    follow(page, page.get_by_role("link", name="Look at it").first)
    look(page)
    follow(page, page.get_by_role("button", name="Refuse"))
    look(page)
