"""Scenario 7: what a foster caregiver does before a placement counts only when all is done; no child is named."""

from __future__ import annotations

from datetime import date

from django.test import Client
from django.utils import timezone

from lms.compliance.enums import ScopeKind
from lms.compliance.models import RequirementCondition
from lms.compliance.selectors import get_scope, list_duties
from lms.compliance.services import save_requirement
from tests.conftest import Cast
from tests.learning.conftest import add_module, make_course

from .conftest import choose, press, sign_in, words


def test_five_of_six_modules_are_not_enough(client: Client, cast: Cast) -> None:
    course = make_course("before-placement")
    for number in range(2, 7):
        add_module(course, f"Module {number}", "Read this")
    save_requirement(
        actor=None,
        code="before-placement",
        name="Training before placement",
        before_placement=True,
        days=30,
        starts_on=date(2026, 1, 5),
        courses=[course],
        conditions=[RequirementCondition()],
    )
    sign_in(client, cast.learner.email)
    sign_in(worker := Client(), cast.manager.email)
    record = f"/team/{cast.learner.pk}/"

    page = press(client, client.get("/courses/before-placement/"), "/learn/enroll/")
    for _section in range(6):
        place, enrollment = page.context["next_place"], page.context["enrollment"]
        section = client.get(f"/learn/{enrollment.key}/{place.module.key}/{place.section.id}/")
        press(client, section, "/learn/")
        page = client.get(f"/learn/{enrollment.key}/")
    assert "6 of 7 sections" in words(page)
    assert "Before placement" in words(worker.get(record))
    assert list_statuses(cast) == ["overdue"]

    place = page.context["next_place"]
    press(client, client.get(f"/learn/{enrollment.key}/{place.module.key}/{place.section.id}/"), "/learn/")
    assert list_statuses(cast) == ["overdue"], "the quiz is still to come"
    question = press(client, client.get(f"/learn/{enrollment.key}/"), "/quiz/")
    press(client, press(client, question, "/1/", chosen=choose(question, "This")), "/check/")

    today = timezone.localdate()
    shown = worker.get(record)
    assert f"Since {today:%b} {today.day}, {today.year}: Done" in words(shown)
    assert list_statuses(cast) == ["complete"]
    fields = words(shown).casefold()
    assert "child’s name" not in fields.replace("never enter a child’s name", "")


def list_statuses(cast: Cast) -> list[str]:
    scope = get_scope(cast.manager, kind=ScopeKind.REPORTS, as_of=timezone.localdate())
    return [duty.status for duty in list_duties(scope, statuses=["open", "due_soon", "overdue", "complete"]).lines]
