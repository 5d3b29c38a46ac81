"""From rows to bytes: once for each document, in a child process, however often a worker is killed."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import F, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from certificates.codes import group
from certificates.enums import CertificateState
from certificates.layout import (
    PAPERS,
    course_size,
    data_uri,
    glow,
    guilloche,
    is_tight,
    lines_size,
    name_size,
    qr_svg,
    rings,
    rosette,
    signer_size,
    title_size,
)
from certificates.models import Certificate, CertificateFile, IssuedDocument, Transcript, TranscriptFile
from certificates.printed import PrintedFields
from certificates.selectors import TranscriptEntry
from lms.audit.services import record
from lms.pdf.render import Backdrop, missing_glyphs, render_pdf
from lms.pdf.sandbox import sandbox

logger = logging.getLogger(__name__)

CLAIM = timedelta(minutes=10)
BACK_OFF = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720)]


# lms.pdf.render.render_pdf, or the same in a child process.
Render = Callable[..., bytes]


class MissingGlyphs(Exception):
    """No installed font can print these signs: the document waits rather than show boxes."""


def render_pending(*, now: datetime, limit: int = 20) -> int:
    """Make the files of at most ``limit`` pending documents of each kind whose time has come; return their number.

    Each is claimed by moving its next try ten minutes ahead, so that a second worker passes it by and a killed one
    costs ten minutes. An error is kept beside the document, which is tried again later. A database that takes no more
    (a full disk) ends the round: what was not written stays pending.
    """
    certificates = Certificate.objects.filter(state=CertificateState.PENDING, next_try_at__lte=now)
    transcripts = Transcript.objects.filter(issued_at=None, next_try_at__lte=now)
    made = 0
    try:
        for due in (certificates, transcripts):
            for document in due.order_by("next_try_at", "pk")[:limit]:
                made += _claim(due, document, now) and _make(document, now=now)
    except DatabaseError:
        logger.exception("Nothing more can be written; what is pending is made later")
    return made


def _claim(due: QuerySet[Any], document: IssuedDocument, now: datetime) -> bool:
    return bool(due.filter(pk=document.pk).update(next_try_at=now + CLAIM, attempts=F("attempts") + 1))


def _make(document: IssuedDocument, *, now: datetime) -> bool:
    kind = type(document)
    try:
        if isinstance(document, Certificate):
            pdf = render_certificate(document, render=sandbox.render_pdf)
        else:
            assert isinstance(document, Transcript)
            pdf = render_transcript(document, render=sandbox.render_pdf)
    except Exception as error:  # whatever went wrong with one sheet must not keep the others from being made
        logger.exception("%s %s could not be made", kind.__name__, document.pk)
        wait = BACK_OFF[min(document.attempts, len(BACK_OFF) - 1)]
        kind._default_manager.filter(pk=document.pk, issued_at=None).update(
            next_try_at=now + wait, last_error=f"{type(error).__name__}: {error}"[:2000]
        )
        return False
    return _store(document, pdf, now=now)


def _store(document: IssuedDocument, pdf: bytes, *, now: datetime) -> bool:
    """Keep the bytes and let the document stand, unless another worker did so or it was revoked meanwhile."""
    digest = hashlib.sha256(pdf).hexdigest()
    file = {"pdf": pdf, "sha256": digest, "size": len(pdf)}
    with transaction.atomic():
        if isinstance(document, Certificate):
            stands = Certificate.objects.filter(pk=document.pk, state=CertificateState.PENDING).update(
                state=CertificateState.VALID, issued_at=now, state_changed_at=now, last_error=""
            )
            if stands:
                CertificateFile.objects.create(certificate=document, **file)
        else:
            stands = Transcript.objects.filter(pk=document.pk, issued_at=None).update(issued_at=now, last_error="")
            if stands:
                TranscriptFile.objects.create(transcript_id=document.pk, **file)
        if not stands:
            return False
        action = "certificate.issued" if isinstance(document, Certificate) else "transcript.issued"
        record(actor=None, action=action, target=document, detail={"sha256": digest})
    return True


def verification_address(document: IssuedDocument) -> str:
    """Return the public address that the printed code opens."""
    path = reverse("certificates:verify", kwargs={"code": group(document.code)})
    return f"{settings.SITE_URL.rstrip('/')}{path}"


def _site() -> str:
    return settings.SITE_URL.split("://", 1)[-1].rstrip("/")


def _print(render: Render, html: str, *, title: str, lang: str, backdrop: Backdrop | None = None) -> bytes:
    if missing := missing_glyphs(html):
        raise MissingGlyphs(missing)
    return render(html, title=title, lang=lang, backdrop=backdrop)


# --- certificates


def render_certificate(certificate: Certificate, *, render: Render = render_pdf) -> bytes:
    """Return the sheet as a tagged PDF of one landscape page, in the language in which the course was taken.

    Raises MissingGlyphs and lms.pdf.render.RenderError.
    """
    printed = certificate.printed
    with translation.override(printed.language):
        title = translation.gettext("Certificate of completion: %(course)s, %(name)s") % {
            "course": printed.course,
            "name": printed.name,
        }
        return _print(
            render,
            render_certificate_html(certificate),
            title=title,
            lang=printed.language,
            backdrop=_backdrop(_paper_name(), signed=bool(printed.signers)),
        )


def render_certificate_html(certificate: Certificate, *, ornament: bool = False) -> str:
    """Return the sheet as HTML for the printer, in the language that is active; ``ornament``: with its drawing, which
    is laid under the words otherwise."""
    content = certificate.design.content if certificate.design else {}
    return _sheet_html(
        certificate.printed,
        content,
        number=certificate.number,
        code=certificate.grouped_code,
        address=verification_address(certificate),
        ornament=ornament,
    )


def render_preview_html(printed: PrintedFields, content: dict[str, Any]) -> str:
    """Return the sheet of nobody's certificate, with its drawing, for who edits a template."""
    return _sheet_html(
        printed,
        content,
        number="LTN-0000-000000",
        code=group("0" * 26),
        address=settings.SITE_URL,
        ornament=True,
    )


def _sheet_html(
    printed: PrintedFields, content: dict[str, Any], *, number: str, code: str, address: str, ornament: bool
) -> str:
    backdrop = _backdrop(_paper_name(), signed=bool(printed.signers))
    words = _sheet(printed, content, number=number, code=code, address=address)
    return render_to_string(
        "certificates/certificate_pdf.html",
        {**words, "paper": PAPERS[_paper_name()], "ornament": data_uri(backdrop.svg) if ornament else ""},
    )


def describe_sheet(certificate: Certificate) -> dict[str, Any]:
    """Return what a page needs to show the sheet as text (``certificates/_sheet.html``), in the sheet's language."""
    printed = certificate.printed
    content = certificate.design.content if certificate.design else {}
    with translation.override(printed.language):
        words = _sheet(
            printed,
            content,
            number=certificate.number,
            code=certificate.grouped_code,
            address=verification_address(certificate),
        )
    name = "signed" if printed.signers else "sealed"
    return {
        **words,
        "paper_name": _paper_name(),
        "ornament": reverse("certificates:ornament", kwargs={"paper_name": _paper_name(), "name": name}),
    }


def _sheet(printed: PrintedFields, content: dict[str, Any], *, number: str, code: str, address: str) -> dict[str, Any]:
    wording = content.get("wording", {}).get(printed.language, {})
    sheet_title = wording.get("title") or translation.gettext("Certificate of Completion")
    facts = [printed.facts, printed.more_facts, printed.provider_text, wording.get("note", "")]
    signatures = [*content.get("signatures", []), "", ""]
    title = translation.gettext("Code that opens the verification page of this certificate")
    return {
        "printed": printed,
        "number": number,
        "code": code,
        "title": sheet_title,
        "title_size": title_size(sheet_title),
        "wording": wording,
        "marks": content.get("marks", []),
        "signers": [
            (signer, signature, signer_size(signer.name, signer.title))
            for signer, signature in zip(printed.signers, signatures, strict=False)
        ],
        "name_size": name_size(printed.name),
        "course_size": course_size(printed.course),
        "facts": [fact for fact in facts if fact],
        "tight": bool(printed.lines) or is_tight(facts),
        "lines_size": lines_size(
            [line.text for line in printed.lines], course=printed.course, facts=facts, paper=PAPERS[_paper_name()]
        ),
        "qr": qr_svg(address, title=title),
        "site": _site(),
    }


def ornament_svg(paper_name: str, *, signed: bool) -> str:
    """Return the drawing of a sheet as an SVG document; raise KeyError for a paper that there is not."""
    return _backdrop(paper_name, signed=signed).svg


def _paper_name() -> str:
    return str(getattr(settings, "CERTIFICATE_PAPER", "letter"))


@lru_cache(maxsize=8)
def _backdrop(paper_name: str, *, signed: bool) -> Backdrop:
    paper = PAPERS[paper_name]
    svg = render_to_string(
        "certificates/ornament.svg",
        {
            "paper": paper,
            "glow": glow(),
            "rings": rings(paper),
            "guilloche": guilloche(paper),
            # The seal keeps the foot of a sheet in balance that nobody signs.
            "rosette": [] if signed else rosette(),
        },
    )
    return Backdrop(svg, paper.width, paper.height)


# --- transcripts


def render_transcript(transcript: Transcript, *, render: Render = render_pdf) -> bytes:
    """Return the whole record as a tagged PDF of as many upright pages as it takes."""
    language = transcript.fields["language"]
    with translation.override(language):
        title = translation.gettext("Training transcript: %(name)s") % {"name": transcript.fields["name"]}
        return _print(render, render_transcript_html(transcript), title=title, lang=language)


def render_transcript_html(transcript: Transcript) -> str:
    """Return the transcript as HTML for the printer, in the language that is active."""
    title = translation.gettext("Code that opens the verification page of this transcript")
    return render_to_string(
        "certificates/transcript_pdf.html",
        {
            "transcript": transcript,
            "fields": transcript.fields,
            "language": transcript.fields["language"],
            "entries": [TranscriptEntry.from_json(line) for line in transcript.lines],
            "qr": qr_svg(verification_address(transcript), title=title),
            "site": _site(),
            "paper": _paper_name(),
        },
    )
