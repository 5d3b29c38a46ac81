from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Model

from .models import AuditEvent


def record(
    *,
    actor: AbstractBaseUser | AnonymousUser | None,
    action: str,
    target: Model | None,
    detail: dict[str, Any] | None = None,
) -> AuditEvent:
    """Write one audit event, in the caller's transaction, and return it.

    `actor` None (or a visitor without an account) means the site itself.  Names are copied as they are now, so that
    the event can be read after a person or a thing was renamed.  `detail` holds what a reader needs to understand the
    act (keys, old and new values), never free text about a child.
    """
    person = actor if isinstance(actor, AbstractBaseUser) and actor.pk is not None else None
    return AuditEvent.objects.create(
        actor=person,  # type: ignore[misc]  # the person model stands above this room
        actor_name=_name_of(person),
        action=action,
        target_type=target._meta.label_lower if target is not None else "",
        target_id=str(target.pk) if target is not None else "",
        target_name=_name_of(target),
        detail=detail or {},
    )


def _name_of(thing: Model | None) -> str:
    if thing is None:
        return ""
    return str(getattr(thing, "full_name", "") or thing)[:200]
