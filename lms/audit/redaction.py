"""Taking back what should never have been written: the one way to change a text of a record, which leaves a mark."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import FieldDoesNotExist
from django.db import models, transaction
from django.utils.translation import gettext as _

from .append_only import allow_redaction, list_protected
from .models import AuditEvent
from .services import record

STUB = "[removed]"
# What names a person in the details of an event, beyond the keys of rows.
PERSONAL = ("address", "ip", "is", "name", "was")


class RedactionError(ValueError):
    """A field that can't be redacted; its text is for whoever asked."""


@transaction.atomic
def redact_text(*, actor: AbstractBaseUser | None, row: models.Model, field: str, reason: str, today: date) -> str:
    """Replace the row's text by a stub that says when, whatever protects its table, and return the stub.

    The audit event says who, where and why, and how long the text was, but never the text. Raises RedactionError for a
    field that holds no free text, an empty one, and without a reason.
    """
    model = type(row)
    try:
        column = model._meta.get_field(field)
    except FieldDoesNotExist as error:
        raise RedactionError(_("There is no field %(field)s.") % {"field": field}) from error
    is_text = isinstance(column, models.TextField | models.CharField) and not isinstance(column, models.SlugField)
    if not is_text or getattr(column, "choices", None) or getattr(column, "unique", False):
        raise RedactionError(_("%(field)s holds no free text.") % {"field": field})
    if not reason.strip():
        raise RedactionError(_("Say why, without repeating what is removed."))
    text = str(getattr(row, field) or "")
    if not text:
        raise RedactionError(_("There is nothing to remove."))
    stub = _("[removed on %(day)s]") % {"day": today.isoformat()}
    limit = getattr(column, "max_length", None)
    stub = stub if limit is None or len(stub) <= limit else STUB[:limit]
    with allow_redaction(*_protected_among(model)):
        model._base_manager.filter(pk=row.pk).update(**{field: stub})
    setattr(row, field, stub)
    record(
        actor=actor,
        action="text.redacted",
        target=row if model._meta.label_lower != "audit.auditevent" else None,
        detail={
            "model": model._meta.label_lower,
            "key": str(row.pk),
            "field": field,
            "length": len(text),
            "reason": reason,
        },
    )
    return stub


def redact_details(events: models.QuerySet[AuditEvent]) -> None:
    """Replace what names a person in the details of the events, and the name of whom they are about; in the caller's
    transaction, which also writes why."""
    with allow_redaction(AuditEvent):
        for event in events:
            detail: dict[str, Any] = {
                key: STUB if key in PERSONAL and isinstance(value, str) and value else value
                for key, value in event.detail.items()
            }
            AuditEvent.objects.filter(pk=event.pk).update(detail=detail, target_name=STUB)


def _protected_among(model: type[models.Model]) -> list[type[models.Model]]:
    return [model] if model in {table.model for table in list_protected()} else []
