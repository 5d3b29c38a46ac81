"""Spans follow every kind of event, in its own transaction, and what they replace is kept."""

import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from curricula.models import Course
from lms.accounts.merging import merge_persons, undo_merge
from lms.accounts.models import Person
from lms.agencies.models import Agency, Employment, JobRole
from lms.agencies.services import add_employment, create_agency, end_employment, move_agency, transfer
from lms.compliance.evaluation import Span, status_on
from lms.compliance.models import (
    ObligationSpan,
    ObligationSpanPast,
    Requirement,
    RequirementCondition,
    RequirementCourse,
    Waiver,
)
from lms.compliance.receivers import recompute_after_completions
from lms.compliance.services import (
    EVENT_LIMIT,
    RequirementRefused,
    WaiverRefused,
    change_requirement,
    recompute_all,
    verify,
    void_waiver,
    waive,
)
from lms.jobs.models import Job
from lms.jobs.services import run_pending
from lms.learning.services import void_completion
from lms.learning.signals import completion_recorded
from tests.conftest import START, Cast

from .conftest import NOW, Require, complete, employ_many, make_course

pytestmark = pytest.mark.postgres

TODAY = date(2026, 1, 20)
NEVER = date.max
DAY = timedelta(days=1)


def spans_of(person: Person) -> list[tuple[str, date, date, str]]:
    rows = ObligationSpan.objects.filter(person=person).order_by("requirement", "unit", "from_on")
    return [(row.kind, row.from_on, row.to_on, row.unit.code) for row in rows.select_related("unit")]


def status(person: Person, requirement: Requirement, day: date) -> str:
    rows = ObligationSpan.objects.filter(person=person, requirement=requirement)
    spans = sorted(Span(row.from_on, row.to_on, row.kind, row.soon_on, row.late_on) for row in rows)
    said = {row.status for row in rows.with_status(day)}
    assert said == ({status_on(spans, day)} - {"not_required"})
    return status_on(spans, day)


def differences(people: Iterable[Person] | None = None) -> list[object]:
    people = Person.objects.all() if people is None else people
    return list(verify([person.pk for person in people]))


def test_it_works(cast: Cast, require: Require, course: Course) -> None:
    rule = require(months=12)
    assert spans_of(cast.learner) == [("open", START, NEVER, "cast-home")]
    complete(cast.learner, course, TODAY)
    assert spans_of(cast.learner) == [
        ("open", START, TODAY, "cast-home"),
        ("held", TODAY, NEVER, "cast-home"),
    ]
    assert [status(cast.learner, rule, day) for day in (START - DAY, START, TODAY, date(2026, 12, 1))] == [
        "not_required",
        "open",
        "complete",
        "renew_soon",
    ]
    assert status(cast.learner, rule, date(2027, 1, 20)) == "expired"
    assert not differences()


def test_what_was_known_before_is_kept(cast: Cast, require: Require, course: Course) -> None:
    require()
    complete(cast.learner, course, TODAY)
    past = ObligationSpanPast.objects.get()
    assert (past.person, past.kind, past.from_on, past.to_on) == (cast.learner, "open", START, NEVER)
    assert past.known_to >= past.known_from


def test_a_voided_completion_is_owed_again(cast: Cast, require: Require, course: Course) -> None:
    require()
    before = spans_of(cast.learner)
    completion = complete(cast.learner, course, TODAY)
    void_completion(completion=completion, reason="Entered for the wrong person.", actor=cast.manager, now=NOW)
    assert spans_of(cast.learner) == before
    assert ObligationSpanPast.objects.count() == 3


@pytest.mark.parametrize("seed", range(6))
def test_completions_leave_what_a_replay_of_everything_gives(
    cast: Cast, require: Require, course: Course, seed: int
) -> None:
    """Whatever the jobs, the waivers, and the order in which days are entered."""
    chance = random.Random(seed)

    def some_day() -> date:
        return START + chance.randrange(900) * DAY

    other = make_course("cast-202")
    rules = [
        require("everyone", months=chance.choice([None, 6, 12]), days=20),
        require("agency", months=6, grace=40, conditions=[{"agency": Agency.objects.get(code="cast-home")}]),
        require("either", course=other, starts_on=START + 100 * DAY, conditions=[{"level": "line"}]),
    ]
    RequirementCourse.objects.create(requirement=rules[2], course=course, minimum_version=2)
    person = cast.learner
    end_employment(actor=None, employment=Employment.objects.get(person=person), on=START + 300 * DAY)
    for role in JobRole.objects.filter(code__in=["cast-deputy", "cast-lead"]):
        begin = START + chance.randrange(300, 600) * DAY
        add_employment(
            actor=None,
            person=person,
            agency=chance.choice(Agency.objects.all()),
            job_role=role,
            valid_from=begin,
            valid_until=chance.choice([None, begin + 200 * DAY]),
        )
    for rule in rules[:2]:
        begin = some_day()
        until = begin + chance.choice([1, 30, 400]) * DAY
        waive(
            actor=None, person=person, requirement=rule, valid_from=begin, valid_until=until, reason="Leave.", now=NOW
        )
    done = []
    for number in range(8):
        done.append(
            complete(
                person,
                chance.choice([course, other]),
                some_day(),
                key=f"{seed}:{number}",
                version=chance.choice([1, 2]),
            )
        )
        assert not differences([person])
    for completion in chance.sample(done, 3):
        void_completion(completion=completion, reason="Entered twice.", actor=cast.manager, now=NOW)
        assert not differences([person])


def test_a_completion_entered_late_counts_from_its_own_day(cast: Cast, require: Require, course: Course) -> None:
    rule = require(months=12, window=30)
    complete(cast.learner, course, date(2027, 1, 1))
    complete(cast.learner, course, date(2026, 1, 31))
    assert status(cast.learner, rule, date(2028, 1, 30)) == "renew_soon"
    assert status(cast.learner, rule, date(2028, 1, 31)) == "expired"


def test_a_version_too_old_gives_no_credit(cast: Cast, require: Require, course: Course) -> None:
    rule = require()
    change_requirement(
        actor=None,
        requirement=rule,
        accepted=[RequirementCourse(course=course, minimum_version=2)],
        conditions=[RequirementCondition()],
    )
    complete(cast.learner, course, TODAY)
    assert status(cast.learner, rule, TODAY) == "open"
    complete(cast.learner, course, TODAY + DAY, version=2)
    assert status(cast.learner, rule, TODAY + DAY) == "complete"


def test_any_of_the_accepted_courses_counts(cast: Cast, require: Require, course: Course) -> None:
    rule = require()
    outside = make_course("elsewhere", kind="external")
    change_requirement(
        actor=None,
        requirement=rule,
        accepted=[RequirementCourse(course=course), RequirementCourse(course=outside)],
        conditions=[RequirementCondition()],
    )
    complete(cast.learner, outside, TODAY)
    assert status(cast.learner, rule, TODAY) == "complete"


def test_a_transfer_restarts_no_clock_and_gives_a_row_for_each_unit(cast: Cast, require: Require) -> None:
    rule = require(days=10)
    job = Employment.objects.get(person=cast.learner)
    other = Employment.objects.get(person=cast.outsider).agency
    transfer(actor=None, employment=job, agency=other, on=TODAY)
    assert spans_of(cast.learner) == [
        ("open", START, TODAY, "cast-home"),
        ("open", TODAY, NEVER, "cast-other"),
    ]
    assert status(cast.learner, rule, TODAY) == "overdue"


def test_two_jobs_agree_in_two_units(cast: Cast, require: Require, course: Course) -> None:
    require()
    outsider = Employment.objects.get(person=cast.outsider)
    add_employment(
        actor=None, person=cast.learner, agency=outsider.agency, job_role=outsider.job_role, valid_from=TODAY
    )
    complete(cast.learner, course, TODAY + DAY)
    assert spans_of(cast.learner) == [
        ("open", START, TODAY + DAY, "cast-home"),
        ("held", TODAY + DAY, NEVER, "cast-home"),
        ("open", TODAY, TODAY + DAY, "cast-other"),
        ("held", TODAY + DAY, NEVER, "cast-other"),
    ]


def test_who_leaves_owes_nothing_from_that_day(cast: Cast, require: Require) -> None:
    require()
    end_employment(actor=None, employment=Employment.objects.get(person=cast.learner), on=TODAY)
    assert spans_of(cast.learner) == [("open", START, TODAY, "cast-home")]


def test_a_moved_unit_brings_its_people_under_another_rule(cast: Cast, require: Require) -> None:
    home, other = Agency.objects.get(code="cast-home"), Agency.objects.get(code="cast-other")
    unit = create_agency(actor=None, code="unit", name="Unit", kind=home.kind, parent=home, valid_from=START)
    transfer(actor=None, employment=Employment.objects.get(person=cast.learner), agency=unit, on=START + DAY)
    require(conditions=[{"agency": other}])
    assert not spans_of(cast.learner)
    move_agency(actor=None, agency=unit, new_parent=other, on=TODAY)
    assert spans_of(cast.learner) == [("open", TODAY, NEVER, "unit")]


def test_a_waiver_and_its_end(cast: Cast, require: Require) -> None:
    rule = require(days=5, grace=10)
    given = waive(
        actor=cast.manager,
        person=cast.learner,
        requirement=rule,
        valid_from=TODAY,
        valid_until=TODAY + DAY,
        reason="On leave.",
        now=NOW,
    )
    days = [TODAY - DAY, TODAY, TODAY + DAY, TODAY + 12 * DAY]
    assert [status(cast.learner, rule, day) for day in days] == ["overdue", "waived", "due_soon", "overdue"]
    void_waiver(actor=cast.manager, waiver=given, reason="Entered by mistake.", now=NOW)
    assert status(cast.learner, rule, TODAY) == "overdue"
    assert not differences()


def test_a_waiver_is_never_changed(cast: Cast, require: Require) -> None:
    values = {"person": cast.learner, "requirement": require(), "valid_from": TODAY, "valid_until": None}
    given = waive(actor=None, reason="On leave.", now=NOW, **values)
    with pytest.raises(Exception, match="never changed"), transaction.atomic():
        Waiver.objects.filter(pk=given.pk).update(valid_from=START)
    for wrong in ({"reason": " "}, {"valid_until": TODAY}, {"actor": cast.learner}, {"approved_by": cast.learner}):
        with pytest.raises(WaiverRefused):
            waive(**{"actor": None, "reason": "On leave.", "now": NOW, **values, **wrong})


def test_a_merge_brings_the_records_together_and_its_undoing_parts_them(
    cast: Cast, require: Require, course: Course
) -> None:
    rule = require()
    complete(cast.trainer, course, START + DAY)
    before = spans_of(cast.trainer)
    merge = merge_persons(actor=None, survivor=cast.learner, merged=cast.trainer, now=NOW)
    assert status(cast.learner, rule, TODAY) == "complete"
    assert spans_of(cast.trainer) == []
    complete(cast.trainer, course, TODAY)
    assert not differences()
    undo_merge(actor=None, merge=merge, now=NOW)
    assert status(cast.learner, rule, TODAY) == "open"
    assert spans_of(cast.trainer) == before


def test_a_changed_rule_reaches_others(cast: Cast, require: Require, course: Course) -> None:
    rule = require(conditions=[{"level": "supervisor"}])
    assert (spans_of(cast.learner), len(spans_of(cast.manager))) == ([], 1)
    change_requirement(
        actor=cast.coordinator,
        requirement=rule,
        accepted=[RequirementCourse(course=course)],
        conditions=[RequirementCondition(level="line"), RequirementCondition(person=cast.outsider)],
        days=3,
    )
    assert (len(spans_of(cast.learner)), spans_of(cast.manager)) == (1, [])
    assert len(spans_of(cast.outsider)) == 1
    assert status(cast.learner, rule, START + 4 * DAY) == "overdue"


@pytest.mark.parametrize("wrong", [{"conditions": []}, {"accepted": []}, {"ends_on": START}])
def test_a_rule_that_can_not_be_is_refused(
    cast: Cast, require: Require, course: Course, wrong: dict[str, object]
) -> None:
    rule = require()
    with pytest.raises(RequirementRefused):
        change_requirement(
            **{
                "actor": None,
                "requirement": rule,
                "accepted": [RequirementCourse(course=course)],
                "conditions": [RequirementCondition()],
                **wrong,
            }
        )
    assert RequirementCondition.objects.filter(requirement=rule).count() == 1


def test_doing_it_again_changes_nothing(cast: Cast, require: Require, course: Course) -> None:
    require(months=1)
    complete(cast.learner, course, TODAY)
    past = ObligationSpanPast.objects.count()
    assert recompute_all() == 0
    assert ObligationSpanPast.objects.count() == past


def test_one_completion_takes_at_most_ten_queries_however_many_people_a_rule_names(
    cast: Cast, require: Require, course: Course
) -> None:
    require("for-all")
    require("by-agency", conditions=[{"agency": Agency.objects.get(code="cast-home")}, {"level": "line"}], months=12)
    require("named", conditions=[{"person": person} for person in cast])
    with completions_unheard():
        completion = complete(cast.learner, course, TODAY)
    with CaptureQueriesContext(connection) as captured:
        recompute_after_completions(person_ids=[completion.person_id], course_ids=[completion.course_id])
    assert {kind for kind, *_rest in spans_of(cast.learner)} == {"open", "held"}
    assert len(captured) <= 10, "\n".join(query["sql"] for query in captured)


@contextmanager
def completions_unheard() -> Iterator[None]:
    completion_recorded.disconnect(dispatch_uid="compliance.completions")
    yield
    completion_recorded.connect(recompute_after_completions, dispatch_uid="compliance.completions")


def test_a_rule_for_many_is_worked_off_by_a_job_with_progress(cast: Cast, require: Require) -> None:
    people = employ_many(cast, EVENT_LIMIT + 1)
    require()
    assert not spans_of(people[0])
    assert run_pending(now=NOW) == 1
    assert all(len(spans_of(person)) == 1 for person in people)
    job = Job.objects.get()
    assert (job.state, job.done, job.total) == ("done", EVENT_LIMIT + 7, EVENT_LIMIT + 7)
    assert not differences()


def test_the_command_finds_a_difference(cast: Cast, require: Require, capsys: pytest.CaptureFixture[str]) -> None:
    require()
    call_command("evaluate_compliance", "--verify")
    ObligationSpan.objects.filter(person=cast.learner).update(late_on=TODAY)
    with pytest.raises(CommandError, match="Differences: 1"):
        call_command("evaluate_compliance", "--verify")
    call_command("evaluate_compliance")
    call_command("evaluate_compliance", "--verify", "--all")
    ObligationSpan.objects.filter(person=cast.learner).delete()
    with pytest.raises(CommandError, match="Differences"):
        call_command("evaluate_compliance", "--verify")


def test_overlapping_jobs_at_one_unit_are_one_duty(cast: Cast, require: Require) -> None:
    require(days=10)
    job = Employment.objects.get(person=cast.learner)
    lead = Employment.objects.get(person=cast.manager).job_role
    end_employment(actor=None, employment=job, on=TODAY)
    add_employment(actor=None, person=cast.learner, agency=job.agency, job_role=lead, valid_from=TODAY - 5 * DAY)
    assert spans_of(cast.learner) == [("open", START, NEVER, "cast-home")]
    assert not differences()


def test_a_job_role_of_another_level_brings_other_duties(cast: Cast, require: Require) -> None:
    require(conditions=[{"level": "supervisor"}])
    assert not spans_of(cast.learner)
    role = Employment.objects.get(person=cast.learner).job_role
    role.level = "supervisor"
    role.save()
    assert len(spans_of(cast.learner)) == 1
    assert not differences()


@pytest.mark.parametrize(
    ("done", "renewed", "expires"),
    [
        (date(2028, 2, 29), [], date(2029, 2, 28)),
        (date(2028, 2, 29), [date(2029, 2, 1), date(2030, 2, 1), date(2031, 2, 1)], date(2032, 2, 29)),
        (date(2027, 8, 31), [date(2028, 8, 1)], date(2029, 8, 31)),
    ],
)
def test_leap_days_and_month_ends_do_not_drift(
    cast: Cast, require: Require, course: Course, done: date, renewed: list[date], expires: date
) -> None:
    rule = require(months=12, window=60)
    for day in (done, *renewed):
        complete(cast.learner, course, day)
    assert status(cast.learner, rule, expires - DAY) == "renew_soon"
    assert status(cast.learner, rule, expires) == "expired"
