"""All certificates of an agency and a period in one file."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.storage import storages
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from certificates.services import BUNDLE_KIND, ask_for_bundle
from lms.agencies.selectors import list_readable_agencies, visible_to
from lms.jobs.enums import JobState
from lms.jobs.models import Job
from lms.portal.forms import BundleForm

from .pages import SignedInRequest


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def bundles(request: SignedInRequest) -> HttpResponse:
    """What I asked for and how far it is; a POST asks for another one. Who sees nobody gets a 404."""
    today = timezone.localdate()
    if not visible_to(request.user, as_of=today).exists():
        raise Http404
    agencies = list_readable_agencies(request.user, as_of=today)
    form = BundleForm(request.POST if request.method == "POST" else None, agencies=agencies, today=today)
    if request.method == "POST" and form.is_valid():
        ask_for_bundle(actor=request.user, **form.cleaned_data)
        messages.success(request, _("The file is being packed. You get a mail when it is ready."))
        return redirect("portal:bundles")
    jobs = Job.objects.filter(kind=BUNDLE_KIND, requested_by=request.user)[:10]
    context = {"form": form, "jobs": [(job, _is_there(job)) for job in jobs]}
    return render(request, "portal/bundles.html", context, status=422 if form.errors else 200)


def _is_there(job: Job) -> bool:
    return job.state == JobState.DONE and job.result is not None and storages["private"].exists(job.result["file"])


@never_cache
@require_safe
@login_required
def bundle(request: SignedInRequest, job_id: int) -> HttpResponseBase:
    """Give out a packed file to who asked for it; 410 once it was thrown away."""
    job = get_object_or_404(Job, pk=job_id, kind=BUNDLE_KIND, requested_by=request.user, state=JobState.DONE)
    if not _is_there(job):
        return render(request, "portal/bundle_gone.html", status=410)
    assert job.result is not None
    file = storages["private"].open(job.result["file"])
    return FileResponse(file, as_attachment=True, filename=f"certificates-{job.pk}.zip", content_type="application/zip")
