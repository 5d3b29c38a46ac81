"""Secrets in the database."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.db import connection
from django.test import override_settings

from lms.agencies.models import IdentityProvider
from lms.privacy.encryption import decrypt, encrypt
from tests.conftest import Cast


def test_it_works() -> None:
    stored = encrypt("JBSWY3DPEHPK3PXP")
    assert "JBSW" not in stored
    assert stored != encrypt("JBSWY3DPEHPK3PXP")
    assert decrypt(stored) == "JBSWY3DPEHPK3PXP"


def test_what_was_kept_before_is_read() -> None:
    assert decrypt("JBSWY3DPEHPK3PXP") == "JBSWY3DPEHPK3PXP"


def test_the_key_can_be_changed() -> None:
    with override_settings(SECRET_KEY="old" * 20):
        stored = encrypt("told")
    with override_settings(SECRET_KEY="new" * 20, SECRET_KEY_FALLBACKS=["old" * 20]):
        assert decrypt(stored) == "told"


def test_a_lost_key_fits_nothing() -> None:
    stored = encrypt("told")
    with override_settings(SECRET_KEY="other" * 20):
        first, second = decrypt(stored), decrypt(stored)
    assert first != second
    assert "told" not in {first, second}


@pytest.mark.django_db
def test_an_authenticator_app_is_kept_encrypted(cast: Cast) -> None:
    secret = generate_totp_secret()
    factor = TOTP.activate(cast.learner, secret).instance
    factor.refresh_from_db()
    assert secret not in str(factor.data)
    code = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
    assert Authenticator.objects.get(pk=factor.pk).wrap().validate_code(code)


@pytest.mark.django_db
def test_a_providers_secret_is_kept_encrypted(cast: Cast) -> None:
    row = IdentityProvider.objects.create(
        agency=cast.learner.employments.get().agency, kind="openid_connect", code="x", name="X", client_secret="told"
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT client_secret FROM agencies_identityprovider WHERE id = %s", [row.pk])
        assert "told" not in cursor.fetchone()[0]
    assert IdentityProvider.objects.get(pk=row.pk).client_secret == "told"
