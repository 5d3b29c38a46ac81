"""Issuing certificates. A pending row is written with the completion; the bytes follow, once, from that row."""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from curricula.models import HelpSettings
from lms.accounts.selectors import identities
from lms.audit.services import record
from lms.jobs.services import wake
from lms.learning.enums import CompletionSource
from lms.learning.models import Completion
from lms.pdf.render import missing_glyphs, render_pdf

from .codes import BITS, encode, group
from .enums import CertificateState
from .layout import PAPERS, course_size, data_uri, glow, guilloche, name_size, qr_svg, rings, rosette
from .models import Certificate, CertificateFile
from .printed import PrintedFields, Signer
from .validity import add_months

logger = logging.getLogger(__name__)

CLAIM = timedelta(minutes=10)
BACK_OFF = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720)]
WITH_CERTIFICATE = [CompletionSource.ONLINE, CompletionSource.SESSION]


def issue_certificates(*, completion_ids: Iterable[int]) -> list[Certificate]:
    """Write a pending certificate for each of these completions that earns one, and return them.

    A completion earns one when its course gives certificates, it was taken here (online or in a live session), it
    stands and has none yet. A renewal supersedes the person's older certificates of the same course.
    """
    completions = (
        Completion.objects.standing()
        .filter(pk__in=completion_ids, source__in=WITH_CERTIFICATE, course__certificate=True, certificates=None)
        .select_related("course", "person__merged_into")
        .order_by("completed_on", "pk")
    )
    with transaction.atomic():
        agency = HelpSettings.load().agency_name
        certificates = [_issue(completion, agency=agency) for completion in completions]
        if certificates:
            wake()
    return certificates


def _issue(completion: Completion, *, agency: str) -> Certificate:
    printed = _printed_fields(completion, agency=agency)
    certificate = Certificate.objects.create(
        completion=completion,
        # The completion's own key makes the number unique without a counter that writers would queue for.
        number=f"LTN-{completion.completed_on.year}-{completion.pk:06d}",
        code=encode(secrets.randbits(BITS)),
        fields=printed.to_json(),
        expires_on=printed.expires_on,
        state_changed_at=completion.recorded_at,
        next_try_at=completion.recorded_at,
    )
    Certificate.objects.current().filter(
        completion__person__in=identities(completion.person),
        completion__course=completion.course,
        completion__completed_on__lte=completion.completed_on,
    ).exclude(pk=certificate.pk).update(
        state=CertificateState.SUPERSEDED, superseded_by=certificate, state_changed_at=completion.recorded_at
    )
    return certificate


def _printed_fields(completion: Completion, *, agency: str) -> PrintedFields:
    months = completion.course.valid_months
    return PrintedFields(
        name=completion.person_name,
        course=completion.course_title,
        version=completion.version,
        hours=completion.hours,
        mode=completion.mode,
        # Online, a completion with a score is one whose quiz was passed; the score itself is nobody's business.
        quiz_passed=completion.source == CompletionSource.ONLINE and completion.score is not None,
        completed_on=completion.completed_on,
        expires_on=add_months(completion.completed_on, months) if months else None,
        issuer=settings.SITE_NAME,
        agency=agency,
        language=completion.language,
        signers=tuple(Signer(**signer) for signer in getattr(settings, "CERTIFICATE_SIGNERS", [])[:2]),
    )


def revoke_certificates(*, completion_ids: Iterable[int]) -> int:
    """Revoke what certifies these voided completions, with the reason of the voiding; return how many.

    What a revoked certificate had superseded stands again, unless a later certificate supersedes it too.
    """
    certificates = Certificate.objects.exclude(state=CertificateState.REVOKED).filter(
        completion__in=completion_ids, completion__voided_by__isnull=False
    )
    revoked = 0
    with transaction.atomic():
        for certificate in certificates.select_related("completion__voided_by__recorded_by"):
            _revoke(certificate, by=certificate.completion.voided_by)
            revoked += 1
    return revoked


def _revoke(certificate: Certificate, *, by: Completion) -> None:
    certificate.state = CertificateState.REVOKED
    certificate.reason = by.reason
    certificate.state_changed_at = by.recorded_at
    certificate.save(update_fields=["state", "reason", "state_changed_at"])
    record(
        actor=by.recorded_by,
        action="certificate.revoked",
        target=certificate,
        detail={"completion": by.voids_id, "reason": by.reason},
    )
    superseded = Certificate.objects.filter(superseded_by=certificate, state=CertificateState.SUPERSEDED)
    if certificate.superseded_by_id is not None:
        superseded.update(superseded_by=certificate.superseded_by_id)
        return
    for earlier in superseded:
        earlier.state = CertificateState.VALID if earlier.issued_at else CertificateState.PENDING
        earlier.superseded_by = None
        earlier.state_changed_at = by.recorded_at
        earlier.save(update_fields=["state", "superseded_by", "state_changed_at"])


def render_pending(*, now: datetime, limit: int = 20) -> int:
    """Make the files of at most ``limit`` pending certificates whose time has come; return how many were made.

    Each is claimed by moving its next try ten minutes ahead, so that a second worker passes it by and a killed one
    costs ten minutes. An error is kept beside the certificate, which is tried again later.
    """
    due = Certificate.objects.filter(state=CertificateState.PENDING, next_try_at__lte=now)
    made = 0
    for certificate in due.order_by("next_try_at", "pk")[:limit]:
        claimed = due.filter(pk=certificate.pk).update(next_try_at=now + CLAIM, attempts=F("attempts") + 1)
        if claimed:
            made += _make(certificate, now=now)
    return made


def _make(certificate: Certificate, *, now: datetime) -> bool:
    try:
        pdf = render_certificate(certificate)
    except Exception as error:  # whatever went wrong with one sheet must not keep the others from being made
        logger.exception("Certificate %s could not be made", certificate.number)
        wait = BACK_OFF[min(certificate.attempts, len(BACK_OFF) - 1)]
        Certificate.objects.filter(pk=certificate.pk, state=CertificateState.PENDING).update(
            next_try_at=now + wait, last_error=f"{type(error).__name__}: {error}"[:2000]
        )
        return False
    return _store(certificate, pdf, now=now)


def _store(certificate: Certificate, pdf: bytes, *, now: datetime) -> bool:
    """Keep the bytes and let the certificate stand, unless another worker did so or it was revoked meanwhile."""
    with transaction.atomic():
        stands = Certificate.objects.filter(pk=certificate.pk, state=CertificateState.PENDING).update(
            state=CertificateState.VALID, issued_at=now, state_changed_at=now, last_error=""
        )
        if not stands:
            return False
        digest = hashlib.sha256(pdf).hexdigest()
        CertificateFile.objects.create(certificate=certificate, pdf=pdf, sha256=digest, size=len(pdf))
        record(actor=None, action="certificate.issued", target=certificate, detail={"sha256": digest})
    return True


def verification_address(certificate: Certificate) -> str:
    """Return the public address that the printed code opens."""
    path = reverse("certificates:verify", kwargs={"code": group(certificate.code)})
    return f"{settings.SITE_URL.rstrip('/')}{path}"


def render_certificate(certificate: Certificate) -> bytes:
    """Return the sheet as a tagged PDF of one landscape page, in the language in which the course was taken."""
    printed = certificate.printed
    with translation.override(printed.language):
        html = render_certificate_html(certificate)
        title = translation.gettext("Certificate of completion: %(course)s, %(name)s") % {
            "course": printed.course,
            "name": printed.name,
        }
        if missing := missing_glyphs(printed.name + printed.course):
            logger.warning("Certificate %s: no font has %s", certificate.number, missing)
        return render_pdf(html, title=title, lang=printed.language)


def render_certificate_html(certificate: Certificate) -> str:
    """Return the sheet as HTML for the printer, in the language that is active."""
    printed = certificate.printed
    paper = PAPERS[getattr(settings, "CERTIFICATE_PAPER", "letter")]
    ornament = render_to_string(
        "certificates/ornament.svg",
        {
            "paper": paper,
            "glow": glow(),
            "rings": rings(paper),
            "guilloche": guilloche(paper),
            # The seal keeps the foot of a sheet in balance that nobody signs.
            "rosette": [] if printed.signers else rosette(),
        },
    )
    title = translation.gettext("Code that opens the verification page of this certificate")
    return render_to_string(
        "certificates/certificate_pdf.html",
        {
            "certificate": certificate,
            "printed": printed,
            "paper": paper,
            "ornament": data_uri(ornament),
            "name_size": name_size(printed.name),
            "course_size": course_size(printed.course),
            "qr": qr_svg(verification_address(certificate), title=title),
            "site": settings.SITE_URL.split("://", 1)[-1].rstrip("/"),
        },
    )
