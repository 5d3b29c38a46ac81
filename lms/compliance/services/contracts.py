"""Providers' contracts and qualified lists: written down and changed."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from curricula.models import Course
from lms.accounts.models import Person
from lms.audit.services import record
from lms.compliance.models import ProviderContract, QualifiedList, Requirement


class ContractRefused(ValueError):
    """A contract that can't be; its text is for the person who wrote it, and ``field`` what it is about."""

    def __init__(self, text: str, field: str = "") -> None:
        super().__init__(text)
        self.field = field


@transaction.atomic
def save_contract(
    *, actor: Person | None, contract: ProviderContract, requirements: Collection[Requirement], **fields: Any
) -> ProviderContract:
    """Write down a contract (unsaved: a new one) with its fields. Raises ContractRefused for a share that is due, or a
    contract that ends, before it starts."""
    created = contract.pk is None
    for name, value in fields.items():
        setattr(contract, name, value)
    if contract.due_on < contract.starts_on:
        raise ContractRefused(_("The share is due before the contract starts."), "due_on")
    if contract.ends_on is not None and contract.ends_on <= contract.starts_on:
        raise ContractRefused(_("The contract ends before it starts."), "ends_on")
    if created:
        contract.recorded_by = actor
    contract.save()
    contract.requirements.set(requirements)
    record(
        actor=actor,
        action="contract.created" if created else "contract.changed",
        target=contract,
        detail={
            "agency": contract.agency.code,
            "citation": contract.citation,
            "target_percent": contract.target_percent,
            "starts_on": contract.starts_on.isoformat(),
            "due_on": contract.due_on.isoformat(),
            "ends_on": contract.ends_on.isoformat() if contract.ends_on else None,
            "requirements": ", ".join(sorted(rule.code for rule in requirements)),
        },
    )
    return contract


@transaction.atomic
def save_qualified_list(
    *, actor: Person | None, qualified: QualifiedList, courses: Collection[Course], **fields: Any
) -> QualifiedList:
    """Write down (unsaved: a new one) what makes somebody qualified, and for how long."""
    created = qualified.pk is None
    for name, value in fields.items():
        setattr(qualified, name, value)
    qualified.save()
    qualified.courses.set(courses)
    record(
        actor=actor,
        action="qualified_list.created" if created else "qualified_list.changed",
        target=qualified,
        detail={"months": qualified.months, "courses": ", ".join(sorted(course.code for course in courses))},
    )
    return qualified
