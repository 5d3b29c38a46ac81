"""How people of an agency get in: by its own identity provider, or by an account that they make themselves."""

from __future__ import annotations

from typing import Any

from allauth.core.exceptions import SignupClosedException
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from lms.accounts import adapters as accounts

from .enums import ProviderKind
from .models import IdentityProvider
from .selectors import find_employee, find_registration_domain, is_registration_open


class AccountAdapter(accounts.AccountAdapter):
    """Making an account oneself is off, unless an agency named the domain of one's address (see ``SignupForm``)."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return is_registration_open()


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Identity providers are rows. A subject that nobody has yet is never matched by an e-mail address: its person is
    found by an employee number, or signs in as before and connects it."""

    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        # One out of use is still named beside the identities that came from it, and signs nobody in.
        rows = IdentityProvider.objects.filter(Q(active=True) | Q(code=provider or ""))
        apps = [to_app(row) for row in rows]
        return [
            app
            for app in apps
            if provider in {None, app.provider, app.provider_id} and client_id in {None, "", app.client_id}
        ]

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        provider = IdentityProvider.objects.get(code=sociallogin.account.provider)
        if not provider.active:
            raise SignupClosedException
        if sociallogin.is_existing or sociallogin.state.get("process") == "connect":
            return
        number = claimed(sociallogin.account.extra_data, provider.employee_number_claim)
        if person := find_employee(provider, number, as_of=timezone.localdate()):
            sociallogin.connect(request, person)

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Whether the provider's agency lets the proved address make an account."""
        provider = IdentityProvider.objects.get(code=sociallogin.account.provider)
        domains = [find_registration_domain(row.email) for row in sociallogin.email_addresses if row.verified]
        return any(domain is not None and domain.agency_id == provider.agency_id for domain in domains)

    def is_auto_signup_allowed(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Without asking again, when the provider gave a name: the address is proved, or there would be no account."""
        return bool(sociallogin.user and sociallogin.user.full_name)


def to_app(row: IdentityProvider) -> SocialApp:
    """Return the row as allauth wants it."""
    if row.kind == ProviderKind.SAML:
        return SocialApp(
            provider=row.kind,
            provider_id=row.code,
            name=row.name,
            client_id=row.code,
            settings={
                "idp": {"entity_id": row.issuer, "metadata_url": row.metadata_url},
                "advanced": {
                    "want_assertion_signed": True,
                    "want_name_id": True,
                    "name_id_format": "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
                    "want_attribute_statement": False,
                },
            },
        )
    return SocialApp(
        provider=row.kind,
        provider_id=row.code,
        name=row.name,
        client_id=row.client_id,
        secret=row.client_secret,
        settings={"server_url": row.issuer.rstrip("/"), "oauth_pkce_enabled": True},
    )


def claimed(data: dict[str, Any], claim: str) -> str:
    """Return what the provider said under the name of the claim: a text, or a list of one (SAML); nothing otherwise."""
    if not claim:
        return ""
    places = (data, data.get("userinfo") or {}, data.get("id_token") or {})
    value = next((place[claim] for place in places if place.get(claim)), "")
    if isinstance(value, list):
        value = value[0] if len(value) == 1 else ""
    return str(value).strip()
