"""Contracts of providers, who is qualified, and supervisors' own lists."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
import time_machine
from django.test import Client

from curricula.models import Course
from lms.accounts.models import Person
from lms.agencies.enums import GrantKind
from lms.agencies.models import Agency, ServiceArea
from lms.agencies.services import give_grant
from lms.audit.models import AuditEvent
from lms.compliance.models import CourseList, ProviderContract, QualifiedList, Requirement, RequirementCondition
from lms.compliance.selectors import get_board, get_scope, list_contracts, list_obligations, list_shares
from lms.compliance.services import verify, waive
from tests.conftest import START, Cast

from .conftest import NOW, Require, complete, employ_many, make_course

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
TODAY = date(2026, 3, 2)


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(f"{TODAY}T12:00-08:00", tick=False):
        yield


@pytest.fixture
def home(cast: Cast) -> Agency:
    return Agency.objects.get(code="cast-home")


def sign_in(person: Person, kind: str = "", agency: Agency | None = None) -> Client:
    if kind:
        give_grant(
            actor=None,
            person=person,
            kind=kind,
            agency=agency,
            valid_from=START,
            valid_until=None,
            reason="x",
            today=TODAY,
        )
    client = Client()
    client.force_login(person)
    return client


# --- contracts


@pytest.fixture
def contract_manager(cast: Cast, home: Agency) -> Client:
    return sign_in(cast.outsider, GrantKind.CONTRACT_MANAGER, home)


def contract_data(home: Agency, **fields: object) -> dict[str, object]:
    return {
        "agency": home.pk,
        "title": "Youth Homes 2026",
        "citation": "Contract 12, section 4",
        "target_percent": "90",
        "starts_on": "2026-01-05",
        "due_on": "2026-04-01",
        **fields,
    }


def test_a_contract_share(
    contract_manager: Client, require: Require, cast: Cast, home: Agency, course: Course, django_assert_max_num_queries
) -> None:
    """18 of 24 trained, 90 % by 1 April."""
    people = [*employ_many(cast, 21), cast.learner, cast.manager, cast.trainer]
    rule = require(name="Provider course", conditions=[{"agency": home}])
    answer = contract_manager.post("/team/contracts/add/", contract_data(home, requirements=[rule.pk]), follow=True)
    contract = ProviderContract.objects.get()
    assert contract.recorded_by == cast.outsider
    for person in people[:18]:
        complete(person, course, date(2026, 2, 1))
    with django_assert_max_num_queries(22):
        answer = contract_manager.get(f"/team/contracts/{contract.pk}/")
    page = answer.content.decode()
    assert "18 of 24 trained; 90 % by Apr 1, 2026." in page
    assert "4 more people have to be trained." in page
    assert page.count("Not trained yet") == 6
    assert "due Feb 4, 2026" in page
    assert "18 of 24 trained (75 %)" in contract_manager.get("/team/contracts/").content.decode()
    content = b"".join(contract_manager.get(f"/team/contracts/{contract.pk}/file/")).decode("utf-8-sig")
    assert content.count("\r\n") == 25
    assert content.count("Provider course,2026-02-04") == 6
    # The facility's administrator sees it and changes nothing.
    administrator = sign_in(cast.manager, GrantKind.MANAGER, home)
    assert "18 of" in administrator.get(f"/team/contracts/{contract.pk}/").content.decode()
    assert administrator.get(f"/team/contracts/{contract.pk}/edit/").status_code == 404
    for person in people[18:22]:
        complete(person, course, date(2026, 2, 20))
    assert "the share is reached" in contract_manager.get(f"/team/contracts/{contract.pk}/").content.decode()


def test_who_is_waived_is_not_counted(require: Require, cast: Cast, home: Agency, course: Course) -> None:
    rule = require(conditions=[{"agency": home}])
    contract = ProviderContract.objects.create(
        agency=home, title="C", citation="C", target_percent=90, starts_on=START, due_on=TODAY
    )
    waive(
        actor=cast.manager,
        person=cast.learner,
        requirement=rule,
        valid_from=START,
        valid_until=None,
        reason="On leave",
        now=NOW,
    )
    complete(cast.manager, course, date(2026, 2, 1))
    [share] = list_shares([contract], as_of=TODAY)
    assert (share.trained, share.counted, share.percent, share.lacking, share.status) == (1, 2, 50, 1, "due_soon")


def test_shares_of_many_contracts_ask_as_much_as_of_one(
    require: Require, cast: Cast, home: Agency, django_assert_max_num_queries
) -> None:
    sign_in(cast.coordinator, GrantKind.COORDINATOR)
    require(conditions=[{}])
    for number in range(9):
        ProviderContract.objects.create(
            agency=Agency.objects.all()[number % 2],
            title=str(number),
            citation="C",
            target_percent=90,
            starts_on=START,
            due_on=TODAY,
        )
    with django_assert_max_num_queries(6):
        shares = list_shares(list(list_contracts(cast.coordinator, as_of=TODAY)), as_of=TODAY)
    assert {share.counted for share in shares} == {3}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"due_on": "2026-01-01"}, "The share is due before the contract starts."),
        ({"ends_on": "2026-01-05"}, "The contract ends before it starts."),
        ({"target_percent": "0"}, "greater than or equal to 1"),
        ({"target_percent": "101"}, "less than or equal to 100"),
        ({"title": ""}, "This field is required."),
        ({"citation": "case number 21JV000123A"}, "looks like a case number"),
        ({"requirements": ["0"]}, "Select a valid choice"),
    ],
)
def test_a_contract_that_can_not_be(
    contract_manager: Client, home: Agency, change: dict[str, object], words: str
) -> None:
    answer = contract_manager.post("/team/contracts/add/", contract_data(home, **change))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not ProviderContract.objects.exists()


def test_no_contract_of_a_foreign_agency(contract_manager: Client, cast: Cast) -> None:
    other = Agency.objects.get(code="cast-other")
    assert contract_manager.post("/team/contracts/add/", contract_data(other)).status_code == 422
    foreign = ProviderContract.objects.create(
        agency=other, title="C", citation="C", target_percent=90, starts_on=START, due_on=TODAY
    )
    assert contract_manager.get(f"/team/contracts/{foreign.pk}/").status_code == 404


def test_a_contract_is_changed(contract_manager: Client, home: Agency) -> None:
    contract_manager.post("/team/contracts/add/", contract_data(home))
    contract = ProviderContract.objects.get()
    path = f"/team/contracts/{contract.pk}/edit/"
    assert "Contract 12, section 4" in contract_manager.get(path).content.decode()
    assert contract_manager.post(path, contract_data(home, target_percent="80")).status_code == 302
    contract.refresh_from_db()
    assert contract.target_percent == 80
    assert AuditEvent.objects.filter(action="contract.changed").count() == 1
    assert (
        "Nobody is under this contract today."
        in contract_manager.get(f"/team/contracts/{contract.pk}/").content.decode()
    )


# --- qualified


def test_a_qualified_list_with_expiry(cast: Cast, home: Agency, course: Course, django_assert_max_num_queries) -> None:
    area = ServiceArea.objects.create(code="a6", name="South Harbor", high_priority=True)
    Agency.objects.filter(pk=home.pk).update(service_area=area)
    client = sign_in(cast.coordinator, GrantKind.COORDINATOR)
    data = {"name": "Screening-tool administrators", "courses": [course.pk], "months": "12", "window": "60"}
    assert client.post("/team/qualified/add/", data).status_code == 302
    listed = QualifiedList.objects.get()
    assert client.post("/team/qualified/add/", data).status_code == 422
    assert client.post(f"/team/qualified/{listed.pk}/edit/", data).status_code == 302
    complete(cast.learner, course, date(2026, 2, 1))
    complete(cast.manager, course, date(2025, 3, 20))
    complete(cast.outsider, course, date(2025, 1, 1))
    path = f"/team/qualified/{listed.pk}/"
    with django_assert_max_num_queries(22):
        answer = client.get(path)
    assert [(line.person, line.status) for line in answer.context["page"]] == [
        (cast.learner, "complete"),
        (cast.manager, "renew_soon"),
    ]
    assert "until Feb 1, 2027" in answer.content.decode()
    assert [line.person for line in client.get(f"{path}?show=expired").context["page"]] == [cast.outsider]
    assert len(client.get(f"{path}?area={area.pk}&unit={home.pk}").context["page"]) == 2
    other = Agency.objects.get(code="cast-other")
    assert len(client.get(f"{path}?unit={other.pk}").context["page"]) == 0
    assert client.get(f"{path}?unit=x&area=y&show=z").status_code == 422
    content = b"".join(client.get(f"{path}file/")).decode("utf-8-sig")
    assert "Lena Learner,lena.learner@example.org,Cast Home,South Harbor,2026-02-01,2027-02-01,2026-03-02" in content


def test_a_manager_sees_own_people_on_it(cast: Cast, course: Course) -> None:
    listed = QualifiedList.objects.create(name="X")
    listed.courses.add(course)
    complete(cast.learner, course, date(2026, 2, 1))
    complete(cast.outsider, course, date(2026, 2, 1))
    client = sign_in(cast.manager)
    assert [line.person for line in client.get(f"/team/qualified/{listed.pk}/").context["page"]] == [cast.learner]
    assert client.get(f"/team/qualified/{listed.pk}/edit/").status_code == 404


# --- a supervisor's own list


def test_a_list_of_my_own(cast: Cast, course: Course) -> None:
    second = make_course("cast-102", title="Second course")
    client = sign_in(cast.manager)
    data = {
        "name": "Spring reading",
        "due_on": "2026-04-01",
        "courses": [course.pk, second.pk],
        "people": [cast.learner.pk],
    }
    assert client.post("/team/lists/add/", data).status_code == 302
    made = CourseList.objects.get()
    rules = Requirement.objects.filter(course_list=made)
    assert {(rule.mandatory, rule.days, rule.starts_on) for rule in rules} == {(False, 30, TODAY)}
    lines = list_obligations([cast.learner], as_of=TODAY)[cast.learner.pk]
    assert {(line.course.code, line.mandatory, line.due_on) for line in lines} == {
        ("cast-101", False, None),
        ("cast-102", False, None),
    }
    complete(cast.learner, course, TODAY)
    page = client.get(f"/team/lists/{made.pk}/").content.decode()
    assert "0 of 1 have done all of it" in page
    complete(cast.learner, second, TODAY)
    assert "1 of 1 have done all of it" in client.get(f"/team/lists/{made.pk}/").content.decode()
    assert "Spring reading" in client.get("/team/lists/").content.decode()
    # It enters no share, and is no rule of the screens for rules.
    scope = get_scope(cast.manager, kind="reports", as_of=TODAY)
    assert get_board(scope).total.sum.required == 0
    assert list(verify([cast.learner.pk])) == []


def test_it_is_shared_by_its_link(cast: Cast, course: Course) -> None:
    client = sign_in(cast.manager)
    client.post("/team/lists/add/", {"name": "Spring", "due_on": "2026-04-01", "courses": [course.pk]})
    made = CourseList.objects.get()
    assert not Requirement.objects.exists()
    path = f"/lists/{made.key}/"
    assert Client().get(path).status_code == 302
    learner = sign_in(cast.learner)
    assert "Take it on" in learner.get(path).content.decode()
    for _twice in range(2):
        assert learner.post(path).status_code == 302
    assert RequirementCondition.objects.get().person == cast.learner
    assert "It stands on your page." in learner.get(path).content.decode()
    # A second one joins the same rule; a stranger is told whose list it is.
    people = employ_many(cast, 1)
    assert sign_in(people[0]).post(path).status_code == 302
    assert Requirement.objects.count() == 1
    stranger = sign_in(cast.outsider)
    assert "Take it on" not in stranger.get(path).content.decode()
    answer = stranger.post(path)
    assert answer.status_code == 403
    assert "for the people of Mara Manager" in answer.content.decode()
    assert list(verify([cast.learner.pk, people[0].pk])) == []


def test_a_closed_list_asks_for_nothing(cast: Cast, course: Course) -> None:
    client = sign_in(cast.manager)
    data = {"name": "Spring", "due_on": "2026-04-01", "courses": [course.pk], "people": [cast.learner.pk]}
    client.post("/team/lists/add/", data)
    made = CourseList.objects.get()
    for _twice in range(2):
        assert client.post(f"/team/lists/{made.pk}/close/").status_code == 302
    assert Requirement.objects.get().ends_on == date(2026, 3, 3)
    answer = sign_in(cast.learner).post(f"/lists/{made.key}/")
    assert answer.status_code == 403
    assert "This list is closed." in answer.content.decode()
    assert list(verify([cast.learner.pk])) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"courses": []}, "This field is required."),
        ({"due_on": "2026-03-01"}, "This day is over."),
        ({"due_on": "31/31"}, "Enter a day"),
        ({"name": "For 21JV000123A"}, "looks like a case number"),
        ({"people": ["999999"]}, "Select a valid choice"),
    ],
)
def test_a_list_that_can_not_be(cast: Cast, course: Course, change: dict[str, object], words: str) -> None:
    client = sign_in(cast.manager)
    data = {"name": "Spring", "due_on": "2026-04-01", "courses": [course.pk], **change}
    answer = client.post("/team/lists/add/", data)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not CourseList.objects.exists()


def test_a_list_names_only_my_own_people(cast: Cast, course: Course) -> None:
    client = sign_in(cast.manager)
    data = {"name": "Spring", "due_on": "2026-04-01", "courses": [course.pk], "people": [cast.outsider.pk]}
    assert client.post("/team/lists/add/", data).status_code == 422
    assert sign_in(cast.learner).get("/team/lists/add/").status_code == 404
