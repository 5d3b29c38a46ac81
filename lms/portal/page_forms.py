"""What an administrator enters in the CMS."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from wagtail.admin.forms import WagtailAdminModelForm

from lms.audit.services import record


class RetentionForm(WagtailAdminModelForm):
    """What is kept how long; a change is written down with the periods before and after."""

    @transaction.atomic
    def save(self, commit: bool = True) -> Any:
        before = {name: self.initial.get(name) for name in self.changed_data}
        saved = super().save(commit=commit)
        if before:
            detail = {name: {"was": was, "is": getattr(saved, name)} for name, was in before.items()}
            record(actor=self.for_user, action="retention.changed", target=None, detail=detail)
        return saved
