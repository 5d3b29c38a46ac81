"""A template as it will look, while it is being edited."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from csp.constants import UNSAFE_INLINE
from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from certificates.models import CertificateTemplate
from certificates.printed import PrintedFields
from certificates.selectors import describe_template, list_signers
from certificates.services import render_preview_html
from curricula.models import HelpSettings
from lms.learning.enums import CompletionMode


def preview_template(request: HttpRequest, template: CertificateTemplate, language: str) -> HttpResponseBase:
    """Return a made-up certificate by a template that may not be saved yet."""

    # The sheet carries its styles with it, as the printer needs them.
    @csp_update({"style-src": [UNSAFE_INLINE]})
    def show(_request: HttpRequest) -> HttpResponse:
        return HttpResponse(_preview_html(template, language))

    return show(request)


def _preview_html(template: CertificateTemplate, language: str) -> str:
    today = timezone.localdate()
    with translation.override(language):
        printed = PrintedFields(
            name=_("Name of the learner"),
            course=_("Title of the course"),
            version=1,
            hours=Decimal("1.5"),
            mode=CompletionMode.ONLINE,
            quiz_passed=True,
            completed_on=today,
            expires_on=today + timedelta(days=730),
            issuer=settings.SITE_NAME,
            agency=HelpSettings.load().agency_name,
            language=language,
            signers=list_signers(template),
            started_on=today - timedelta(days=3),
            issued_on=today,
        )
        return render_preview_html(printed, describe_template(template))
