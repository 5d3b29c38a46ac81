"""Scenario 1: a supervisor sees who is overdue on the response course, reminds them, and takes the list home."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, timedelta
from html import unescape

from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from lms.accounts.models import Person
from lms.agencies.models import Employment
from lms.compliance.models import RequirementCondition
from lms.compliance.services import recompute_all, save_requirement
from lms.learning.models import Completion
from lms.learning.services import record_completion
from tests.conftest import START, Cast
from tests.learning.conftest import make_course

from .conftest import press, sign_in, words


def test_three_of_forty_one_are_overdue(client: Client, cast: Cast, settings) -> None:  # type: ignore[no-untyped-def]
    today = timezone.localdate()
    course = make_course("response-probation", quiz=False)
    save_requirement(
        actor=None,
        code="response",
        name="Response training for Probation",
        days=30,
        starts_on=date(2026, 1, 5),
        courses=[course],
        conditions=[RequirementCondition()],
    )
    job = Employment.objects.get(person=cast.learner)
    deputies = [cast.learner]
    for number in range(40):
        person = Person.objects.create_user(f"d{number}@example.org", first_name=f"D{number:02}", last_name="Deputy")
        Employment.objects.create(
            person=person, agency=job.agency, job_role=job.job_role, supervisor=cast.manager, valid_from=START
        )
        deputies.append(person)
    recompute_all()
    for person in deputies[3:]:
        record_completion(
            person=person,
            course=course,
            started_on=today,
            completed_on=today,
            source="attested",
            mode="in_person",
            actor=None,
            now=timezone.now(),
            key=f"scenario-1-{person.pk}",
        )

    team = sign_in(client, cast.manager.email, "/team/")
    assert "3 of your 41 people have something overdue." in words(team)
    late = re.findall(r'href="([^"]*show=late[^"]*level=response[^"]*)"', team.content.decode())[0]
    listed = client.get(unescape(late))
    assert [name in words(listed) for name in ("Lena Learner", "D00 Deputy", "D01 Deputy", "D02 Deputy")] == [
        True,
        True,
        True,
        False,
    ]

    chosen = re.findall(r'name="p" value="(\d+)"', listed.content.decode())
    back = unescape(re.findall(r'name="back" value="([^"]*)"', listed.content.decode())[0])
    preview = client.get("/team/remind/", {"p": chosen, "back": back})
    assert "Send 3 reminders?" in words(preview)
    done = press(client, preview, "/team/remind/", p=chosen)
    assert "3 reminders are on their way." in words(done)
    call_command("tick")
    told = [message for message in mail.outbox if "Mara Manager asks you" in str(message.body)]
    assert sorted(message.to[0] for message in told) == sorted(person.email for person in deputies[:3])

    [file] = re.findall(r'href="(/team/people/file/[^"]*)"', listed.content.decode())[:1]
    rows = list(csv.reader(io.StringIO(b"".join(client.get(unescape(file)).streaming_content).decode("utf-8-sig"))))  # type: ignore[attr-defined]
    assert sorted(row[0] for row in rows[1:]) == ["D00 Deputy", "D01 Deputy", "Lena Learner"]
    assert {row[4] for row in rows[1:]} == {"Overdue"}
    assert all(date.fromisoformat(row[5]) < today - timedelta(days=1) for row in rows[1:])
    assert Completion.objects.count() == 38
