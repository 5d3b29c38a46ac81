"""Two rows of one human being: joined without moving a record, and taken apart again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils.translation import gettext as _

from lms.audit.services import record

from .models import DistinctPersons, Person, PersonMerge
from .signals import persons_merged

# What the survivor may take over from the other row.
CHOICES = ("first_name", "last_name", "email", "language")


class MergeError(ValueError):
    """Two rows that can't be joined, or taken apart; its text is for the person who asked."""


def why_not_merge(survivor: Person, merged: Person) -> str:
    """Return in words why the two rows can't be joined, or nothing."""
    if survivor == merged:
        return _("These are the same record already.")
    for person in (survivor, merged):
        if person.merged_into_id is not None:
            return _("%(person)s was merged into another record already.") % {"person": person}
    if merged.is_superuser or merged.is_staff:
        return _("%(person)s may open the CMS. Keep that record, and merge the other one into it.") % {"person": merged}
    if Person.objects.filter(merged_into__merged_into=merged).exists():
        # Reads of a record follow two steps.
        return _("%(person)s is a merged record twice over. Keep that record, and merge the other one into it.") % {
            "person": merged
        }
    return ""


@transaction.atomic
def merge_persons(
    *,
    actor: Person | None,
    survivor: Person,
    merged: Person,
    take: Collection[str] = (),
    reason: str = "",
    now: datetime,
) -> PersonMerge:
    """Join two rows of one human being: ``merged`` points to ``survivor`` from now on, and no record moves.

    ``take`` names the fields of CHOICES that the survivor takes over. The sign-in addresses go over too, and the merged
    row can no longer sign in. Raises MergeError as ``why_not_merge`` says, and for an unknown field.
    """
    if unknown := set(take) - set(CHOICES):
        raise MergeError(_("There is no field %(field)s to take over.") % {"field": ", ".join(sorted(unknown))})
    locked = _lock({survivor.pk, merged.pk})
    survivor, merged = locked[survivor.pk], locked[merged.pk]
    if reason_against := why_not_merge(survivor, merged):
        raise MergeError(reason_against)
    taken = {
        field: {"was": getattr(survivor, field), "is": getattr(merged, field)}
        for field in take
        if getattr(survivor, field) != getattr(merged, field)
    }
    addresses = EmailAddress.objects.filter(user=merged)
    merge = PersonMerge.objects.create(
        survivor=survivor,
        merged=merged,
        taken=taken,
        address_ids=sorted(addresses.values_list("pk", flat=True)),
        merged_was_active=merged.is_active,
        reason=reason,
        actor=actor,
        at=now,
    )
    addresses.update(user=survivor, primary=False)
    merged.merged_into = survivor
    merged.is_active = False
    merged.save(update_fields=["merged_into", "is_active"])
    _set_fields(survivor, merged, {field: change["is"] for field, change in taken.items()})
    record(
        actor=actor,
        action="person.merged",
        target=survivor,
        detail={"merged": merged.pk, "name": merged.full_name, "taken": taken, "reason": reason},
    )
    persons_merged.send(sender=Person, person_ids=[survivor.pk, merged.pk])
    return merge


@transaction.atomic
def undo_merge(*, actor: Person | None, merge: PersonMerge, now: datetime) -> PersonMerge:
    """Take two joined rows apart again and return the merge.

    What the survivor took over goes back, unless it was changed since. Raises MergeError when that was done already.
    """
    merge = PersonMerge.objects.select_for_update().get(pk=merge.pk)
    if merge.undone_at is not None:
        raise MergeError(_("This merge was undone already."))
    locked = _lock({merge.survivor_id, merge.merged_id})
    survivor, merged = locked[merge.survivor_id], locked[merge.merged_id]
    merged.merged_into = None
    merged.is_active = merge.merged_was_active
    merged.save(update_fields=["merged_into", "is_active"])
    back = {field: change["was"] for field, change in merge.taken.items() if getattr(survivor, field) == change["is"]}
    _set_fields(survivor, merged, back)
    EmailAddress.objects.filter(pk__in=merge.address_ids, user=survivor).update(user=merged)
    _mark_primary(merged)
    merge.undone_at = now
    merge.save(update_fields=["undone_at"])
    record(
        actor=actor,
        action="person.merge_undone",
        target=survivor,
        detail={"merged": merged.pk, "name": merged.full_name},
    )
    persons_merged.send(sender=Person, person_ids=[survivor.pk, merged.pk])
    return merge


@transaction.atomic
def mark_distinct(*, actor: Person, one: Person, other: Person, now: datetime) -> None:
    """Say that two rows that look alike are two human beings, so that nobody is asked again."""
    first, second = sorted((one, other), key=lambda person: person.pk)
    if first == second:
        raise MergeError(_("These are the same record already."))
    _row, created = DistinctPersons.objects.get_or_create(
        first=first, second=second, defaults={"actor": actor, "at": now}
    )
    if created:
        record(actor=actor, action="person.distinct", target=first, detail={"other": second.pk})


def _lock(persons: Collection[int]) -> dict[int, Person]:
    return Person.objects.select_for_update(no_key=True).in_lock_order().in_bulk(persons)


def _set_fields(survivor: Person, merged: Person, values: dict[str, str]) -> None:
    """Give the survivor the values; an address is one person's only, so that the other row gets the survivor's."""
    if "email" in values:
        given_up, survivor_email = survivor.email, values["email"]
        Person.objects.filter(pk=merged.pk).update(email=f"swap-{merged.pk}@invalid")
        Person.objects.filter(pk=survivor.pk).update(email=survivor_email)
        Person.objects.filter(pk=merged.pk).update(email=given_up)
    for field, value in values.items():
        setattr(survivor, field, value)
    survivor.save(update_fields=list(values))
    _mark_primary(survivor)


def _mark_primary(person: Person) -> None:
    """Let the primary sign-in address be the person's own, where that is among them."""
    person.refresh_from_db(fields=["email"])
    own = EmailAddress.objects.filter(user=person)
    if own.filter(email__iexact=person.email).exists():
        own.filter(primary=True).exclude(email__iexact=person.email).update(primary=False)
        own.filter(email__iexact=person.email).update(primary=True)
