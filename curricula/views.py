"""Publishing a version of a course in the CMS; sending the pictures of pages."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __
from django.views.decorators.http import require_safe
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from curricula.forms import VersionForm
from curricula.models import Course
from curricula.permissions import user_can_publish_version
from curricula.selectors import preview_version
from curricula.services import NothingToPublish, VersionMovedOn, publish_version
from lms.privacy.uploads import contained


class PublishVersionView(WagtailAdminTemplateMixin, FormView):
    """Shows what the next version would be and what changed since the last one; publishes it on a POST."""

    form_class = VersionForm
    template_name = "curricula/admin/publish_version.html"
    page_title = __("Publish a version")
    header_icon = "upload"
    # By the viewset, so that its breadcrumbs lead back to the list of courses.
    index_url_name = ""
    edit_url_name = ""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if not user_can_publish_version(request.user):
            raise PermissionDenied
        self.course = get_object_or_404(Course, pk=kwargs["pk"])
        self.preview = preview_version(self.course)

    def get_page_subtitle(self) -> str:
        return self.course.title

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        return [
            {"url": reverse("wagtailadmin_home"), "label": _("Home")},
            {"url": reverse(self.index_url_name), "label": _("Courses")},
            {"url": self.get_success_url(), "label": self.course.title},
            {"url": "", "label": _("Publish a version")},
        ]

    def get_success_url(self) -> str:
        return reverse(self.edit_url_name, args=[self.course.pk])

    def get_initial(self) -> dict[str, Any]:
        return {"number": self.preview.number}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "course": self.course,
            "preview": self.preview,
            "edit_url": self.get_success_url(),
        }

    def form_valid(self, form: VersionForm) -> HttpResponse:
        try:
            version = publish_version(
                course=self.course,
                note=form.cleaned_data["note"],
                actor=self.request.user,  # type: ignore[arg-type]  # the CMS asks everybody to sign in
                now=timezone.now(),
                number=form.cleaned_data["number"],
            )
        except (NothingToPublish, VersionMovedOn) as reason:
            # The note stays in the form; the number is the one that would be published now.
            again = VersionForm(data={**form.cleaned_data, "number": self.preview.number})
            again.add_error(None, str(reason))
            return self.render_to_response(self.get_context_data(form=again), status=409)
        messages.success(
            self.request,
            _("Version %(number)d of “%(title)s” is published with %(hours)s credit hours.")
            % {"number": version.number, "title": self.course, "hours": number_format(version.hours, 2)},
        )
        return redirect(self.get_success_url())


@require_safe
@contained
def serve_picture(request: HttpRequest, name: str) -> FileResponse:
    """Send a picture as Wagtail drew it from an upload; the upload itself is never sent. Any other name is a 404."""
    try:
        file = default_storage.open(f"images/{name}")
    except OSError as error:
        raise Http404 from error
    response = FileResponse(file, filename=name)
    response["Cache-Control"] = "public, max-age=86400"
    return response
