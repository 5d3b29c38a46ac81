"""Whether a person has a second factor, and whether this session was opened with it."""

from __future__ import annotations

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY, get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from django.http import HttpRequest

from .models import Person

# Recovery codes only stand in for one of these.
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def list_factors(person: Person) -> list[str]:
    """Return the kinds of second factor that the person set up."""
    return list(Authenticator.objects.filter(user=person, type__in=FACTORS).values_list("type", flat=True).distinct())


def session_passed_second_factor(request: HttpRequest) -> bool:
    """Whether a second factor was shown in this session."""
    return any(record["method"] == "mfa" for record in get_authentication_records(request, _person(request)))


def remember_second_factor(request: HttpRequest, authenticator: Authenticator) -> None:
    """Count setting up a factor, which takes a code or a touch, as having shown it."""
    record_authentication(request, _person(request), "mfa", id=authenticator.pk, type=authenticator.type)


def forget_second_factor(request: HttpRequest) -> None:
    """Let this session count as opened without one, because its person has none any longer."""
    records = get_authentication_records(request, _person(request))
    request.session[AUTHENTICATION_METHODS_SESSION_KEY] = [row for row in records if row["method"] != "mfa"]


def _person(request: HttpRequest) -> Person | None:
    return request.user if isinstance(request.user, Person) else None
