"""Writes down who signed in and what changed about how they do, and keeps a session's second factor true."""

from __future__ import annotations

from typing import Any

from allauth.account import signals as account
from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from allauth.socialaccount import signals as social
from django.contrib.auth.signals import user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from lms.audit.services import record, record_rarely

from .models import Person
from .second_factor import forget_second_factor, list_factors, remember_second_factor
from .selectors import find_by_email


@receiver(account.user_logged_in)
def record_sign_in(request: HttpRequest, user: Person, **kwargs: Any) -> None:
    methods = sorted({row["method"] for row in get_authentication_records(request, user)})
    record(actor=user, action="sign_in.done", target=user, detail={"ip": _ip(request), "methods": methods})


@receiver(user_login_failed)
def record_failed_sign_in(credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any) -> None:
    """Written alike whether or not the address is known, so that the answer takes as long; rarely, when there is a
    flood of them. What was typed is not kept: it may be a password in the wrong field."""
    address = str(credentials.get("email") or credentials.get("username") or "").strip().lower()
    person = find_by_email([address]).get(address)
    ip = _ip(request)
    key = f"person {person.pk}" if person else f"from {ip}"
    record_rarely(key=key, actor=None, action="sign_in.failed", target=person, detail={"ip": ip})


@receiver(user_logged_out)
def record_sign_out(user: Person | None, **kwargs: Any) -> None:
    if user is not None:
        record(actor=user, action="sign_in.ended", target=user)


@receiver([account.password_changed, account.password_set, account.password_reset])
def record_password(user: Person, request: HttpRequest | None = None, **kwargs: Any) -> None:
    record(actor=user, action="password.changed", target=user, detail={"ip": _ip(request)})


@receiver(account.email_added)
def record_address(user: Person, email_address: Any, **kwargs: Any) -> None:
    record(actor=user, action="address.added", target=user, detail={"address": email_address.email})


@receiver(account.email_removed)
def record_address_removed(user: Person, email_address: Any, **kwargs: Any) -> None:
    record(actor=user, action="address.removed", target=user, detail={"address": email_address.email})


@receiver(account.email_changed)
def record_main_address(user: Person, from_email_address: Any, to_email_address: Any, **kwargs: Any) -> None:
    was = from_email_address.email if from_email_address else ""
    record(actor=user, action="address.main", target=user, detail={"was": was, "is": to_email_address.email})


@receiver(mfa.authenticator_added)
def record_factor(request: HttpRequest, user: Person, authenticator: Authenticator, **kwargs: Any) -> None:
    if authenticator.type in list_factors(user):
        remember_second_factor(request, authenticator)
    record(actor=user, action="second_factor.added", target=user, detail={"type": authenticator.type})


@receiver(mfa.authenticator_removed)
def record_factor_removed(request: HttpRequest, user: Person, authenticator: Authenticator, **kwargs: Any) -> None:
    if not list_factors(user):
        forget_second_factor(request)
    record(actor=user, action="second_factor.removed", target=user, detail={"type": authenticator.type})


@receiver(mfa.authenticator_reset)
def record_new_codes(user: Person, authenticator: Authenticator, **kwargs: Any) -> None:
    record(actor=user, action="second_factor.reset", target=user, detail={"type": authenticator.type})


@receiver(account.user_signed_up)
def record_registration(request: HttpRequest, user: Person, **kwargs: Any) -> None:
    record(actor=user, action="person.registered", target=user, detail={"ip": _ip(request)})


@receiver(social.social_account_added)
def record_identity(sociallogin: Any, **kwargs: Any) -> None:
    person, provider = sociallogin.user, sociallogin.account.provider
    record(actor=person, action="identity.connected", target=person, detail={"provider": provider})


@receiver(social.social_account_removed)
def record_identity_removed(socialaccount: Any, **kwargs: Any) -> None:
    person = socialaccount.user
    record(actor=person, action="identity.removed", target=person, detail={"provider": socialaccount.provider})


def _ip(request: HttpRequest | None) -> str:
    return get_adapter().get_client_ip(request) if request else ""
