"""Every address of the site."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.conf.urls.i18n import i18n_patterns
from django.http import HttpRequest, HttpResponse
from django.urls import include, path, re_path
from django.views.generic import RedirectView
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls
from wagtail.utils.urlpatterns import decorate_urlpatterns

from curricula.views import serve_picture
from lms.privacy.uploads import contained


def framed(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let the CMS frame a page's preview, which brings the policy of the page itself."""

    @wraps(view)
    def show(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if policy := response.get("Content-Security-Policy"):
            response["Content-Security-Policy"] = policy.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
        return response

    return show


# Wagtail's and wagtail-localize's own admin templates carry inline scripts and styles; only /cms/ makes room for them.
cms_urls = decorate_urlpatterns(
    decorate_urlpatterns(wagtailadmin_urls.urlpatterns, framed),
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

# There is one door: Wagtail's own sign-in pages lead to it.
one_door = RedirectView.as_view(pattern_name="account_login", query_string=True)

urlpatterns = [
    path("cms/login/", one_door),
    path("_util/login/", one_door),
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
