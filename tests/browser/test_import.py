"""A staff file in a real browser: chosen, read, looked at, applied, taken back; and axe on each page of it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from .conftest import RunningSite, follow, sign_in
from .test_accessible import look

HEADER = "employee_number,email,first_name,last_name,agency_code,job_role,start_on\n"


def send(page: Page, text: str, name: str = "staff.csv") -> None:
    page.goto("/team/import/")
    page.get_by_label("File", exact=True).set_input_files([{"name": name, "mimeType": "text/csv", "buffer": text.encode()}])
    follow(page, page.get_by_role("button", name="Read the file"))


def read(page: Page, site: RunningSite) -> None:
    """What the worker does meanwhile."""
    site.manage("tick")
    page.reload()


@pytest.mark.axe
def test_a_staff_file(page: Page, site: RunningSite) -> None:
    sign_in(page, site, "manager")
    look(page, "/team/import/")
    unit = page.get_by_label("The unit it is for").locator("option").last.get_attribute("value")
    assert unit
    look(page, "/team/import/completions/")
    send(page, "Emp ID,Mail,First,Last,Dept,Job Code,Hired\n1,a@staff.example,Ana,Alba,nowhere,pilot,2026-02-02\n")
    if page.get_by_label("The unit it is for").is_visible():
        page.get_by_label("The unit it is for").select_option(unit)
    expect(page.get_by_role("heading", level=1)).to_have_text("Which column is which?")
    look(page)
    follow(page, page.get_by_role("button", name="Read the file"))
    expect(page.get_by_role("heading", level=1)).to_have_text("The file is being read.")
    look(page)
    read(page, site)
    expect(page.get_by_text("There is no such unit among those that this import is for.")).to_be_visible()
    look(page)
