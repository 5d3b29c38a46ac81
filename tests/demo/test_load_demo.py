"""The demonstration county: built once, by services, only where it belongs."""

import json
from collections import Counter
from collections.abc import Iterator
from io import StringIO

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client, override_settings
from django.utils import timezone

from certificates.models import Certificate
from curricula.models import Course
from lms.accounts.models import Person
from lms.agencies.models import Agency, AgencyPlacement, Employment, Grant
from lms.agencies.selectors import visible_to
from lms.audit.models import AuditEvent
from lms.compliance.enums import ScopeKind, Status
from lms.compliance.models import ProviderContract, QualifiedList, Requirement
from lms.compliance.obligations import Obligation
from lms.compliance.selectors import (
    get_scope,
    list_contracts,
    list_late,
    list_obligations,
    list_qualified,
    list_readiness,
    list_shares,
)
from lms.demo.plan import PlannedPerson, plan_people
from lms.demo.services import CONTENT, SIGN_INS, NotADemonstrationError, load_demonstration
from lms.learning.enums import AttemptRole, CompletionSource
from lms.learning.models import Completion, CourseAttempt, Enrollment
from quizzes.models import Attempt, Quiz, Response
from quizzes.results import get_quiz_result

LEADERS = {"supervisor", "manager", "coordinator", "contract_manager"}
COUNTED = [Agency, AgencyPlacement, AuditEvent, Completion, Course, Employment, Enrollment, Grant, Person]
COUNTED += [ProviderContract, QualifiedList, Requirement, Attempt, Response, Quiz]


@pytest.fixture(scope="module")
def loaded(django_db_setup: None, django_db_blocker) -> Iterator[dict[str, dict[str, str]]]:
    """The sign-ins of one load that all tests of this file start from; undone at their end."""
    with django_db_blocker.unblock(), override_settings(DEMONSTRATION=True), transaction.atomic():
        yield load_as_json("--people", "30")
        transaction.set_rollback(True)


@pytest.fixture
def demonstration(loaded: dict[str, dict[str, str]], db: None) -> dict[str, dict[str, str]]:
    return loaded


def load_as_json(*options: str) -> dict[str, dict[str, str]]:
    out = StringIO()
    call_command("load_demo", "--json", *options, stdout=out)
    return json.loads(out.getvalue())


def somebody(name: str) -> Person:
    return Person.objects.get(email=f"{name}@harbor.example")


def duties(person: Person) -> dict[str, Obligation]:
    lines = list_obligations([person], as_of=timezone.localdate())[person.pk]
    return {line.course.code: line for line in lines if line.mandatory}


def plan(number: int | None) -> list[PlannedPerson]:
    agencies, people = (yaml.safe_load((CONTENT / name).read_text()) for name in ("agencies.yaml", "people.yaml"))
    sites = {entry["code"]: [site["code"] for site in entry["sites"]] for entry in agencies["agencies"]}
    return plan_people(people, sites, wanted=number)


def test_it_is_refused_where_people_may_be_real(demonstration: dict[str, dict[str, str]], settings) -> None:
    settings.DEMONSTRATION = False
    before = AuditEvent.objects.count()
    with pytest.raises(NotADemonstrationError):
        load_demonstration(now=timezone.now(), today=timezone.localdate())
    with pytest.raises(CommandError, match="not marked as a demonstration"):
        call_command("load_demo")
    assert AuditEvent.objects.count() == before


def test_a_second_load_changes_nothing(demonstration: dict[str, dict[str, str]]) -> None:
    before = {model: model.objects.count() for model in COUNTED}
    people = list(Person.objects.order_by("pk").values())
    assert load_as_json("--people", "30") == demonstration
    assert {model: model.objects.count() for model in COUNTED} == before
    assert list(Person.objects.order_by("pk").values()) == people


def test_it_builds_a_county(demonstration: dict[str, dict[str, str]]) -> None:
    assert set(demonstration) == set(SIGN_INS)
    assert {role for role in SIGN_INS if "totp_secret" not in demonstration[role]} == {"learner"}
    assert len({sign_in["password"] for sign_in in demonstration.values()}) == 1
    assert Agency.objects.filter(depth=1).count() == 10
    assert Agency.objects.filter(depth=2, service_area=None).count() == 0
    assert 30 <= Person.objects.count() <= 70
    assert not Person.objects.exclude(email__endswith="@harbor.example").exists()
    assert not Requirement.objects.filter(conditions=None).exists()
    assert Course.objects.get(code="csec-101").current_version == 1
    assert AuditEvent.objects.filter(action="person.created").count() == Person.objects.count()


def test_the_learner_is_new_and_has_not_begun(demonstration: dict[str, dict[str, str]]) -> None:
    learner = somebody("marisol.fernbrook")
    assert demonstration["learner"]["email"] == learner.email
    line = duties(learner)["csec-101"]
    assert (line.status, line.online, line.can_begin) == (Status.NOT_STARTED, True, True)
    assert (line.due_on - timezone.localdate()).days == 20
    assert learner.employments.get().supervisor.email == demonstration["supervisor"]["email"]
    assert not Completion.objects.filter(person=learner).exists()
    assert not Enrollment.objects.filter(person=learner).exists()


def test_the_wanted_states(demonstration: dict[str, dict[str, str]]) -> None:
    team = get_scope(somebody("denise.ashgrove"), kind=ScopeKind.REPORTS, as_of=timezone.localdate())
    late = [duty.requirement.courses.get().code for duty in list_late(team).lines]
    assert late == ["response-probation"] * 3
    assert duties(somebody("priya.larkhill"))["csec-101"].status == Status.RENEW_SOON
    assert duties(somebody("elena.mossbank"))["caregiver-before-placement"].status == Status.COMPLETE
    assert duties(somebody("samuel.reedwater"))["caregiver-before-placement"].owed


def test_placement_contract_and_qualified_people(demonstration: dict[str, dict[str, str]]) -> None:
    today = timezone.localdate()
    assert Requirement.objects.get(before_placement=True).code == "caregiver-before-placement-mandatory"
    caregivers = [somebody("elena.mossbank"), somebody("samuel.reedwater")]
    ready = list_readiness(caregivers, as_of=today)
    assert [ready[person.pk].ready for person in caregivers] == [True, False]
    [share] = list_shares(list(list_contracts(somebody("imogen.starling"), as_of=today)), as_of=today)
    assert share.counted > 0
    assert share.contract.may_change
    screeners = list_qualified(somebody("ruth.alderbank"), QualifiedList.objects.get(), as_of=today, today=today)
    assert somebody("priya.larkhill") in {line.person for line in screeners}


def test_some_answered_the_quiz_and_trainers_see_what_the_answers_tell(
    demonstration: dict[str, dict[str, str]], client: Client
) -> None:
    quiz = Quiz.objects.get(code="csec-101")
    result = get_quiz_result(quiz)
    assert result.tries > result.first_tries > result.first_passed
    assert result.is_told
    assert result.gain is not None
    assert result.gain.low is not None
    assert result.gain.low > 0
    misleading = {item.question.code: item.figures.discrimination for item in result.items}["terms-case-note"]
    assert misleading is not None
    assert misleading < 0
    assert None in {group.tries for group in result.by_agency}
    client.force_login(Person.objects.get(email=demonstration["trainer"]["email"]))
    assert "/teach/results/csec-101/" in client.get("/teach/results/").content.decode()


def test_who_answered_the_quiz_completed_the_course_once_as_everybody_did(
    demonstration: dict[str, dict[str, str]],
) -> None:
    passed = CourseAttempt.objects.filter(role=AttemptRole.QUIZ, attempt__passed=True)
    assert passed.count() >= 11
    assert not Attempt.objects.filter(submitted_at=None).exists()
    for line in passed.select_related("attempt__person", "enrollment__course"):
        [completion] = Completion.objects.filter(person=line.attempt.person, course=line.enrollment.course)
        assert completion.enrollment == line.enrollment
        assert line.enrollment.finished_at == line.attempt.submitted_at
        assert completion.completed_on == timezone.localdate(line.attempt.submitted_at)
    # Certificates are of what was taken here; the demonstration attests what it says.
    assert {*Completion.objects.values_list("source", flat=True)} == {CompletionSource.ATTESTED}
    assert not Certificate.objects.exists()


def test_whom_the_grants_show(demonstration: dict[str, dict[str, str]]) -> None:
    today = timezone.localdate()

    def agencies(role: str) -> set[str]:
        people = visible_to(Person.objects.get(email=demonstration[role]["email"]), as_of=today)
        return {job.agency.get_root().code for job in Employment.objects.on(today).filter(person__in=people)}

    assert agencies("manager") == {"probation"}
    assert agencies("contract_manager") == {"csec-provider"}
    assert agencies("coordinator") == set(Agency.get_root_nodes().values_list("code", flat=True))
    assert agencies("oversight") == agencies("trainer") == agencies("learner") == set()


@pytest.mark.parametrize("role", SIGN_INS)
def test_everybody_named_signs_in(demonstration: dict[str, dict[str, str]], client: Client, role: str) -> None:
    sign_in = demonstration[role]
    response = client.post("/accounts/login/", {"login": sign_in["email"], "password": sign_in["password"]})
    if "totp_secret" in sign_in:
        call_command("demo_code", sign_in["email"], stdout=(code := StringIO()))
        response = client.post(response["Location"], {"code": code.getvalue().strip()})
    assert (response.status_code, response["Location"]) == (302, "/my/")
    assert client.get("/my/").status_code == 200
    # An oversight reader sees figures there, and nobody by name.
    assert client.get("/team/").status_code == (200 if role in {*LEADERS, "oversight"} else 404)
    assert client.get("/cms/").status_code == (200 if role == "editor" else 302)


@pytest.mark.parametrize("number", [1, 60, 220, 5000])
def test_any_number_of_people_has_distinct_addresses_and_a_supervisor_planned_before(number: int) -> None:
    planned = plan(number)
    addresses = [person.email for person in planned]
    assert len(set(addresses)) == len(addresses)
    assert all(
        person.supervisor is None or person.supervisor in addresses[:position]
        for position, person in enumerate(planned)
    )


def test_a_larger_county_is_the_smaller_one_with_more_people() -> None:
    assert set(plan(60)) < set(plan(None)) < set(plan(600))


def test_as_the_files_say_a_supervisor_has_41_reports_of_whom_3_are_behind() -> None:
    reports = [person for person in plan(None) if person.supervisor == "denise.ashgrove@harbor.example"]
    assert Counter(person.behind for person in reports) == {"": 38, "response-probation": 3}
    assert 220 <= len(plan(None)) <= 250
