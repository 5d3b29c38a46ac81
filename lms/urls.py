"""Every address of the site."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.conf.urls.i18n import i18n_patterns
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import include, path, re_path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls
from wagtail.utils.urlpatterns import decorate_urlpatterns

from curricula.views import serve_picture
from lms.portal.views.pages import show_the_door
from lms.privacy.uploads import contained

# It names pages that its reader may not open.
REPORTS_FOR_ADMINISTRATORS = ("page_types_usage", "page_types_usage_results")


def guarded(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let the CMS frame a page's preview, which brings the policy of the page itself; and close what Wagtail leaves
    open."""

    @wraps(view)
    def show(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        closed = request.resolver_match and request.resolver_match.url_name in REPORTS_FOR_ADMINISTRATORS
        if closed and request.user.is_authenticated and not request.user.is_superuser:
            raise PermissionDenied
        response = view(request, *args, **kwargs)
        if policy := response.get("Content-Security-Policy"):
            response["Content-Security-Policy"] = policy.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
        return response

    return show


# Wagtail's and wagtail-localize's own admin templates carry inline scripts and styles; only /cms/ makes room for them.
cms_urls = decorate_urlpatterns(
    decorate_urlpatterns(wagtailadmin_urls.urlpatterns, guarded),
    csp_replace(
        {
            "script-src": [SELF, UNSAFE_INLINE],
            "style-src": [SELF, UNSAFE_INLINE],
            "img-src": [SELF, "data:", "blob:"],
            "frame-src": [SELF],
            "frame-ancestors": [SELF],
            "worker-src": [SELF, "blob:"],
        }
    ),
)

urlpatterns = [
    path("cms/login/", show_the_door),
    path("_util/login/", show_the_door),
    path("accounts/", include("allauth.urls")),
    path("cms/", include(cms_urls)),
    path("documents/", include(decorate_urlpatterns(wagtaildocs_urls.urlpatterns, contained))),
    re_path(r"^media/images/(?P<name>[\w.-]+\.(?:gif|jpe?g|png|webp))$", serve_picture, name="picture"),
    path("learn/", include("lms.learning.urls")),
    path("teach/", include("quizzes.urls")),
    path("", include("certificates.urls")),
    path("", include("lms.agencies.urls")),
    path("", include("lms.compliance.urls")),
    path("", include("lms.hr_import.urls")),
    path("", include("lms.portal.urls")),
    *i18n_patterns(path("", include(wagtail_urls)), prefix_default_language=False),
]
