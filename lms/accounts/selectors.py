"""Who a person is, across merges."""

from __future__ import annotations

from collections.abc import Iterable

from allauth.account.models import EmailAddress
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q

from .models import Person, PersonQuerySet


def resolve_person(person: Person) -> Person:
    """Return the survivor of all merges that the person went through (the person, if never merged)."""
    seen = {person.pk}
    while person.merged_into is not None and person.merged_into_id not in seen:
        person = person.merged_into
        seen.add(person.pk)
    return person


def identities(person: Person | AnonymousUser) -> PersonQuerySet:
    """Return the person and everybody merged into them, over two steps: records are read for all of these.

    A visitor is nobody.
    """
    if not isinstance(person, Person):
        return Person.objects.none()
    survivor = resolve_person(person)
    return Person.objects.filter(Q(pk=survivor.pk) | Q(merged_into=survivor) | Q(merged_into__merged_into=survivor))


def find_by_email(addresses: Iterable[str]) -> dict[str, Person]:
    """Return the surviving person of each known address, by the address in lower case; two queries for any number.

    A verified sign-in address counts before the address of a person's own row. One that nobody proved does not.
    """
    wanted = {address.strip().lower() for address in addresses}
    people = Person.objects.select_related("merged_into__merged_into")
    found = {person.email.lower(): person for person in people.filter(email__in=wanted)}
    proved = EmailAddress.objects.filter(email__in=wanted, verified=True)
    found |= {
        address.email.lower(): address.user
        for address in proved.select_related("user__merged_into__merged_into").order_by("pk")
    }
    return {address: resolve_person(person) for address, person in found.items()}
