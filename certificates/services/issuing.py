"""Issuing, correcting and taking back. A pending row is written with the completion; the bytes follow from that row."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from certificates.codes import BITS, encode
from certificates.enums import CertificateState
from certificates.models import Certificate, CertificateDesign, CertificateTemplate, CreditEntry
from certificates.printed import PrintedFields
from certificates.selectors import describe_template, get_template, list_credit_lines, list_signers
from certificates.validity import add_months
from curricula.models import Course, HelpSettings
from lms.accounts.models import Person
from lms.accounts.selectors import identities, resolve_person
from lms.audit.services import record
from lms.jobs.services import wake
from lms.learning.enums import CompletionSource
from lms.learning.models import Completion
from lms.pdf.fonts import missing_glyphs

WITH_CERTIFICATE = [CompletionSource.ONLINE, CompletionSource.SESSION]


class ReissueRefused(Exception):
    """The certificate can't be issued again; the text says why, in plain words."""


def new_code() -> str:
    """Return 128 random bits as a verification code."""
    return encode(secrets.randbits(BITS))


@dataclass
class _Office:
    """What is alike for all certificates of one call: read once."""

    agency: str
    _templates: dict[int, tuple[CertificateTemplate | None, CertificateDesign | None]] = field(default_factory=dict)

    def template_of(self, course: Course) -> tuple[CertificateTemplate | None, CertificateDesign | None]:
        if course.pk not in self._templates:
            template = get_template(course)
            self._templates[course.pk] = template, _freeze(template) if template else None
        return self._templates[course.pk]


def _open_office() -> _Office:
    return _Office(agency=HelpSettings.load().agency_name)


def _freeze(template: CertificateTemplate) -> CertificateDesign:
    content = describe_template(template)
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    return CertificateDesign.objects.get_or_create(digest=digest, defaults={"content": content})[0]


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
        office = _open_office()
        certificates = [_issue(completion, office) for completion in completions]
        if certificates:
            wake()
    return certificates


def _issue(completion: Completion, office: _Office) -> Certificate:
    template, design = office.template_of(completion.course)
    printed = _printed_fields(completion, template, agency=office.agency)
    certificate = Certificate.objects.create(
        completion=completion,
        # The completion's own key makes the number unique without a counter that writers would queue for.
        number=f"LTN-{completion.completed_on.year}-{completion.pk:06d}",
        code=new_code(),
        fields=printed.to_json(),
        design=design,
        expires_on=printed.expires_on,
        state_changed_at=completion.recorded_at,
        next_try_at=completion.recorded_at,
    )
    older = Certificate.objects.current().filter(
        completion__person__in=identities(completion.person),
        completion__course=completion.course,
        completion__completed_on__lte=completion.completed_on,
    )
    for one in older.exclude(pk=certificate.pk):
        _supersede(one, by=certificate, actor=None, reason="", now=completion.recorded_at)
    return certificate


def _printed_fields(completion: Completion, template: CertificateTemplate | None, *, agency: str) -> PrintedFields:
    months = completion.course.valid_months
    signers = list_signers(template)
    lines, _refused = list_credit_lines(completion, signed=bool(signers))
    for body, line in lines.items():
        CreditEntry.objects.get_or_create(
            completion=completion,
            body_id=body,
            defaults={"hours": line.hours, "recorded_at": completion.recorded_at},
        )
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
        signers=signers,
        started_on=completion.started_on,
        place=completion.place,
        instructor=completion.instructor,
        lines=tuple(lines.values()),
        issued_on=timezone.localdate(completion.recorded_at),
    )


def _supersede(certificate: Certificate, *, by: Certificate, actor: Person | None, reason: str, now: datetime) -> None:
    certificate.state, certificate.superseded_by = CertificateState.SUPERSEDED, by
    certificate.state_changed_at, certificate.state_changed_by, certificate.reason = now, actor, reason
    certificate.save(update_fields=["state", "superseded_by", "state_changed_at", "state_changed_by", "reason"])
    record(
        actor=actor,
        action="certificate.superseded",
        target=certificate,
        detail={"by": by.number, "reason": reason},
    )


@transaction.atomic
def reissue_certificate(*, certificate: Certificate, reason: str, actor: Person, now: datetime) -> Certificate:
    """Issue the certificate again with the holder's name and the bodies' lines as they are now, and return the new one.

    The new one says which number it replaces; the old one keeps its bytes and is superseded, with reason and actor.
    What was learned, when and for how long is the completion's, and stays. Raises ReissueRefused, in words.
    """
    certificate = Certificate.objects.select_for_update().get(pk=certificate.pk)
    if certificate.state != CertificateState.VALID:
        raise ReissueRefused(_("Only a certificate that stands can be issued again."))
    if not reason.strip():
        raise ReissueRefused(_("Say why it is issued again."))
    completion = Completion.objects.select_related("person__merged_into", "course").get(pk=certificate.completion_id)
    was = certificate.printed
    template, design = _open_office().template_of(completion.course)
    signers = list_signers(template)
    lines, _refused = list_credit_lines(completion, signed=bool(signers))
    name = resolve_person(completion.person).full_name
    if (name, tuple(lines.values())) == (was.name, was.lines):
        raise ReissueRefused(_("It would say the same: neither the name nor a credit line has changed since."))
    if missing := missing_glyphs(name):
        raise ReissueRefused(_("No font on this server can print “%(signs)s”.") % {"signs": missing})
    for body, line in lines.items():
        CreditEntry.objects.get_or_create(
            completion=completion, body_id=body, defaults={"hours": line.hours, "recorded_at": now}
        )
    printed = replace(
        was,
        name=name,
        lines=tuple(lines.values()),
        signers=signers,
        replaces=certificate.number,
        issued_on=timezone.localdate(now),
    )
    # Out of the way first: at most one certificate of a completion is current.
    certificate.state = CertificateState.SUPERSEDED
    certificate.save(update_fields=["state"])
    base, count = "-".join(certificate.number.split("-")[:3]), Certificate.objects.filter(completion=completion).count()
    again = Certificate.objects.create(
        completion=completion,
        number=f"{base}-{count + 1}",
        code=new_code(),
        fields=printed.to_json(),
        design=design,
        expires_on=printed.expires_on,
        state_changed_at=now,
        state_changed_by=actor,
        reason=reason.strip(),
        next_try_at=now,
    )
    _supersede(certificate, by=again, actor=actor, reason=reason.strip(), now=now)
    record(
        actor=actor,
        action="certificate.reissued",
        target=again,
        detail={"replaces": certificate.number, "reason": reason.strip()},
    )
    wake()
    return again


def revoke_certificates(*, completion_ids: Iterable[int]) -> int:
    """Revoke what certifies these voided completions, with the reason of the voiding; return how many.

    What a revoked certificate had superseded stands again, unless a later certificate supersedes it too.
    """
    certificates = Certificate.objects.exclude(state=CertificateState.REVOKED).filter(
        completion__in=completion_ids, completion__voided_by__isnull=False
    )
    revoked = 0
    with transaction.atomic():
        # Of one completion the first comes first, and hands what it had superseded to its correction.
        for certificate in certificates.select_related("completion__voided_by__recorded_by").order_by("pk"):
            _revoke(certificate, by=certificate.completion.voided_by)
            revoked += 1
    return revoked


def _revoke(certificate: Certificate, *, by: Completion) -> None:
    certificate.state = CertificateState.REVOKED
    certificate.reason = by.reason
    certificate.state_changed_at, certificate.state_changed_by = by.recorded_at, by.recorded_by
    certificate.save(update_fields=["state", "reason", "state_changed_at", "state_changed_by"])
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
        earlier.superseded_by, earlier.reason = None, ""
        earlier.state_changed_at, earlier.state_changed_by = by.recorded_at, by.recorded_by
        earlier.save(update_fields=["state", "superseded_by", "reason", "state_changed_at", "state_changed_by"])
        record(
            actor=by.recorded_by, action="certificate.restored", target=earlier, detail={"revoked": certificate.number}
        )
