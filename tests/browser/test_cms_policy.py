"""The content security policies in a real browser: Wagtail's admin has room to work, our pages run nothing unmarked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from .conftest import RunningSite, follow, sign_in


@pytest.fixture
def complaints(page: Page) -> Iterator[list[str]]:
    """What the browser's console complained about: a test that ends with any fails."""
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    yield heard
    assert heard == []


def test_the_editor_opens_and_saves(page: Page, site: RunningSite, complaints: list[str]) -> None:
    sign_in(page, site, "editor")
    page.goto("/cms/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    for path in ("pages/", "images/add/", "documents/add/", "account/", "reports/locked/", "snippets/quizzes/quiz/"):
        answer = page.goto(f"/cms/{path}")
        assert answer is not None
        assert answer.ok
        assert "unsafe-eval" not in answer.headers["content-security-policy"]
    module = site.manage(
        "shell", "--no-imports", "-c",
        "from curricula.models import ModulePage; print(ModulePage.objects.live().order_by('pk').first().pk)",
    ).strip()  # fmt: skip
    page.goto(f"/cms/pages/{module}/edit/")
    expect(page.locator(".Draftail-Editor").first).to_be_attached()
    page.get_by_role("button", name="Toggle preview").click()
    expect(page.frame_locator("iframe").first.get_by_role("heading", level=1)).to_be_attached(timeout=15_000)
    follow(page, page.get_by_role("button", name="Save draft"))
    expect(page.get_by_role("status").get_by_text("has been updated")).to_be_visible()


@pytest.mark.parametrize("path", ["/", "/courses/", "/library/", "/my/", "/verify/", "/accounts/email/"])
def test_our_pages_run_nothing_that_is_not_marked(
    page: Page, site: RunningSite, complaints: list[str], path: str
) -> None:
    sign_in(page, site, "learner")
    answer = page.goto(path)
    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    # An element put into the page by a hole would not run.
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.x = 1'}))"
    )
    assert page.evaluate("window.x") is None
    complaints.clear()
