"""Passkeys in a real Chromium, with the authenticator that its own debugging protocol offers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from .conftest import RunningSite, follow, sign_in

PASSWORD = "a lamp in the harbor 7"
EMAIL = "passkey.tester@example.org"
PREPARE = f"""
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from lms.accounts.models import Person
from lms.agencies.models import Agency
from lms.agencies.services import give_grant
import datetime
person, new = Person.objects.get_or_create(email="{EMAIL}", defaults={{"first_name": "Pat", "last_name": "Keyes"}})
person.set_password("{PASSWORD}")
person.save()
Authenticator.objects.filter(user=person).delete()
if new:
    EmailAddress.objects.create(user=person, email="{EMAIL}", verified=True, primary=True)
    give_grant(actor=None, person=person, kind="manager", agency=Agency.objects.get(code="probation"),
               valid_from=datetime.date(2026, 1, 5), reason="Test", today=datetime.date.today())
"""


@pytest.fixture
def complaints(page: Page) -> Iterator[list[str]]:
    """What the browser's console complained about: a test that ends with any fails."""
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    yield heard
    assert heard == []


def add_authenticator(page: Page) -> None:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
            }
        },
    )


def type_password(page: Page) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Work e-mail").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    follow(page, page.get_by_role("button", name="Sign in"))


def test_a_manager_is_led_to_a_passkey_and_signs_in_by_it(page: Page, site: RunningSite, complaints: list[str]) -> None:
    site.manage("shell", "--no-imports", "-c", PREPARE)
    add_authenticator(page)
    type_password(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Second step at sign-in")
    expect(page.get_by_text("your account needs a second step at sign-in")).to_be_visible()
    follow(page, page.get_by_role("link", name="Add a passkey"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Is it still you?")
    page.get_by_label("Password").fill(PASSWORD)
    follow(page, page.get_by_role("button", name="Continue"))
    page.get_by_label("Name").fill("The office laptop")
    page.get_by_text("Sign in with this passkey alone").click()
    follow(page, page.get_by_role("button", name="Make the passkey"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
    page.goto("/team/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.url.endswith("/team/")

    page.context.clear_cookies()
    type_password(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Your second step")
    follow(page, page.get_by_role("button", name="Use a passkey"))
    assert page.url.endswith("/my/")

    page.context.clear_cookies()
    page.goto("/accounts/login/")
    follow(page, page.get_by_role("button", name="Use a passkey instead"))
    assert page.url.endswith("/my/")
    page.goto("/accounts/2fa/webauthn/")
    expect(page.locator("li strong")).to_have_text("The office laptop")


def test_a_browser_that_gives_no_passkey_is_told_so(page: Page, site: RunningSite) -> None:
    page.goto("/accounts/login/")
    page.evaluate("() => { navigator.credentials.get = () => Promise.reject(new Error('The reader pressed Cancel.')) }")
    page.get_by_role("button", name="Use a passkey instead").click()
    expect(page.get_by_text("The browser gave us no passkey.")).to_be_visible()
    expect(page.get_by_text("The browser gave us no passkey.")).to_be_focused()


def test_the_second_step_of_a_demonstration_sign_in(page: Page, site: RunningSite) -> None:
    sign_in(page, site, "manager")
    page.goto("/team/")
    assert page.url.endswith("/team/")
