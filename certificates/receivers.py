"""What the ledger's signals mean for certificates; inside the ledger's own transaction."""

from collections.abc import Iterable
from typing import Any

from django.dispatch import receiver

from lms.accounts.signals import person_erased
from lms.learning.signals import completion_recorded, completion_voided, completions_removed

from .models import Certificate, CertificateFile, CreditEntry, License, ShareLink
from .services import issue_certificates, revoke_certificates


@receiver(completion_recorded, dispatch_uid="certificates.issue")
def issue_on_completion(*, completion_ids: Iterable[int], **_kwargs: Any) -> None:
    issue_certificates(completion_ids=completion_ids)


@receiver(completion_voided, dispatch_uid="certificates.revoke")
def revoke_on_voiding(*, completion_ids: Iterable[int], **_kwargs: Any) -> None:
    revoke_certificates(completion_ids=completion_ids)


@receiver(completions_removed, dispatch_uid="certificates.remove")
def remove_with_the_record(*, completion_ids: Iterable[int], **_kwargs: Any) -> None:
    """What was issued on a record goes when the time of the record is over."""
    certificates = Certificate.objects.filter(completion__in=completion_ids)
    ShareLink.objects.filter(certificate__in=certificates).delete()
    CertificateFile.objects.filter(certificate__in=certificates).delete()
    certificates.update(superseded_by=None)
    certificates.delete()
    CreditEntry.objects.filter(completion__in=completion_ids).delete()


@receiver(person_erased, dispatch_uid="certificates.erase")
def remove_beside_the_record(*, person_ids: Iterable[int], **_kwargs: Any) -> None:
    """Links that the person gave away, and their license numbers, are no part of the record."""
    ShareLink.objects.filter(certificate__completion__person__in=person_ids).delete()
    License.objects.filter(person__in=person_ids).delete()
