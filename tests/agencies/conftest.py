"""A small department: the manager's own, with two units, beside somebody else's."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

import pytest
from django.test import Client
from django.utils import timezone

from lms.accounts.models import Person
from lms.agencies.enums import GrantKind
from lms.agencies.models import Agency, Employment, Grant, JobRole
from lms.agencies.services import create_agency
from tests.conftest import START, Cast


class Department(NamedTuple):
    """The manager's agency and the units below it; ``other`` belongs to the outsider."""

    home: Agency
    east: Agency
    west: Agency
    other: Agency


@pytest.fixture
def department(cast: Cast) -> Department:
    home, other = Agency.objects.get(code="cast-home"), Agency.objects.get(code="cast-other")
    east, west = (
        create_agency(actor=None, code=code, name=code.title(), kind=home.kind, parent=home, valid_from=START)
        for code in ("east", "west")
    )
    for person, agency in ((cast.manager, home), (cast.outsider, other)):
        Grant.objects.create(
            person=person, kind=GrantKind.MANAGER, agency=agency, valid_from=START, reason="Heads the agency"
        )
    Grant.objects.create(person=cast.coordinator, kind=GrantKind.COORDINATOR, valid_from=START, reason="The county's")
    return Department(home, east, west, other)


@pytest.fixture
def manager(client: Client, cast: Cast, department: Department) -> Client:
    """The manager's browser."""
    client.force_login(cast.manager)
    return client


def add_staff(agency: Agency, number: int, **fields: Any) -> list[Person]:
    """Let so many people without a password work there."""
    role = JobRole.objects.get(code="cast-deputy")
    people = [
        Person.objects.create_user(
            f"staff{index}@{agency.code}.example.org", first_name=f"Sam{index}", last_name="Staff"
        )
        for index in range(number)
    ]
    for person in people:
        Employment.objects.create(person=person, agency=agency, job_role=role, valid_from=START, **fields)
    return people


def today() -> date:
    return timezone.localdate()
