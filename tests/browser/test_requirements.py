"""Rules, readiness, contracts and lists in a real browser: without a script, and axe finds nothing."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from .conftest import RunningSite, sign_in
from .test_accessible import look

RULES = "/team/requirements/"


@pytest.mark.axe
def test_a_rule_and_its_preview(page: Page, site: RunningSite) -> None:
    sign_in(page, site, "coordinator")
    look(page, RULES)
    page.goto(f"{RULES}?q=placed")
    page.locator("table a").first.click()
    look(page)
    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_label("Days to complete").fill("soon")
    page.get_by_label("Days to complete").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Nothing was lost")
    look(page)
    page.get_by_label("Days to complete").fill("60")
    page.get_by_label("Days to complete").press("Enter")
    expect(page.get_by_role("heading", name="Is this right?")).to_be_visible()
    look(page)
    page.get_by_role("button", name="Change something").click()
    expect(page.get_by_label("Days to complete")).to_have_value("60")


@pytest.mark.axe
def test_readiness_contract_and_lists(page: Page, site: RunningSite) -> None:
    sign_in(page, site, "coordinator")
    look(page, "/team/readiness/?show=all")
    look(page, "/team/readiness/?who=caregivers&show=all")
    page.goto("/team/contracts/")
    page.locator("table a").first.click()
    look(page)
    look(page, "/team/qualified/1/")
    look(page, "/team/reminders/")
    look(page, "/team/lists/add/")
    look(page, "/my/calendar/")


def test_a_rule_is_made_without_a_script(browser: Browser, site: RunningSite) -> None:
    context = browser.new_context(base_url=site.url, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, site, "manager")
    page.goto(f"{RULES}add/")
    page.get_by_label("Name", exact=True).fill("Refresher for the department")
    page.get_by_label("Days to complete").fill("30")
    page.get_by_label("Unit and all below it").select_option(index=1)
    page.get_by_role("button", name="Add another part").press("Enter")
    expect(page.get_by_role("group", name="Part 2")).to_be_visible()
    page.get_by_label("Course", exact=False).first.select_option(index=1)
    page.get_by_role("button", name="Continue").last.press("Enter")
    expect(page.get_by_text("gain the rule")).to_be_visible()
    page.get_by_role("button", name="Save it").press("Enter")
    expect(page.get_by_role("heading", name="Refresher for the department")).to_be_visible()
    context.close()
