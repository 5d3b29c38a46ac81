"""The manager's area in a real browser: axe, narrow screens, forced colors, and the way from a figure to a reminder."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from .conftest import RunningSite, sign_in
from .test_accessible import look


@pytest.mark.axe
def test_the_pages_of_a_team(page: Page, site: RunningSite) -> None:
    sign_in(page, site, "supervisor")
    for path in ("/team/", "/team/people/", "/team/people/?q=nobody-has-this-name", "/team/?day=2999-01-01"):
        look(page, path)
    page.goto("/team/people/?show=counted")
    page.locator("tbody th a").first.click()
    look(page)


# A tick that another test asked for has reminded everybody for today.
NOBODY_REMINDED = """
from lms.compliance.models import Reminder, ReminderLine
ReminderLine.objects.all().delete()
Reminder.objects.all().delete()
"""


@pytest.mark.axe
def test_from_a_figure_to_a_reminder(page: Page, site: RunningSite) -> None:
    site.manage("shell", "--no-imports", "-c", NOBODY_REMINDED)
    sign_in(page, site, "supervisor")
    page.goto("/team/")
    assert "people have something overdue" in page.get_by_role("heading", level=1).inner_text()
    page.get_by_role("link", name="overdue").last.click()
    names = page.url
    for button in ("Assign", "Remind"):
        page.goto(names)
        page.get_by_role("checkbox").first.focus()
        page.keyboard.press("Space")
        page.get_by_role("button", name=button, exact=True).click()
        assert page.get_by_role("heading", level=1).is_visible()
        look(page)
    page.get_by_role("button", name="Send").click()
    assert "on its way" in page.get_by_role("status").inner_text()


@pytest.mark.axe
def test_figures_without_names(page: Page, site: RunningSite) -> None:
    sign_in(page, site, "oversight")
    look(page, "/team/")
    assert page.locator('a[href*="/team/people/"]').count() == 0
