"""A decision about outside training: the record and the boards' hours in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from certificates.models import CreditBody
from certificates.services import count_outside_hours
from lms.accounts.models import Person
from lms.learning.external import approve_external
from lms.learning.models import Completion, ExternalCredit


@transaction.atomic
def approve_outside(
    *,
    credit: ExternalCredit,
    hours: Decimal,
    with_bodies: Mapping[CreditBody, Decimal],
    actor: Person,
    now: datetime,
) -> Completion:
    """Approve the training with so many hours, count it with bodies of continuing education, and return its completion.

    Raises ExternalRefused and CreditRefused.
    """
    completion = approve_external(credit=credit, hours=hours, actor=actor, now=now)
    count_outside_hours(completion=completion, hours=with_bodies, actor=actor, now=now)
    return completion
