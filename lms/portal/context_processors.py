"""What every template of the site may ask."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from lms.accounts.models import Person
from lms.agencies.enums import GrantKind
from lms.agencies.permissions import user_can_open_agencies, user_has_grant
from lms.agencies.selectors import visible_to
from quizzes.permissions import user_can_see_results

MENU_SECONDS = 60


def site(request: HttpRequest) -> dict[str, object]:
    """The site's name, whether its content is demonstration content, and what the menu offers the reader: a team, the
    results of quizzes, the tree of agencies.

    The last three are lazy: a page that does not ask (the library) touches neither session nor database.
    """
    return {
        "SITE_NAME": settings.SITE_NAME,
        "DEMONSTRATION": settings.DEMONSTRATION,
        "leads_team": SimpleLazyObject(lambda: _asked_lately(request, "leads-team", _leads_team)),
        "sees_results": SimpleLazyObject(lambda: _asked_lately(request, "sees-results", user_can_see_results)),
        "opens_agencies": SimpleLazyObject(lambda: _asked_lately(request, "opens-agencies", user_can_open_agencies)),
    }


def _leads_team(user: Person, *, as_of: date) -> bool:
    return visible_to(user, as_of=as_of).exists() or user_has_grant(user, GrantKind.OVERSIGHT, as_of=as_of)


def _asked_lately(request: HttpRequest, question: str, ask: Callable[..., bool]) -> bool:
    """Whether the menu names a page. It may be a minute late: the page itself asks again who may open it."""
    # A request that was refused before sign-in was looked at (a foreign host) has no user.
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return False
    key = f"{question}-{user.pk}"
    known: bool | None = caches["copies"].get(key)
    if known is None:
        known = ask(user, as_of=timezone.localdate())
        caches["copies"].set(key, known, MENU_SECONDS)
    return known
