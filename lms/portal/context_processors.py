"""What every template of the site may ask."""

from __future__ import annotations

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from lms.agencies.selectors import visible_to

LEADS_TEAM_SECONDS = 60


def site(request: HttpRequest) -> dict[str, object]:
    """The site's name, whether its content is demonstration content, and whether the reader leads a team.

    The last one is lazy: a page that does not ask (the library) touches neither session nor database.
    """
    return {
        "SITE_NAME": settings.SITE_NAME,
        "DEMONSTRATION": settings.DEMONSTRATION,
        "leads_team": SimpleLazyObject(lambda: _leads_team(request)),
    }


def _leads_team(request: HttpRequest) -> bool:
    """Whether the menu names the team page. It may be a minute late: the page itself asks again who may be seen."""
    # A request that was refused before sign-in was looked at (a foreign host) has no user.
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return False
    key = f"leads-team-{user.pk}"
    known: bool | None = caches["copies"].get(key)
    if known is None:
        known = visible_to(user, as_of=timezone.localdate()).exists()
        caches["copies"].set(key, known, LEADS_TEAM_SECONDS)
    return known
