"""A rule is made, looked at before it is saved, changed and ended; wrong input keeps every word."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from curricula.models import Course
from lms.accounts.models import Person
from lms.agencies.enums import GrantKind
from lms.agencies.models import Agency, JobRole
from lms.agencies.services import give_grant
from lms.audit.models import AuditEvent
from lms.compliance.models import ObligationSpan, Requirement, RequirementCondition
from lms.compliance.selectors import list_rules, preview_rule
from lms.compliance.services import RequirementRefused, change_requirement, find_circle, verify
from lms.jobs.models import Job
from tests.conftest import START, Cast

from .conftest import Require, complete, employ_many, make_course

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
TODAY = date(2026, 3, 2)


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(f"{TODAY}T12:00-08:00", tick=False):
        yield


@pytest.fixture
def home(cast: Cast) -> Agency:
    return Agency.objects.get(code="cast-home")


@pytest.fixture
def other(cast: Cast) -> Agency:
    return Agency.objects.get(code="cast-other")


def grant(person: Person, kind: str, agency: Agency | None) -> None:
    give_grant(
        actor=None, person=person, kind=kind, agency=agency, valid_from=START, valid_until=None, reason="x", today=TODAY
    )


@pytest.fixture
def manager(cast: Cast, home: Agency, client: Client) -> Client:
    grant(cast.manager, GrantKind.MANAGER, home)
    client.force_login(cast.manager)
    return client


@pytest.fixture
def coordinator(cast: Cast) -> Client:
    grant(cast.coordinator, GrantKind.COORDINATOR, None)
    client = Client()
    client.force_login(cast.coordinator)
    return client


def said(course: Course, *, conditions: list[dict[str, Any]], courses: list[dict[str, Any]] | None = None, **fields):
    """What the browser sends."""
    courses = [{"course": course.pk}] if courses is None else courses
    data = {
        "name": "Awareness",
        "days": "30",
        "window": "60",
        "warn": "14",
        "grace": "30",
        "starts_on": "2026-01-05",
        "mandatory": "on",
        "condition-TOTAL_FORMS": str(len(conditions)),
        "condition-INITIAL_FORMS": "0",
        "course-TOTAL_FORMS": str(len(courses)),
        "course-INITIAL_FORMS": "0",
    }
    for prefix, rows in (("condition", conditions), ("course", courses)):
        data |= {f"{prefix}-{n}-{name}": str(value) for n, row in enumerate(rows) for name, value in row.items()}
    return data | fields


ADD = "/team/requirements/add/"


def test_it_works(manager: Client, home: Agency, course: Course, cast: Cast) -> None:
    data = said(course, conditions=[{"agency": home.pk}])
    answer = manager.post(ADD, data)
    assert answer.status_code == 200
    assert not Requirement.objects.exists()
    preview = answer.context["preview"]
    assert (preview.total.gain, preview.total.lose, preview.total.late) == (3, 0, 3)
    assert [(line[0], line[1].gain) for line in preview.lines] == [(home, 3)]
    answer = manager.post(ADD, data | {"act": "save"}, follow=True)
    rule = Requirement.objects.get()
    assert answer.redirect_chain == [(reverse("compliance:rule", args=[rule.pk]), 302)]
    assert (rule.name, rule.days, rule.mandatory, rule.before_placement) == ("Awareness", 30, True, False)
    assert ObligationSpan.objects.filter(requirement=rule).values("person").distinct().count() == 3
    assert AuditEvent.objects.get(action="requirement.created").actor == cast.manager
    assert list(verify([cast.learner.pk, cast.manager.pk, cast.trainer.pk])) == []


def test_an_edit_shows_who_gains_and_who_loses(
    coordinator: Client, require: Require, home: Agency, other: Agency, course: Course, cast: Cast
) -> None:
    rule = require(conditions=[{"agency": home}])
    page = coordinator.get(f"/team/requirements/{rule.pk}/edit/")
    data = said(course, conditions=[{"agency": other.pk}], mark=page.context["mark"])
    answer = coordinator.post(f"/team/requirements/{rule.pk}/edit/", data)
    assert [(str(agency), effect.gain, effect.lose) for agency, effect in answer.context["preview"].lines] == [
        ("Cast Home", 0, 3),
        ("Cast Other", 3, 0),
    ]
    assert coordinator.post(f"/team/requirements/{rule.pk}/edit/", data | {"act": "save"}).status_code == 302
    assert not ObligationSpan.objects.filter(requirement=rule, unit=home).exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"conditions": []}, "Say whom the rule is for."),
        ({"courses": []}, "Choose a course that satisfies the rule."),
        ({"ends_on": "2026-01-05"}, "The rule ends before it starts."),
        ({"name": "For case number 21JV000123A"}, "This looks like a case number."),
        ({"days": "-1"}, "greater than or equal to 0"),
        ({"days": "99999999999"}, "less than or equal to 3650"),
        ({"starts_on": "soon"}, "Enter a day, such as 2026-12-01."),
        ({"conditions": [{"level": "line"}]}, "Choose one of your units, or name one of your people."),
        ({"conditions": [{"person": "otto.outsider@example.org"}]}, "Nobody with this address can be chosen here."),
        ({"conditions": [{"agency": "0"}]}, "Select a valid choice."),
        ({"courses": [{"minimum_version": "2"}]}, "Choose the course that this version is of."),
        ({"condition-TOTAL_FORMS": "many"}, "Something below needs another look."),
        ({"condition-TOTAL_FORMS": "100000"}, "Something below needs another look."),
    ],
)
def test_wrong_input_is_refused_in_words_and_kept(
    manager: Client, home: Agency, course: Course, change: dict[str, Any], words: str
) -> None:
    data = said(course, **{"conditions": [{"agency": home.pk}], "citation": "Plan of 2026", **change})
    for act in ("", "save"):
        answer = manager.post(ADD, data | {"act": act})
        assert answer.status_code == 422
        page = answer.content.decode()
        assert words in page
        assert 'value="Plan of 2026"' in page
    assert not Requirement.objects.exists()


def test_a_course_named_twice(manager: Client, home: Agency, course: Course) -> None:
    data = said(course, conditions=[{"agency": home.pk}], courses=[{"course": course.pk}] * 2)
    assert "A course is named twice" in manager.post(ADD, data).content.decode()


def test_nobody_waits_for_prerequisites_in_a_circle(manager: Client, home: Agency, course: Course) -> None:
    second, third = make_course("second"), make_course("third")
    course.prerequisites.add(second)
    second.prerequisites.add(third)
    assert find_circle([course.pk]) is None
    third.prerequisites.add(second)
    assert find_circle([course.pk]) is not None
    answer = manager.post(ADD, said(course, conditions=[{"agency": home.pk}]))
    assert answer.status_code == 422
    assert "People could never begin" in answer.content.decode()


def test_another_row_without_a_script_loses_nothing(manager: Client, home: Agency, course: Course) -> None:
    data = said(course, conditions=[{"agency": home.pk, "level": "line"}], name="", starts_on="soon")
    for act, prefix in (("more-conditions", "condition"), ("more-courses", "course")):
        answer = manager.post(ADD, data | {"act": act})
        assert answer.status_code == 200
        page = answer.content.decode()
        assert f'name="{prefix}-TOTAL_FORMS" value="2"' in page
        assert 'value="soon"' in page
        assert f'<option value="{home.pk}" selected>' in page
        assert "usa-error-message" not in page
    # Back from the preview everything stands as it was, too.
    answer = manager.post(ADD, data | {"act": "change"})
    assert 'value="soon"' in answer.content.decode()


def test_a_row_is_taken_out(manager: Client, home: Agency, course: Course, cast: Cast) -> None:
    rows = [{"agency": home.pk, "DELETE": "on"}, {"person": cast.learner.email}]
    manager.post(ADD, said(course, conditions=rows, act="save"))
    assert RequirementCondition.objects.get().person == cast.learner


def test_nobody_overwrites_what_they_have_not_seen(
    coordinator: Client, require: Require, home: Agency, course: Course, cast: Cast
) -> None:
    rule = require(conditions=[{"agency": home}])
    path = f"/team/requirements/{rule.pk}/edit/"
    mark = coordinator.get(path).context["mark"]
    change_requirement(
        actor=cast.coordinator,
        requirement=rule,
        accepted=[type(row)(course=row.course) for row in rule.accepted_courses.all()],
        conditions=[RequirementCondition(agency=home, level="line")],
    )
    data = said(course, conditions=[{"agency": home.pk}], name="Mine", mark=mark, act="save")
    answer = coordinator.post(path, data)
    assert answer.status_code == 409
    assert "Somebody changed this rule meanwhile" in answer.content.decode()
    assert 'value="Mine"' in answer.content.decode()
    rule.refresh_from_db()
    assert rule.name == "rule"
    # Having read it, they may.
    assert coordinator.post(path, data | {"mark": answer.context["mark"]}).status_code == 302


def test_a_manager_changes_what_stays_within_their_node(
    manager: Client, cast: Cast, require: Require, home: Agency, other: Agency
) -> None:
    role = JobRole.objects.get(code="cast-deputy")
    own = require("own", conditions=[{"agency": home, "job_role": role}, {"person": cast.learner}])
    shared = require("shared", conditions=[{"agency": home}, {"agency": other}])
    everyone = require("everyone", conditions=[{}])
    require("theirs", conditions=[{"agency": other}])
    require("theirs-by-name", conditions=[{"person": cast.outsider}])
    found = {rule.code: rule.may_change for rule in list_rules(cast.manager, as_of=TODAY)}
    assert found == {"own": True, "shared": False, "everyone": False}
    for rule in (shared, everyone):
        assert manager.get(f"/team/requirements/{rule.pk}/").status_code == 200
        assert manager.get(f"/team/requirements/{rule.pk}/edit/").status_code == 404
        assert manager.post(f"/team/requirements/{rule.pk}/end/", {"ends_on": "2026-04-01"}).status_code == 404
    assert manager.get(f"/team/requirements/{own.pk}/edit/").status_code == 200


def test_a_manager_can_not_reach_beyond_by_hand(manager: Client, other: Agency, course: Course) -> None:
    answer = manager.post(ADD, said(course, conditions=[{"agency": other.pk}], act="save"))
    assert answer.status_code == 422
    answer = manager.post(ADD, said(course, conditions=[], everyone="on", act="save"))
    assert answer.status_code == 422
    assert not Requirement.objects.exists()


def test_everyone_is_for_who_manages_the_site(coordinator: Client, course: Course, cast: Cast) -> None:
    coordinator.post(ADD, said(course, conditions=[], everyone="on", act="save"))
    rule = Requirement.objects.get()
    assert ObligationSpan.objects.filter(requirement=rule).values("person").distinct().count() == 6
    page = coordinator.get(f"/team/requirements/{rule.pk}/edit/").content.decode()
    assert 'name="everyone" class="usa-checkbox__input" id="id_everyone" checked' in page or "checked" in page


def test_ending(coordinator: Client, require: Require, home: Agency, cast: Cast) -> None:
    rule = require(conditions=[{"agency": home}])
    path = f"/team/requirements/{rule.pk}/end/"
    answer = coordinator.post(path, {"ends_on": "2026-03-10"})
    assert answer.context["preview"].total.lose == 3
    assert coordinator.post(path, {"ends_on": "2026-01-01", "act": "save"}).status_code == 422
    assert coordinator.post(path, {"ends_on": "2026-03-10", "act": "save"}).status_code == 302
    rule.refresh_from_db()
    assert rule.ends_on == date(2026, 3, 10)
    assert (rule.conditions.count(), rule.accepted_courses.count()) == (1, 1)
    assert set(ObligationSpan.objects.filter(requirement=rule).values_list("to_on", flat=True)) == {rule.ends_on}


def test_many_people_follow_by_a_job(coordinator: Client, course: Course, cast: Cast) -> None:
    employ_many(cast, 60)
    answer = coordinator.post(ADD, said(course, conditions=[], everyone="on", act="save"), follow=True)
    assert "It reaches many people" in answer.content.decode()
    assert Job.objects.get().kind == "compliance.recompute"
    assert "on its way to the people" in answer.content.decode()


def test_the_preview_is_what_saving_does(
    require: Require, course: Course, cast: Cast, home: Agency, other: Agency
) -> None:
    people = employ_many(cast, 7)
    for person in people[:3]:
        complete(person, course, date(2026, 2, 1))
    complete(people[3], course, date(2026, 2, 1), version=0, key="old")
    rule = require(conditions=[{"agency": home, "level": "line"}])
    draft = Requirement.objects.get(pk=rule.pk)
    draft.days = 5
    conditions = [RequirementCondition(agency=home), RequirementCondition(person=cast.outsider)]
    accepted = list(rule.accepted_courses.all())
    before = set(ObligationSpan.objects.on(TODAY).values_list("person", flat=True))
    preview = preview_rule(draft, accepted=accepted, conditions=conditions, day=TODAY)
    assert not preview.estimated
    change_requirement(
        actor=cast.coordinator,
        requirement=rule,
        accepted=[type(row)(course=row.course) for row in accepted],
        conditions=conditions,
        days=5,
    )
    after = set(ObligationSpan.objects.on(TODAY).values_list("person", flat=True))
    late = set(
        ObligationSpan.objects.on(TODAY).filter(late_on__lte=TODAY, kind="open").values_list("person", flat=True)
    )
    assert (preview.total.gain, preview.total.lose, preview.total.late) == (
        len(after - before),
        len(before - after),
        len(late),
    )
    assert preview.total.gain == 2


def test_a_long_list_is_sampled_and_says_so(require: Require, course: Course, cast: Cast, home: Agency) -> None:
    employ_many(cast, 97)
    draft = Requirement(name="x", days=30, starts_on=START)
    accepted = [type(row)(course=row.course) for row in require(conditions=[{}]).accepted_courses.all()]
    preview = preview_rule(
        draft, accepted=accepted, conditions=[RequirementCondition(agency=home)], day=TODAY, sample=20
    )
    assert preview.estimated
    assert preview.people == 100
    assert 15 <= preview.looked_at <= 21
    assert preview.total.gain == 100
    assert preview.total.late == 100


def test_a_preview_writes_nothing_and_asks_little(
    require: Require, cast: Cast, home: Agency, django_assert_max_num_queries
) -> None:
    employ_many(cast, 40)
    rule = require(conditions=[{"agency": home}])
    spans = list(ObligationSpan.objects.order_by("pk").values())
    with django_assert_max_num_queries(17):
        preview_rule(
            rule,
            accepted=list(rule.accepted_courses.all()),
            conditions=list(rule.conditions.all()),
            day=TODAY + timedelta(days=9),
        )
    assert list(ObligationSpan.objects.order_by("pk").values()) == spans


def test_the_list_asks_the_same_for_many_rules(
    coordinator: Client, require: Require, home: Agency, cast: Cast, django_assert_max_num_queries
) -> None:
    for number in range(12):
        require(f"rule-{number}", conditions=[{"agency": home}, {"agency": home, "level": "line"}])
    coordinator.get("/team/requirements/")
    with django_assert_max_num_queries(14):
        page = coordinator.get("/team/requirements/")
    assert page.content.decode().count("Everyone in Cast Home and below") == 12
    assert coordinator.get("/team/requirements/?show=people&q=x&page=99").status_code == 200
    assert coordinator.get("/team/requirements/?show=ended").status_code == 200


def test_the_service_refuses_too(require: Require, cast: Cast, home: Agency) -> None:
    rule = require(conditions=[{"agency": home}])
    with pytest.raises(RequirementRefused, match="Say whom"):
        change_requirement(actor=None, requirement=rule, accepted=list(rule.accepted_courses.all()), conditions=[])


HUGE = "9" * 30


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/team/requirements/?q=%00&page=-1&show=%00", 200),
        (f"/team/requirements/{HUGE}/", 404),
        (f"/team/readiness/{HUGE}/", 404),
        ("/team/readiness/?who=%00&show=%00&page=x", 200),
        (f"/team/contracts/{HUGE}/file/", 404),
        (f"/team/lists/{HUGE}/", 404),
        ("/calendar/%00/training.ics", 404),
        ("/calendar/" + "x" * 300 + "/training.ics", 404),
    ],
)
def test_nonsense_in_an_address_breaks_nothing(coordinator: Client, path: str, status: int) -> None:
    assert coordinator.get(path).status_code == status


@pytest.mark.parametrize("typed", [HUGE, "%00", "\0", "-1", "1.5", "'"])
def test_nonsense_in_a_field_is_refused(coordinator: Client, home: Agency, course: Course, typed: str) -> None:
    for name in ("days", "months", "starts_on", "condition-0-agency", "condition-0-level", "course-0-course"):
        data = said(course, conditions=[{"agency": home.pk}]) | {name: typed}
        assert coordinator.post(ADD, data).status_code == 422
    data = said(course, conditions=[{"agency": home.pk}]) | {"course-0-minimum_version": typed}
    assert coordinator.post(ADD, data).status_code == 422
