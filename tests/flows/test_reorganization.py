"""A department is put in order: a unit moves, a person changes unit, a colleague is lent the right to read; every
record follows its person, and every past day stays as it was."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from curricula.models import Course
from lms.agencies.enums import GrantKind
from lms.agencies.models import Agency, Employment, JobRole
from lms.agencies.services import create_agency, give_grant
from lms.learning.services import record_completion
from lms.outbox.models import Mail
from tests.conftest import PASSWORD, START, Cast

from .conftest import sign_in, words

AGENCIES = "/team/agencies/"


def act(client: Client, path: str, **typed: Any) -> str:
    """Fill in a form, read what it says will happen, confirm that; returns what the site says afterwards."""
    preview = client.post(path, typed)
    assert "Is this right?" in words(preview), words(preview)
    hidden: dict[str, list[str]] = {}
    for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', preview.content.decode()):
        hidden.setdefault(name, []).append(html.unescape(value))
    return words(client.post(path, {**hidden, "step": "confirm"}, follow=True))


def test_a_reorganization(client: Client, cast: Cast, course: Course) -> None:
    today = timezone.localdate()
    tomorrow, yesterday = today + timedelta(days=1), today - timedelta(days=1)
    home = Agency.objects.get(code="cast-home")
    north, south = (
        create_agency(actor=None, code=code, name=code.title(), kind=home.kind, parent=home, valid_from=START)
        for code in ("north", "south")
    )
    give_grant(
        actor=None,
        person=cast.manager,
        kind=GrantKind.MANAGER,
        agency=home,
        valid_from=START,
        reason="Heads the department",
        today=today,
    )
    record_completion(
        person=cast.learner,
        course=course,
        started_on=yesterday,
        completed_on=yesterday,
        source="online",
        mode="online",
        actor=None,
        now=timezone.now(),
        key="before-the-transfer",
    )
    sign_in(client, cast.manager.email)
    role = JobRole.objects.get(code="cast-deputy")

    # A unit of another unit, from today on.
    said = act(client, f"{AGENCIES}{north.pk}/move/", new_parent=south.pk, on=today)
    assert "North stands below South from" in said
    assert "South 0 jobs North" in words(client.get(AGENCIES))
    assert "North 0 jobs South" in words(client.get(f"{AGENCIES}?day={yesterday}")), "the past stays"

    # A person moves there, and the record comes along.
    job = Employment.objects.get(person=cast.learner)
    said = act(
        client,
        f"{AGENCIES}jobs/{job.pk}/transfer/",
        agency=north.pk,
        job_role=role.pk,
        supervisor=cast.trainer.email,
        on=today,
    )
    assert "Lena Learner works at North" in said
    record = words(client.get(f"/team/{cast.learner.pk}/"))
    assert "Small course" in record
    assert "Deputy probation officer, North" in record

    # The new supervisor sees it without any right; a colleague of another agency after it is lent.
    sign_in(supervisor := Client(), cast.trainer.email, "/team/")
    assert "Small course" in words(supervisor.get(f"/team/{cast.learner.pk}/"))
    sign_in(reader := Client(), cast.outsider.email)
    assert reader.get(f"/team/{cast.learner.pk}/").status_code == 404
    Employment.objects.create(
        person=cast.outsider, agency=south, job_role=role, valid_from=today, supervisor=cast.manager
    )
    said = act(
        client,
        f"{AGENCIES}{north.pk}/rights/give/",
        person=cast.outsider.email,
        kind="reader",
        valid_from=today,
        valid_until=tomorrow,
        reason="Stands in for the supervisor",
    )
    assert "Otto Outsider is Reader for North" in said
    assert "Small course" in words(reader.get(f"/team/{cast.learner.pk}/"))
    assert reader.get(f"{AGENCIES}{north.pk}/move/").status_code == 404, "reading is all that was lent"
    assert reader.get(f"{AGENCIES}{home.pk}/").status_code == 404

    # Somebody new is invited and chooses a password of their own.
    said = act(
        client,
        f"{AGENCIES}{north.pk}/people/add/",
        email="vera@example.org",
        first_name="Vera",
        last_name="Volunteer",
        affiliation="volunteer",
        job_role=role.pk,
        on=today,
        valid_until=today + timedelta(days=60),
    )
    assert "Vera Volunteer" in said
    link = re.search(r"(/welcome/\S+)", Mail.objects.get(to="vera@example.org").text)
    assert link
    newcomer = Client()
    newcomer.post(link.group(1), {"password": PASSWORD})
    assert "My training" in words(sign_in(newcomer, "vera@example.org"))

    # The unit closes; who works there moves on, and the trail tells all of it.
    said = act(client, f"{AGENCIES}{north.pk}/close/", on=tomorrow, people="transfer", transfer_to=south.pk)
    assert "North is closed from" in said
    assert "Small course" in words(client.get(f"/team/{cast.learner.pk}/"))
    trail = words(client.get("/team/audit/"))
    for what in ("Unit moved North", "Job added Lena Learner", "Right given Otto Outsider", "Unit closed North"):
        assert what in trail, what
