"""By keyboard alone: each stop shows its focus, and the first leads past the navigation. On paper: no navigation."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from .conftest import RunningSite, sign_in

SHOWS_FOCUS = """() => {
    const style = getComputedStyle(document.activeElement);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
}"""
STOP = "() => document.activeElement === document.body ? '' : document.activeElement.outerHTML.slice(0, 120)"


@pytest.mark.parametrize("path", ["/", "/courses/", "/courses/csec-101/", "/library/", "/verify/", "/accounts/login/"])
def test_each_stop_shows_its_focus(page: Page, site: RunningSite, path: str) -> None:
    page.goto(path)
    page.evaluate("document.activeElement.blur()")
    stops = 0
    for _press in range(60):
        page.keyboard.press("Tab")
        stop = page.evaluate(STOP)
        if not stop:
            break
        stops += 1
        assert page.evaluate(SHOWS_FOCUS), f"{path}: no visible focus on {stop}"
    assert stops >= 4


def test_the_skip_link_comes_first_and_leads_to_the_text(page: Page, site: RunningSite) -> None:
    page.goto("/courses/")
    page.keyboard.press("Tab")
    expect(page.locator(".usa-skipnav")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_a_course_is_begun_by_keyboard(page: Page, site: RunningSite) -> None:
    sign_in(page, site, "trainer")
    page.goto("/courses/csec-101/")
    start = page.locator("main .usa-button").first
    for _press in range(60):
        page.keyboard.press("Tab")
        if start.evaluate("button => button === document.activeElement"):
            break
    expect(start).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/learn/**")


@pytest.mark.parametrize("path", ["/courses/csec-101/", "/library/"])
def test_no_navigation_is_printed(page: Page, site: RunningSite, path: str) -> None:
    page.goto(path)
    page.emulate_media(media="print")
    for part in page.locator(".hd nav, .ft, .exit, .usa-skipnav, .usa-button").all():
        expect(part).to_be_hidden()
