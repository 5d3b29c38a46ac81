"""Answers to the rooms below."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from lms.accounts.signals import person_erased

from .services import forget_people


@receiver(person_erased, dispatch_uid="hr_import.erase")
def forget_in_plans(sender: Any, person_ids: list[int], **kwargs: Any) -> None:
    forget_people(person_ids=person_ids)
