"""Every address of the site."""

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.decorators import csp_update
from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls
from wagtail.utils.urlpatterns import decorate_urlpatterns

# Wagtail's and wagtail-localize's own admin templates carry inline scripts and styles; only /cms/ makes room for them.
cms_urls = decorate_urlpatterns(
    wagtailadmin_urls.urlpatterns,
    csp_update(
        {
            "script-src": [UNSAFE_INLINE, UNSAFE_EVAL],
            "style-src": [UNSAFE_INLINE],
            "img-src": ["blob:"],
            "frame-src": [SELF],
            "worker-src": [SELF, "blob:"],
        }
    ),
)

urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("cms/", include(cms_urls)),
    path("documents/", include(wagtaildocs_urls)),
    path("learn/", include("lms.learning.urls")),
    path("teach/", include("quizzes.urls")),
    path("", include("certificates.urls")),
    path("", include("lms.agencies.urls")),
    path("", include("lms.portal.urls")),
    *i18n_patterns(path("", include(wagtail_urls)), prefix_default_language=False),
]
