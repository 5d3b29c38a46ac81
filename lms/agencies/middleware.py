"""What stands before every page, because of what its reader may do here."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from onelogin.saml2.errors import OneLogin_Saml2_Error

from lms.accounts.second_factor import list_factors, session_passed_second_factor

from .permissions import user_needs_second_factor

logger = logging.getLogger(__name__)
# What reading a provider's own words ends in when it is away (requests' and urllib's errors are OSErrors) or set up
# wrongly.
PROVIDER_TROUBLE = (OSError, KeyError, ValueError, SyntaxError, OneLogin_Saml2_Error)
PROVIDER_ROUTES = ("accounts/oidc/", "accounts/saml/")
# Pages that show the same to everybody, and those on which a second factor is set up or a session ended.
OPEN_ROUTES = ("accounts/", "verify/", "documents/", "healthz", ".well-known/", "_util/")
OPEN_VIEWS = ("wagtail_serve", "wagtailadmin_javascript_catalog")


class SecondFactorMiddleware:
    """Send who may see or change more than their own training to set up a second factor, or to show it.

    A session that was opened with one costs nothing, any other one query. An answer in the course player that is under
    way is still taken: nothing that somebody typed is lost.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], arguments: Any, named: Any
    ) -> HttpResponse | None:
        if is_open(request) or not request.user.is_authenticated or session_passed_second_factor(request):
            return None
        if not user_needs_second_factor(request.user, as_of=timezone.localdate()):
            return None
        factors = list_factors(request.user)
        if not factors:
            messages.warning(
                request,
                _(
                    "You may see other people's records or change pages, so your account needs a second step at "
                    "sign-in. Choose one below; it takes about two minutes, once."
                ),
            )
            return HttpResponseRedirect(reverse("mfa_index"))
        by_code = Authenticator.Type.TOTP in factors
        way = reverse("mfa_reauthenticate" if by_code else "mfa_reauthenticate_webauthn")
        return HttpResponseRedirect(f"{way}?{urlencode({'next': request.get_full_path()})}")


def is_open(request: HttpRequest) -> bool:
    match = request.resolver_match
    if match is None:
        return True
    answers = match.namespace == "learning" and request.method == "POST"
    return answers or match.url_name in OPEN_VIEWS or match.route.startswith(OPEN_ROUTES)


class ProviderTroubleMiddleware:
    """Say in words that an agency's identity provider is away or set up wrongly, instead of breaking off."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        match = request.resolver_match
        if match is None or not match.route.startswith(PROVIDER_ROUTES) or not isinstance(exception, PROVIDER_TROUBLE):
            return None
        logger.error("An identity provider did not answer as it should at %s", request.path, exc_info=exception)
        return render(request, "socialaccount/authentication_error.html", status=503)
