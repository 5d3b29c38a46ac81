"""What every template of the site may ask."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from lms.agencies.selectors import visible_to


def site(request: HttpRequest) -> dict[str, object]:
    """The site's name, whether its content is demonstration content, and whether the reader leads a team.

    The last one is lazy: a page that does not ask (the library) touches neither session nor database.
    """
    return {
        "SITE_NAME": settings.SITE_NAME,
        "DEMONSTRATION": settings.DEMONSTRATION,
        "leads_team": SimpleLazyObject(lambda: visible_to(request.user, as_of=timezone.localdate()).exists()),
    }
