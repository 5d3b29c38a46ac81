"""Many certificates as one ZIP file, made as a job."""

from __future__ import annotations

import tempfile
import zipfile
from datetime import date, datetime, timedelta
from typing import IO, Any

from django.conf import settings
from django.core.files import File
from django.core.files.storage import storages
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from certificates.models import Certificate, CertificateFile
from certificates.selectors import list_bundled
from lms.accounts.models import Person
from lms.agencies.models import Agency
from lms.audit.services import record
from lms.jobs.models import Job
from lms.jobs.services import JobRefused, enqueue, report_progress
from lms.outbox.services import enqueue as enqueue_mail
from lms.sheets.writing import Value, write_csv

KIND = "certificates.bundle"
KEPT = timedelta(days=7)
STEP = 25


@transaction.atomic
def ask_for_bundle(*, actor: Person, agency: Agency | None, first_on: date, last_on: date) -> Job:
    """Write the job of a ZIP of all certificates of the days and, where one is named, the agency; return it."""
    job = enqueue(
        kind=KIND,
        args={
            "agency": agency.pk if agency else None,
            "first_on": first_on.isoformat(),
            "last_on": last_on.isoformat(),
        },
        requested_by=actor,
    )
    record(actor=actor, action="certificates.bundle_asked_for", target=None, detail=job.args)
    return job


def make_bundle(job: Job) -> dict[str, Any]:
    """Write the ZIP and its index, tell the requester by mail, and return where it lies.

    Whom it may name is asked now, not when it was asked for. Raises JobRefused when there is nothing to pack.
    """
    user = job.requested_by
    assert isinstance(user, Person)
    today = timezone.localdate()
    remove_old_bundles(now=timezone.now())
    certificates = list_bundled(
        user,
        agency=Agency.objects.get(pk=job.args["agency"]) if job.args["agency"] else None,
        first_on=date.fromisoformat(job.args["first_on"]),
        last_on=date.fromisoformat(job.args["last_on"]),
        as_of=today,
    )
    keys = list(certificates.values_list("pk", flat=True))
    if not keys:
        raise JobRefused(_("No certificate of your people falls into these days."))
    name = f"bundles/{job.pk}-{job.attempts}.zip"
    with tempfile.TemporaryFile() as target:
        _pack(keys, target, job)
        target.seek(0)
        name = storages["private"].save(name, File(target))
    with transaction.atomic():
        _tell(user, job, count=len(keys))
        record(actor=user, action="certificates.bundled", target=None, detail={"job": job.pk, "count": len(keys)})
    return {"file": name, "count": len(keys), "until": (today + KEPT).isoformat()}


def _pack(keys: list[int], target: IO[bytes], job: Job) -> None:
    """Write one certificate after the other, so that memory holds one at a time, and the index last."""
    rows: list[list[Value]] = []
    today = timezone.localdate()
    # A PDF is compressed already.
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as bundle:
        for start in range(0, len(keys), STEP):
            report_progress(job, done=start, total=len(keys))
            for certificate in Certificate.objects.filter(pk__in=keys[start : start + STEP]).order_by("pk"):
                file = CertificateFile.objects.get(certificate=certificate)
                bundle.writestr(f"{certificate.number}.pdf", bytes(file.pdf))
                rows.append(_index_row(certificate, file, today=today))
        header = [
            *(_("Number"), _("Name"), _("Course"), _("Version"), _("Hours"), _("Completed"), _("Valid until")),
            *(_("State"), _("Code"), "SHA-256", _("File")),
        ]
        bundle.writestr("index.csv", b"".join(write_csv(header, rows)), zipfile.ZIP_DEFLATED)
    report_progress(job, done=len(keys), total=len(keys))


def _index_row(certificate: Certificate, file: CertificateFile, *, today: date) -> list[Value]:
    printed = certificate.printed
    expired = certificate.status_on(today) == "expired"
    state = _("Expired") if expired else str(certificate.get_state_display())
    return [
        *(certificate.number, printed.name, printed.course, printed.version, printed.hours, printed.completed_on),
        *(printed.expires_on, state, certificate.grouped_code, file.sha256),
        f"{certificate.number}.pdf",
    ]


def _tell(user: Person, job: Job, *, count: int) -> None:
    with translation.override(user.language):
        context = {
            "SITE_NAME": settings.SITE_NAME,
            "count": count,
            "days": KEPT.days,
            "link": settings.SITE_URL.rstrip("/") + reverse("portal:bundles"),
        }
        enqueue_mail(
            to=user.email,
            subject=render_to_string("certificates/email/bundle_subject.txt", context).strip(),
            text=render_to_string("certificates/email/bundle_message.txt", context),
            # A job that is run again after a kill tells once.
            key=f"certificates.bundle:{job.pk}",
        )


def remove_old_bundles(*, now: datetime) -> int:
    """Throw away files that were kept long enough; return how many."""
    storage, removed = storages["private"], 0
    if not storage.exists("bundles"):
        return 0
    for name in storage.listdir("bundles")[1]:
        path = f"bundles/{name}"
        if storage.get_modified_time(path) < now - KEPT:
            storage.delete(path)
            removed += 1
    return removed
