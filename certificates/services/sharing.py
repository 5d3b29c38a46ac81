"""Links that let others see one certificate for a while."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from certificates.models import Certificate, ShareLink
from lms.accounts.models import Person
from lms.audit.services import record

from .issuing import new_code


@transaction.atomic
def share_certificate(*, certificate: Certificate, until: date, actor: Person, now: datetime) -> ShareLink:
    """Make a link that shows the certificate and its file through the whole of the last day, and return it."""
    link = ShareLink.objects.create(
        certificate=certificate,
        code=new_code(),
        made_by=actor,
        made_at=now,
        ends_at=timezone.make_aware(datetime.combine(until + timedelta(days=1), time())),
    )
    record(actor=actor, action="certificate.shared", target=certificate, detail={"until": until.isoformat()})
    return link


@transaction.atomic
def end_share(*, link: ShareLink, actor: Person, now: datetime) -> None:
    """End the link now; one that has ended already stays as it is."""
    if ShareLink.objects.open(now).filter(pk=link.pk).update(ends_at=now):
        record(actor=actor, action="certificate.share_ended", target=link.certificate, detail={})
