"""Which template a course's certificates follow, and what it says and shows."""

from __future__ import annotations

import logging
from base64 import b64encode
from typing import Any

from wagtail.images.exceptions import InvalidFilterSpecError
from wagtail.images.models import AbstractImage, SourceImageIOError

from certificates.models import CertificateTemplate
from certificates.models.template import MOST_MARKS, MOST_SIGNATORIES
from certificates.printed import Signer
from curricula.models import Course

logger = logging.getLogger(__name__)

# Pictures come in through this alone: drawn anew as PNG, no larger than a sheet can use.
RENDITION = "max-600x300|format-png"


def get_template(course: Course) -> CertificateTemplate | None:
    """Return the template that names the course, else one that names none; nothing on a site without templates."""
    return (
        CertificateTemplate.objects.filter(courses=course).first()
        or CertificateTemplate.objects.filter(courses=None).first()
    )


def list_signers(template: CertificateTemplate | None) -> tuple[Signer, ...]:
    """Return who signs by this template: nobody without one."""
    signatories = template.signatories.all()[:MOST_SIGNATORIES] if template else []
    return tuple(Signer(name=signatory.name, title=signatory.title) for signatory in signatories)


def describe_template(template: CertificateTemplate) -> dict[str, Any]:
    """Return the template's words by language, its signatures in the order of its signatories, and its marks."""
    return {
        "wording": {
            wording.language: {
                "title": wording.title,
                "certify": wording.certify,
                "completed": wording.completed,
                "note": wording.note,
            }
            for wording in template.wordings.all()
        },
        "signatures": [_read_picture(one.signature) for one in template.signatories.all()[:MOST_SIGNATORIES]],
        "marks": [
            {"alternative": mark.alternative, "picture": picture}
            for mark in template.marks.all()[:MOST_MARKS]
            if (picture := _read_picture(mark.image))
        ],
    }


def _read_picture(image: AbstractImage | None) -> str:
    """Return the picture as an address that needs no fetching, or nothing: a lost file must not cost a record."""
    if image is None:
        return ""
    try:
        rendition = image.get_rendition(RENDITION)
        with rendition.file.open("rb") as file:
            return "data:image/png;base64," + b64encode(file.read()).decode("ascii")
    except (OSError, SourceImageIOError, InvalidFilterSpecError):
        logger.exception("The picture %s of a certificate template can't be read", image.pk)
        return ""
