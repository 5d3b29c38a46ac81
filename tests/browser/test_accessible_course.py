"""Taking a course, page by page: axe finds nothing on the way, and nothing scrolls sideways."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from .conftest import RunningSite, follow, sign_in
from .test_accessible import look


def press(page: Page) -> None:
    """Press the one button that goes on."""
    follow(page, page.locator("main form button.usa-button").last)


@pytest.mark.axe
def test_every_page_of_a_course(page: Page, site: RunningSite) -> None:
    # Somebody whom no other test uses takes it again: the trainer and the learner stay where they are.
    sign_in(page, site, "contract_manager")
    page.goto("/courses/csec-101/")
    look(page, page.url)
    follow(page, page.locator("main form button").first)
    overview = page.url
    look(page, overview)
    page.goto(page.locator("main a.usa-button").first.get_attribute("href") or "")
    looked = False
    while page.url != overview:
        cases = page.locator("details")
        if not looked and cases.count():
            look(page, page.url)
            for case in cases.all():
                case.evaluate("element => { element.open = true }")
            look(page)
            looked = True
        press(page)
    assert looked
    look(page, overview)
    page.goto(overview)
    press(page)
    refused = False
    while not page.url.endswith("/check/"):
        look(page, page.url)
        if page.locator("button.tile").count():
            follow(page, page.locator("button.tile").first)
        else:
            if not refused:
                press(page)
                expect(page.get_by_text("Choose an answer, then go on.")).to_be_visible()
                look(page)
                refused = True
            page.locator(".usa-checkbox__label").first.click()
            press(page)
    assert refused
    look(page, page.url)
    press(page)
    assert page.url.endswith("/result/")
    look(page, page.url)


@pytest.mark.axe
@pytest.mark.parametrize("index", ["/library/", "/es/library/"])
def test_every_library_page(page: Page, site: RunningSite, index: str) -> None:
    page.goto(index)
    readings = [link.get_attribute("href") or "" for link in page.locator("main h3 a").all()]
    assert len(readings) == 2
    for reading in readings:
        look(page, reading)
