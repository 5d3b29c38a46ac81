"""A staff file in a real browser: chosen, its columns named, read, looked at; and axe on each page of it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from .conftest import RunningSite, follow, sign_in
from .test_accessible import look

THEIRS = (
    "Emp ID,Mail,First,Last,Dept,Job Code,Hired\n"
    "1,ana@staff.example,Ana,Alba,probation,probation-deputy-field,2026-02-02\n"
    "2,bo@staff.example,Bo,Bad,nowhere,pilot,2026-02-02\n"
)


@pytest.mark.axe
def test_a_staff_file(page: Page, site: RunningSite) -> None:
    sign_in(page, site, "manager")
    heading = page.get_by_role("heading", level=1)
    look(page, "/team/import/completions/")
    look(page, "/team/import/")
    page.get_by_label("The unit it is for").select_option(index=1)
    file = {"name": "staff.csv", "mimeType": "text/csv", "buffer": THEIRS.encode()}
    page.get_by_label("File", exact=True).set_input_files([file])
    follow(page, page.get_by_role("button", name="Read the file"))

    expect(heading).to_have_text("Which column is which?")
    expect(page.get_by_label("Unit's code")).to_have_value("Dept")
    look(page)
    page.get_by_label("Employee number", exact=False).first.select_option("Emp ID")
    follow(page, page.get_by_role("button", name="Read the file"))

    expect(heading).to_have_text("The file is being read.")
    look(page)
    site.manage("tick")
    follow(page, page.get_by_role("link", name="See how far it is"))
    expect(page.get_by_text("There is no such unit among those that this import is for.")).to_be_visible()
    look(page)
