"""How allauth behaves here."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit, urlunsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest

from lms.privacy.encryption import decrypt, encrypt

from .browsers import describe_browser


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by invitation; nobody signs up alone. A link in a mail leads to the site's own address."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        links = {name: at_site(value) for name, value in context.items() if name.endswith("_url")}
        super().send_mail(template_prefix, email, context | links)


class MFAAdapter(DefaultMFAAdapter):
    """Keys of second steps are kept encrypted; a new passkey is called after the device on which it is made."""

    def encrypt(self, text: str) -> str:
        return encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return decrypt(encrypted_text)

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        return describe_browser(context.request.headers.get("User-Agent", ""))


def at_site(url: str) -> str:
    """Return the URL at the site's own address, whatever host the request named that it was built from."""
    return settings.SITE_URL.rstrip("/") + urlunsplit(("", "", *urlsplit(url)[2:]))
