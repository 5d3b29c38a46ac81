"""Secrets that must be read again, such as an authenticator app's key, as the database keeps them."""

from __future__ import annotations

import base64
import logging
import secrets
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import models

logger = logging.getLogger(__name__)
PREFIX = "fernet:"


def encrypt(text: str) -> str:
    """Return the text encrypted under the site's SECRET_KEY."""
    return PREFIX + _keys(_site_keys()).encrypt(text.encode()).decode()


def decrypt(stored: str) -> str:
    """Return what was encrypted under the SECRET_KEY or one of its fallbacks; what never was encrypted, as it is.

    What no key opens gives a random text: like a lost key, it fits nothing, and nobody can guess what it would fit.
    """
    if not stored.startswith(PREFIX):
        return stored
    try:
        return _keys(_site_keys()).decrypt(stored.removeprefix(PREFIX)).decode()
    except InvalidToken:
        logger.error("A secret was encrypted under a SECRET_KEY that this site does not have.")
        return base64.b32encode(secrets.token_bytes(20)).decode()


def _site_keys() -> tuple[str, ...]:
    return (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


@lru_cache(maxsize=4)
def _keys(site_keys: Sequence[str]) -> MultiFernet:
    return MultiFernet(
        [
            Fernet(base64.urlsafe_b64encode(HKDF(SHA256(), 32, salt=None, info=b"lms.privacy").derive(key.encode())))
            for key in site_keys
        ]
    )


class EncryptedTextField(models.TextField[str, str]):
    """A text that the database holds encrypted; it can't be searched for."""

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return decrypt(value) if value else value

    def get_prep_value(self, value: Any) -> Any:
        text = super().get_prep_value(value)
        return encrypt(text) if text else text
