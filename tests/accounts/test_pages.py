"""The account pages, opened as a person opens them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.test import Client
from django.urls import reverse

from lms.outbox.models import Mail
from tests.conftest import PASSWORD, Cast

THEIR_WORDS = (
    "Bad Token",
    "Password Reset",
    "Two-Factor",
    "Third-Party",
    "Authenticator App",
    "Confirm Access",
    "Unverified",
)


@pytest.fixture(autouse=True)
def outbox(settings: Any) -> None:
    settings.EMAIL_BACKEND = "lms.outbox.backend.OutboxEmailBackend"


def sign_in(client: Client, cast: Cast) -> None:
    """Through the form, for the pages that ask how long ago that was."""
    EmailAddress.objects.update_or_create(
        user=cast.learner, email=cast.learner.email, defaults={"verified": True, "primary": True}
    )
    answer = client.post(reverse("account_login"), {"login": cast.learner.email, "password": PASSWORD})
    assert answer.status_code == 302


def read(client: Client, address: str, heading: str, status: int = 200) -> str:
    answer = client.get(address, follow=True)
    page = answer.content.decode()
    assert answer.status_code == status
    assert f"<h1>{heading}</h1>" in page
    assert not [words for words in THEIR_WORDS if words in page]
    return page


@pytest.mark.parametrize(
    ("name", "heading"),
    [
        ("account_reset_password", "Forgot your password?"),
        ("account_reset_password_done", "Look in your mail"),
        ("account_reset_password_from_key_done", "Your new password is saved"),
        ("account_inactive", "Your account is switched off"),
        ("account_email_verification_sent", "Confirm your address"),
        ("account_signup", "Your agency makes your account"),
        ("socialaccount_login_cancelled", "You stopped signing in"),
    ],
)
def test_a_page_for_everybody(client: Client, db: None, name: str, heading: str) -> None:
    read(client, reverse(name), heading)


@pytest.mark.parametrize(
    ("name", "heading"),
    [
        ("account_change_password", "New password"),
        ("account_email", "Your e-mail addresses"),
        ("account_reauthenticate", "Is it still you?"),
        ("mfa_index", "Second step at sign-in"),
        ("socialaccount_connections", "Other ways to sign in"),
    ],
)
def test_a_page_of_ones_own_account(client: Client, cast: Cast, name: str, heading: str) -> None:
    sign_in(client, cast)
    read(client, reverse(name), heading)


def test_a_failed_sign_in_elsewhere_says_so(client: Client, db: None) -> None:
    read(client, reverse("socialaccount_login_error"), "That sign-in did not work", status=401)


def test_a_broken_link_says_so(client: Client, db: None) -> None:
    read(client, reverse("account_reset_password_from_key", args=["1", "no-key"]), "This link no longer works")


def test_a_new_password_by_the_mailed_link(client: Client, cast: Cast) -> None:
    EmailAddress.objects.update_or_create(
        user=cast.learner, email=cast.learner.email, defaults={"verified": True, "primary": True}
    )
    client.post(reverse("account_reset_password"), {"email": cast.learner.email})
    mail = Mail.objects.get(to=cast.learner.email)
    assert "Choose a new password" in mail.subject
    assert "this is Lantern" in mail.text
    link = re.search(r"https?://[^/]+(/\S+)", mail.text)
    assert link is not None
    answer = client.get(link[1], follow=True)
    assert "<h1>Choose a new password</h1>" in answer.content.decode()
    new = "harbor-lamp-7-cedar"
    answer = client.post(answer.request["PATH_INFO"], {"password1": new, "password2": new}, follow=True)
    assert "<h1>Your new password is saved</h1>" in answer.content.decode()
    cast.learner.refresh_from_db()
    assert cast.learner.check_password(new)
    assert "<h1>This link no longer works</h1>" in Client().get(link[1], follow=True).content.decode()


def test_the_second_step_from_setting_up_to_signing_in(client: Client, cast: Cast) -> None:
    sign_in(client, cast)
    activate = reverse("mfa_activate_totp")
    read(client, activate, "Is it still you?")
    client.post(f"{reverse('account_reauthenticate')}?next={activate}", {"password": PASSWORD})
    page = read(client, activate, "Set up the second step")
    secret = re.search(r"<code>(\w+)</code>", page)
    assert secret is not None
    code = format_hotp_value(hotp_value(secret[1], next(iter(yield_hotp_counters_from_time()))))
    assert client.post(activate, {"code": code}).status_code == 302
    page = read(client, reverse("mfa_view_recovery_codes"), "Your recovery codes")
    recovery = re.search(r"<code>(\w+)</code>", page)
    assert recovery is not None
    read(client, reverse("mfa_generate_recovery_codes"), "Make new recovery codes?")
    read(client, reverse("mfa_deactivate_totp"), "Switch the second step off?")
    client.post(reverse("account_logout"))
    sign_in(client, cast)
    read(client, reverse("mfa_authenticate"), "Your second step")
    assert client.post(reverse("mfa_authenticate"), {"code": recovery[1]}).status_code == 302
    read(client, reverse("mfa_index"), "Second step at sign-in")
