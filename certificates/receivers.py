"""What the ledger's signals mean for certificates; inside the ledger's own transaction."""

from collections.abc import Iterable
from typing import Any

from django.dispatch import receiver

from lms.learning.signals import completion_recorded, completion_voided

from .services import issue_certificates, revoke_certificates


@receiver(completion_recorded, dispatch_uid="certificates.issue")
def issue_on_completion(*, completion_ids: Iterable[int], **_kwargs: Any) -> None:
    issue_certificates(completion_ids=completion_ids)


@receiver(completion_voided, dispatch_uid="certificates.revoke")
def revoke_on_voiding(*, completion_ids: Iterable[int], **_kwargs: Any) -> None:
    revoke_certificates(completion_ids=completion_ids)
