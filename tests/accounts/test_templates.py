"""allauth's own pages, mails and messages are never shown: each has one of ours."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import allauth
import pytest
from allauth.account import app_settings
from django.conf import settings
from django.template.loader import get_template

APPS = ("account", "mfa", "socialaccount", "usersessions")
THEIRS = Path(allauth.__file__).parent / "templates"
OURS = Path(settings.BASE_DIR) / "templates"
EXCEPTIONS = {
    "mfa/webauthn/base.html": "only allauth's own pages extend it",
    "mfa/recovery_codes/base.html": "only allauth's own pages extend it",
    "mfa/totp/base.html": "only allauth's own pages extend it",
}


def shown() -> list[str]:
    """The names of what allauth can show or mail, without what only its own templates extend or include."""
    names = (path.relative_to(THEIRS) for app in APPS for path in (THEIRS / app).rglob("*.*"))
    return sorted(
        name.as_posix()
        for name in names
        if not name.name.startswith("base_")
        and "snippets" not in name.parts
        and not name.as_posix().startswith(tuple(EXCEPTIONS))
    )


@pytest.mark.parametrize("name", shown())
def test_it_is_ours(name: str) -> None:
    assert Path(get_template(name).origin.name) == OURS / name


def test_links_hold_as_long_as_the_mails_say() -> None:
    assert timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT) == timedelta(days=3)
    assert app_settings.EMAIL_CONFIRMATION_EXPIRE_DAYS == 3
