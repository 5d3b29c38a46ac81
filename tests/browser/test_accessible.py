"""Page kinds: axe finds nothing at 360 and 1280 px nor in forced colors, and nothing scrolls sideways at 320 px."""

from __future__ import annotations

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route

from .conftest import RunningSite, sign_in

PUBLIC = [
    "/",
    "/courses/",
    "/courses/?q=nothing-has-this-name",
    "/courses/csec-101/",
    "/library/",
    "/es/library/",
    "/safety/",
    "/about/",
    "/accessibility/",
    "/privacy/",
    "/help/",
    "/verify/",
    "/verify/0000-0000-0000/",
    "/accounts/login/",
    "/accounts/password/reset/",
    "/no-such-page/",
]


def look(page: Page, path: str = "") -> None:
    """Run axe on a page and measure its width; without an address, on the page as it stands."""
    if path:
        page.goto(path)
    path = page.url
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        found = Axe().run(page)
        assert found.violations_count == 0, f"{path} at {width} px:\n{found.generate_report()}"
    page.emulate_media(forced_colors="active")
    found = Axe().run(page)
    assert found.violations_count == 0, f"{path} in forced colors:\n{found.generate_report()}"
    page.emulate_media(forced_colors="none")
    page.set_viewport_size({"width": 320, "height": 800})
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    page.set_viewport_size({"width": 1280, "height": 900})
    assert wide <= 0, f"{path} scrolls sideways at 320 px"


@pytest.mark.axe
@pytest.mark.parametrize("path", PUBLIC)
def test_public_page(page: Page, site: RunningSite, path: str) -> None:
    look(page, path)


@pytest.mark.axe
def test_my_training(page: Page, site: RunningSite) -> None:
    sign_in(page, site, "learner")
    look(page, "/my/")


@pytest.mark.axe
def test_refused_sign_in(page: Page, site: RunningSite) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Work e-mail").fill("nobody@harbor.example")
    page.get_by_label("Password", exact=True).fill("not-the-password")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_load_state()
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()


TROUBLE = ["400.html", "403.html", "403_csrf.html", "500.html", "certificates/verify_wait.html", "learning/away.html"]
RENDER = """
import json
from django.template.loader import render_to_string
from django.test import RequestFactory
from lms.accounts.models import Person
request = RequestFactory().get("/")
request.user = Person.objects.first()
print(json.dumps({{name: render_to_string(name, request=request) for name in {names}}}))
"""


@pytest.mark.axe
def test_pages_that_say_what_went_wrong(page: Page, site: RunningSite) -> None:
    """The site answers with these only in trouble: here their own text stands at an address of the site."""
    texts = json.loads(site.manage("shell", "--no-imports", "-c", RENDER.format(names=TROUBLE)))

    def answer(route: Route) -> None:
        route.fulfill(body=texts[route.request.url.partition("/trouble/")[2]], content_type="text/html")

    page.route("**/trouble/**", answer)
    for name in TROUBLE:
        look(page, f"/trouble/{name}")
