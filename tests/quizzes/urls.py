"""The site, and the wizard at an address of its own, as an app above would mount it."""

from __future__ import annotations

from django.urls import path

from lms.urls import urlpatterns as site_urlpatterns
from quizzes.models import Attempt
from quizzes.views import AttemptWizard

submitted: list[int] = []


class PlainWizard(AttemptWizard):
    """Remembers what was submitted."""

    url_name = "attempt"

    def on_submitted(self, attempt: Attempt) -> None:
        submitted.append(attempt.pk)

    def retry_url(self) -> str:
        return "/again/"


class FailingWizard(AttemptWizard):
    """Fails to record what follows from the attempt."""

    url_name = "failing"

    def on_submitted(self, attempt: Attempt) -> None:
        raise RuntimeError("the record could not be written")


urlpatterns = [
    path("attempt/<int:attempt>/<str:step>/", PlainWizard.as_view(), name="attempt"),
    path("failing/<int:attempt>/<str:step>/", FailingWizard.as_view(), name="failing"),
    *site_urlpatterns,
]
