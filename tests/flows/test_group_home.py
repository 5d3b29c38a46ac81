"""Scenario 8: a facility's administrator sees 18 of 24 trained, the names that are missing, and takes evidence."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

from django.test import Client
from django.utils import timezone

from lms.accounts.models import Person
from lms.agencies.enums import GrantKind
from lms.agencies.models import AgencyKind, Employment, JobRole
from lms.agencies.services import give_grant
from lms.compliance.models import RequirementCondition
from lms.compliance.services import recompute_all, save_requirement
from lms.learning.services import record_completion
from tests.conftest import START, Cast, add_agency
from tests.learning.conftest import make_course

from .conftest import sign_in, words


def test_eighteen_of_twenty_four(client: Client, cast: Cast) -> None:
    today = timezone.localdate()
    facility = add_agency("group-home", AgencyKind.objects.get(code="cast-probation"))
    for person, kind in ((cast.editor, GrantKind.MANAGER), (cast.outsider, GrantKind.CONTRACT_MANAGER)):
        give_grant(
            actor=None,
            person=person,
            kind=kind,
            agency=facility,
            valid_from=START,
            valid_until=None,
            reason="The contract",
            today=today,
        )
    course = make_course("provider", quiz=False)
    due = today + timedelta(days=40)
    save_requirement(
        actor=None,
        code="provider",
        name="Provider course",
        citation="Contract, 90 percent",
        days=40,
        starts_on=today,
        courses=[course],
        conditions=[RequirementCondition(agency=facility)],
    )
    role = JobRole.objects.get(code="cast-deputy")
    staff = [
        Person.objects.create_user(f"s{number}@example.org", first_name=f"S{number:02}", last_name="Staff")
        for number in range(24)
    ]
    Employment.objects.bulk_create(
        [Employment(person=person, agency=facility, job_role=role, valid_from=date(2026, 2, 1)) for person in staff]
    )
    recompute_all()
    for person in staff[:18]:
        record_completion(
            person=person,
            course=course,
            started_on=today,
            completed_on=today,
            source="session",
            mode="in_person",
            actor=None,
            now=timezone.now(),
            key=f"scenario-8-{person.pk}",
        )

    shown = sign_in(client, cast.editor.email, "/team/")
    assert "18 of 24 done" in words(shown)
    assert "75%" in words(shown)
    missing = client.get("/team/people/", {"show": "untrained", "level": "response"})
    for number in range(18, 24):
        assert f"S{number} Staff" in words(missing)
    assert "S17 Staff" not in words(missing)
    assert f"Due {due:%b} {due.day}, {due.year}" in words(missing)

    rows = evidence(client, "/team/people/file/?show=counted&level=response")
    assert len(rows) == 24
    assert sum(row[4] == "Done" for row in rows) == 18
    # On paper: the controls carry the class that print leaves out, the figures and names do not.
    assert 'class="noprint"' in missing.content.decode()
    assert 'media="screen"' not in missing.content.decode()

    sign_in(contract := Client(), cast.outsider.email, "/team/")
    assert "18 of 24 done" in words(contract.get(f"/team/?scope=tree-{facility.pk}"))
    assert len(evidence(contract, f"/team/people/file/?scope=tree-{facility.pk}&show=untrained")) == 6
    assert contract.get("/team/remind/", {"p": staff[20].pk}).status_code == 404, "a contract manager only reads"


def evidence(client: Client, address: str) -> list[list[str]]:
    content = b"".join(client.get(address).streaming_content)  # type: ignore[attr-defined]
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))[1:]
