"""Agencies, rights and the audit trail in a real browser: without a script, by keyboard, and axe finds nothing."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from .conftest import RunningSite, sign_in
from .test_accessible import look

TREE = "/team/agencies/"


@pytest.mark.axe
def test_tree_unit_person_and_a_form(page: Page, site: RunningSite) -> None:
    sign_in(page, site, "manager")
    look(page, TREE)
    page.get_by_role("navigation", name="Tree of units").get_by_role("link").last.click()
    look(page)
    unit = page.url
    page.locator("table.usa-table").first.get_by_role("link").first.click()
    look(page)
    look(page, f"{unit}people/add/")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was lost")
    look(page)
    page.goto(f"{unit}split/")
    look(page)


@pytest.mark.axe
def test_a_preview_and_the_audit_trail(page: Page, site: RunningSite) -> None:
    sign_in(page, site, "coordinator")
    look(page, TREE)
    page.get_by_role("link", name="Give a right").click()
    page.get_by_label("E-mail of the person").fill(site.sign_ins["learner"]["email"])
    page.get_by_text("Reviewer:").click()
    page.get_by_label("Reason").fill("Reads texts before they are published")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Is this right?")).to_be_visible()
    look(page)
    page.get_by_role("button", name="Change something").click()
    expect(page.get_by_label("Reason")).to_have_value("Reads texts before they are published")
    look(page, "/team/audit/")
    look(page, "/team/audit/?first_on=soon")
    look(page, "/welcome/no-such-link/")


def test_a_unit_is_closed_without_a_script(browser: Browser, site: RunningSite) -> None:
    context = browser.new_context(base_url=site.url, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, site, "coordinator")
    page.goto(f"{TREE}add/")
    page.get_by_label("Name", exact=True).fill("Night office")
    page.get_by_label("Code").fill("night-office")
    page.get_by_label("Kind of agency").select_option(index=1)
    page.get_by_role("button", name="Continue").press("Enter")
    page.get_by_role("button", name="Add it").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Night office stands at the top of the tree")
    page.get_by_role("link", name="Close it").click()
    page.get_by_role("button", name="Continue").press("Enter")
    expect(page.get_by_text("Night office is closed from")).to_be_visible()
    page.get_by_role("button", name="Close it").press("Enter")
    page.get_by_role("link", name="Keep it open").click()
    page.get_by_role("button", name="Keep it open").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Night office stays open.")
    context.close()
