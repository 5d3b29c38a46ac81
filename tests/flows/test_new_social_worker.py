"""Scenario 2: a new social worker sees the whole plan, finishes the first course, and the next one opens."""

from __future__ import annotations

import re
from datetime import date, timedelta

from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from certificates.models import Certificate
from lms.agencies.models import Employment
from lms.agencies.signals import employment_changed
from lms.compliance.models import RequirementCondition
from lms.compliance.services import save_requirement
from tests.conftest import Cast
from tests.learning.conftest import make_course

from .conftest import choose, press, sign_in, words
from .test_first_day import _section


def test_the_first_course_opens_the_next(client: Client, cast: Cast) -> None:
    first, core, response = (make_course(code) for code in ("csec-101", "core", "response-dcfs"))
    for course, title, needed in ((first, "CSEC 101", None), (core, "Shared core", first), (response, "DCFS", core)):
        course.title = title
        course.save()
        if needed is not None:
            course.prerequisites.add(needed)
    today = timezone.localdate()
    for course, days in ((first, 30), (core, 60), (response, 90)):
        save_requirement(
            actor=None,
            code=course.code,
            name=f"Rule of {course.title}",
            citation="Plan",
            days=days,
            starts_on=date(2026, 1, 5),
            courses=[course],
            conditions=[RequirementCondition(level="line")],
        )
    Employment.objects.filter(person=cast.learner).update(valid_from=today)
    employment_changed.send(sender=Employment, person_ids=[cast.learner.pk])

    plan = words(sign_in(client, cast.learner.email))
    assert "You owe 3 courses. The next is due in 30 days." in plan
    for told in ("Rule of CSEC 101, Plan", "Opens after: CSEC 101", "Opens after: Shared core", "Comes with:"):
        assert told in plan
    assert set(re.findall(r"Start : ([\w ]+?) (?:Due|Not)", plan)) <= {"CSEC 101"}, "one step at a time"
    assert "Start : CSEC 101" in plan
    due = today + timedelta(days=30)
    assert f"Due {due:%b} {due.day}, {due.year}" in plan

    page = press(client, client.get("/courses/csec-101/"), "/learn/enroll/")
    page = press(client, press(client, client.get(_section(page)), "/learn/"), "/learn/")
    question = press(client, page, "/quiz/")
    press(client, press(client, question, "/1/", chosen=choose(question, "This")), "/check/")
    call_command("tick")
    number = Certificate.objects.get().number
    assert b"".join(client.get(f"/certificates/{number}/download/")).startswith(b"%PDF")  # type: ignore[arg-type]

    after = words(client.get("/my/"))
    assert "You owe 2 courses. The next is due in 60 days." in after
    assert "Opens after: CSEC 101" not in after
    assert "Start : Shared core" in after
    assert "Valid until" in after
