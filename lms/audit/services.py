from hashlib import sha256
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core.cache import cache
from django.db.models import Model

from .models import AuditEvent

HOUR = 3600


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


def record_rarely(
    *,
    key: str,
    actor: AbstractBaseUser | AnonymousUser | None,
    action: str,
    target: Model | None,
    detail: dict[str, Any] | None = None,
) -> AuditEvent | None:
    """Write what may happen a thousand times a minute, such as a refused sign-in, and return the event, if any.

    Within an hour the 1st, 10th, 100th ... time under the key is written, with how often it was by then, so that no
    flood of them fills the table. The count stands in the shared cache: a cache that was emptied writes one too many.
    """
    name = f"audit:{action}:{sha256(key.encode()).hexdigest()}"
    cache.add(name, 0, timeout=HOUR)
    try:
        times = cache.incr(name)
    except ValueError:
        # The hour ended between the two steps.
        times = 1
    if str(times).strip("0") != "1":
        return None
    return record(actor=actor, action=action, target=target, detail={**(detail or {}), "times": times})


def _name_of(thing: Model | None) -> str:
    if thing is None:
        return ""
    return str(getattr(thing, "full_name", "") or thing)[:200]
