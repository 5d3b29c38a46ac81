"""What every template of the site may ask."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    """The site's name and whether its content is demonstration content."""
    return {
        "SITE_NAME": settings.SITE_NAME,
        "SITE_URL": settings.SITE_URL,
        "DEMONSTRATION": settings.DEMONSTRATION,
        "GOVERNMENT_BANNER": settings.GOVERNMENT_BANNER,
    }
