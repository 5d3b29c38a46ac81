"""Who a person is, across merges."""

from __future__ import annotations

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
