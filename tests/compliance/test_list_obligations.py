"""What people owe, by their jobs, the rules in force and what they completed."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from curricula.models import Course
from lms.accounts.models import Person
from lms.agencies.models import Agency, Employment
from lms.agencies.services import create_agency, move_agency, transfer
from lms.compliance.enums import Status
from lms.compliance.models import Waiver
from lms.compliance.obligations import Obligation
from lms.compliance.selectors import list_history, list_obligations
from lms.compliance.services import recompute_all, waive
from lms.learning.models import Enrollment
from lms.learning.services import void_completion
from tests.conftest import START, Cast

from .conftest import NOW, Require, change_jobs, complete, employ_many, make_course

TODAY = date(2026, 1, 20)


def of(person: Person, as_of: date = TODAY) -> list[Obligation]:
    return list_obligations([person], as_of=as_of)[person.pk]


def agency_of(person: Person) -> Agency:
    return Employment.objects.get(person=person).agency


@pytest.mark.parametrize(
    ("condition", "learner", "manager"),
    [
        ({}, True, True),
        ({"level": "line"}, True, False),
        ({"level": "supervisor"}, False, True),
        ({"client_facing": False}, False, False),
        ({"client_facing": True}, True, True),
    ],
)
def test_whom_a_condition_reaches(
    cast: Cast, require: Require, condition: dict[str, object], learner: bool, manager: bool
) -> None:
    require(conditions=[condition])
    assert (bool(of(cast.learner)), bool(of(cast.manager))) == (learner, manager)


def test_all_fields_of_one_condition_hold_for_the_same_job(cast: Cast, require: Require) -> None:
    require(conditions=[{"agency": agency_of(cast.learner), "level": "supervisor"}])
    assert [bool(of(person)) for person in (cast.learner, cast.manager, cast.outsider)] == [False, True, False]


def test_the_audience_is_the_union_and_gives_one_line(cast: Cast, require: Require) -> None:
    require(conditions=[{"level": "line"}, {"person": cast.learner}, {"person": cast.manager}])
    assert len(of(cast.learner)) == len(of(cast.manager)) == 1
    assert of(cast.manager)[0].comes_with == "assigned to you"
    assert not of(cast.outsider)


def test_why_it_is_owed_names_level_and_agency(cast: Cast, require: Require) -> None:
    require(conditions=[{"agency": agency_of(cast.manager), "level": "supervisor"}])
    assert of(cast.manager)[0].comes_with == "Supervisor in Cast Home"


def test_a_unit_owes_what_stands_above_it_by_the_tree_of_the_day(cast: Cast, require: Require) -> None:
    home, other = agency_of(cast.learner), agency_of(cast.outsider)
    unit = create_agency(actor=None, code="unit", name="Unit", kind=home.kind, parent=home, valid_from=START)
    change_jobs(cast.learner, agency=unit)
    require(conditions=[{"agency": home}])
    moved = date(2026, 2, 1)
    move_agency(actor=None, agency=unit, new_parent=other, on=moved)
    assert of(cast.learner, moved - timedelta(days=1))
    assert not of(cast.learner, moved)


def test_a_transfer_does_not_restart_the_clock_but_a_gap_does(cast: Cast, require: Require) -> None:
    require(conditions=[{}], days=10)
    job = Employment.objects.get(person=cast.learner)
    new = transfer(actor=None, employment=job, agency=agency_of(cast.outsider), on=date(2026, 1, 12))
    assert of(cast.learner)[0].due_on == date(2026, 1, 15)
    change_jobs(cast.learner, pk=new.pk, valid_from=date(2026, 1, 13))
    assert of(cast.learner)[0].due_on == date(2026, 1, 23)


def test_the_clock_starts_with_the_job_or_the_rule_whichever_is_later(cast: Cast, require: Require) -> None:
    change_jobs(cast.learner, valid_from=date(2020, 1, 1))
    require(conditions=[{}], days=10)
    assert of(cast.learner)[0].due_on == START + timedelta(days=10)
    change_jobs(cast.learner, valid_from=TODAY)
    assert of(cast.learner)[0].due_on == TODAY + timedelta(days=10)


def test_a_rule_holds_from_its_first_day_until_its_end(cast: Cast, require: Require) -> None:
    require(conditions=[{}], ends_on=TODAY)
    assert not of(cast.learner, START - timedelta(days=1))
    assert of(cast.learner, START)
    assert of(cast.learner, TODAY - timedelta(days=1))
    assert not of(cast.learner, TODAY)


def test_one_line_for_each_course_the_mandatory_one(cast: Cast, require: Require) -> None:
    require("open-to-all", conditions=[{}], mandatory=False)
    require("later", conditions=[{}], days=60)
    require("sooner", conditions=[{"level": "line"}], days=20)
    assert [line.requirement.code for line in of(cast.learner)] == ["sooner"]
    assert [line.requirement.code for line in of(cast.manager)] == ["later"]


def test_an_elective_is_never_overdue(cast: Cast, require: Require) -> None:
    require(conditions=[{}], mandatory=False, days=1)
    line = of(cast.learner, date(2026, 12, 1))[0]
    assert (line.status, line.due_on) == (Status.NOT_STARTED, None)


def test_the_latest_standing_completion_counts(cast: Cast, course: Course, require: Require) -> None:
    require(conditions=[{}], months=12)
    complete(cast.learner, course, date(2026, 1, 6))
    late = complete(cast.learner, course, date(2026, 1, 8))
    assert of(cast.learner)[0].completion == late
    assert not of(cast.learner, date(2026, 1, 5))[0].completion
    void_completion(completion=late, reason="Entered for the wrong person.", actor=cast.manager, now=NOW)
    assert of(cast.learner)[0].valid_until == date(2027, 1, 6)


def test_a_version_too_old_does_not_count(cast: Cast, course: Course, require: Require) -> None:
    requirement = require(conditions=[{}])
    requirement.accepted_courses.update(minimum_version=2)
    recompute_all()
    complete(cast.learner, course, date(2026, 1, 6))
    assert of(cast.learner)[0].owed
    complete(cast.learner, course, date(2026, 1, 7), version=2)
    assert not of(cast.learner)[0].owed


@pytest.mark.parametrize("steps", [1, 2])
def test_records_of_a_merged_person_count_for_the_survivor(
    cast: Cast, course: Course, require: Require, steps: int
) -> None:
    require(conditions=[{}])
    complete(cast.trainer, course, date(2026, 1, 6))
    if steps == 2:
        Person.objects.filter(pk=cast.trainer.pk).update(merged_into=cast.editor)
        Person.objects.filter(pk=cast.editor.pk).update(merged_into=cast.learner)
    else:
        Person.objects.filter(pk=cast.trainer.pk).update(merged_into=cast.learner)
    recompute_all()
    assert of(cast.learner)[0].status == Status.COMPLETE
    assert list(list_obligations([cast.learner], as_of=TODAY)) == [cast.learner.pk]


def test_a_course_that_is_not_online_or_waits_for_another_says_so(cast: Cast, course: Course, require: Require) -> None:
    second = make_course("cast-202", level="response")
    second.prerequisites.add(course)
    require(course=second, conditions=[{}])
    line = of(cast.learner)[0]
    assert (line.opens_after, line.online, line.can_begin, line.shown_status) == ((course,), False, False, "not_online")
    complete(cast.learner, course, date(2026, 1, 6))
    assert of(cast.learner)[0].opens_after == ()


def test_a_course_under_way_is_in_progress(cast: Cast, course: Course, require: Require) -> None:
    require(conditions=[{}])
    now = datetime(2026, 1, 8, tzinfo=UTC)
    begun = Enrollment.objects.create(person=cast.learner, course=course, version=1, started_at=now, last_seen_at=now)
    line = of(cast.learner)[0]
    assert (line.status, line.enrollment) == (Status.IN_PROGRESS, begun)


def test_who_left_owes_nothing(cast: Cast, require: Require) -> None:
    require(conditions=[{}])
    change_jobs(cast.learner, valid_until=TODAY)
    assert of(cast.learner, TODAY - timedelta(days=1))
    assert not of(cast.learner, TODAY)


def test_prerequisites_in_a_circle_hold_up_nobody(cast: Cast, course: Course, require: Require) -> None:
    require(conditions=[{}])
    second = make_course("cast-202")
    second.prerequisites.add(course)
    course.prerequisites.add(second, course)
    assert set(of(cast.learner)[0].opens_after) == {course, second}


def test_why_it_is_owed_names_every_condition_and_job(cast: Cast, require: Require) -> None:
    require(conditions=[{"level": "line"}, {"client_facing": True, "agency": agency_of(cast.learner)}])
    job = Employment.objects.get(person=cast.learner)
    assert [(reason.words, reason.employment) for reason in of(cast.learner)[0].because] == [
        ("Line staff in Cast Home", job),
        ("client-facing jobs in Cast Home", job),
    ]


def test_a_waived_duty_is_shown_as_waived(cast: Cast, require: Require) -> None:
    rule = require(conditions=[{}])
    waive(
        actor=cast.manager,
        person=cast.learner,
        requirement=rule,
        valid_from=TODAY,
        valid_until=None,
        reason="On leave.",
        now=NOW,
    )
    line = of(cast.learner)[0]
    assert (line.status, line.owed, line.due_on) == (Status.WAIVED, False, None)
    assert Waiver.objects.standing().count() == 1


def test_as_many_queries_for_twenty_people_as_for_two(cast: Cast, course: Course, require: Require) -> None:
    people = employ_many(cast, 20)
    job = Employment.objects.get(person=cast.learner)
    for number in range(5):
        require(f"rule-{number}", conditions=[{"agency": job.agency}, {"job_role": job.job_role}])
    for person in people:
        complete(person, course, date(2026, 1, 6))

    def queries(some: list[Person]) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert len(list_obligations(some, as_of=TODAY)) == len(some)
        return len(captured)

    assert queries(people[:2]) == queries(people) <= 10


def test_the_history_says_how_a_person_stood_on_every_day(cast: Cast, course: Course, require: Require) -> None:
    rule = require(conditions=[{}], days=10, warn=3, months=12, window=30)
    complete(cast.learner, course, date(2026, 1, 20))
    stretches = list_history(cast.learner, until=date(2027, 3, 1))[rule]
    assert [(stretch.since, stretch.status) for stretch in stretches] == [
        (START, "open"),
        (date(2026, 1, 13), "due_soon"),
        (date(2026, 1, 16), "overdue"),
        (date(2026, 1, 20), "complete"),
        (date(2026, 12, 21), "renew_soon"),
        (date(2027, 1, 20), "expired"),
    ]
    assert all(one.until == other.since for one, other in pairwise(stretches))
    assert stretches[-1].until == date(2027, 3, 1)


def test_the_history_as_it_was_known_before_a_late_entry(cast: Cast, course: Course, require: Require) -> None:
    rule = require(conditions=[{}], days=10, warn=3)
    before = timezone.now()
    complete(cast.learner, course, date(2026, 1, 8))
    until = date(2026, 2, 1)
    now = [stretch.status for stretch in list_history(cast.learner, until=until)[rule]]
    then = [stretch.status for stretch in list_history(cast.learner, until=until, known_at=before)[rule]]
    assert (now, then) == (["open", "complete"], ["open", "due_soon", "overdue"])


def test_a_renewal_is_no_new_stretch_of_the_history(cast: Cast, course: Course, require: Require) -> None:
    rule = require(conditions=[{}])
    complete(cast.learner, course, date(2026, 1, 6))
    transfer(
        actor=None, employment=Employment.objects.get(person=cast.learner), agency=agency_of(cast.learner), on=TODAY
    )
    assert [stretch.status for stretch in list_history(cast.learner, until=date(2026, 3, 1))[rule]] == [
        "open",
        "complete",
    ]
