"""People of a unit: taken on, transferred, with a second job, leaving, coming back; and what can be taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from lms.accounts.models import Person
from lms.agencies.models import Agency, Employment, Grant, Invitation, JobRole
from lms.agencies.selectors import visible_to
from lms.agencies.services import end_employment, transfer
from lms.audit.models import AuditEvent
from lms.outbox.models import Mail
from tests.conftest import START, Cast

from .conftest import Department, add_staff, today
from .test_unit_screens import count_queries, hidden_fields, words

DAY = timedelta(days=1)


def job_of(person: Person) -> Employment:
    return Employment.objects.filter(person=person).latest("valid_from", "pk")


def on_job(person: Person, act: str) -> str:
    return f"/team/agencies/jobs/{job_of(person).pk}/{act}/"


def new_person(**fields: Any) -> dict[str, Any]:
    role = JobRole.objects.get(code="cast-deputy")
    return {
        "email": "Nia@Example.org",
        "first_name": "Nia",
        "last_name": "Newcomer",
        "affiliation": "employee",
        "job_role": role.pk,
        "on": str(today()),
        **fields,
    }


def add_person(client: Client, agency: Agency, step: str = "confirm", **fields: Any) -> Any:
    return client.post(
        f"/team/agencies/{agency.pk}/people/add/", {**new_person(**fields), "step": step}, follow=step == "confirm"
    )


def test_a_new_person_is_told_first_then_taken_on_and_invited(
    manager: Client, cast: Cast, department: Department
) -> None:
    preview = add_person(manager, department.east, "", invite="on", supervisor=cast.manager.email)
    assert "nia@example.org works at East as Deputy probation officer from" in words(preview)
    assert "Who has no password yet gets an invitation by mail." in words(preview)
    assert not Person.objects.filter(email="nia@example.org").exists()
    assert not Mail.objects.exists()

    path = f"/team/agencies/{department.east.pk}/people/add/"
    done = manager.post(path, {**hidden_fields(preview), "step": "confirm"}, follow=True)
    assert "Invited" in words(done)
    job = Employment.objects.get(person__email="nia@example.org")
    assert (job.agency, job.supervisor, job.valid_until) == (department.east, cast.manager, None)
    assert Mail.objects.get().to == "nia@example.org"
    assert not job.person.has_usable_password()


def test_an_employee_is_invited_only_when_asked_for(manager: Client, department: Department) -> None:
    add_person(manager, department.east)
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("affiliation", ["caregiver", "volunteer"])
def test_caregivers_and_volunteers_come_by_invitation_and_for_some_days(
    manager: Client, department: Department, affiliation: str
) -> None:
    done = add_person(manager, department.east, affiliation=affiliation, valid_until=str(today() + 90 * DAY))
    assert affiliation.title() in words(done)
    job = Employment.objects.get(person__email="nia@example.org")
    assert (job.affiliation, job.valid_until) == (affiliation, today() + 90 * DAY)
    assert Invitation.objects.get().person == job.person


def test_who_is_known_keeps_name_and_record_and_is_not_named_before(
    manager: Client, cast: Cast, department: Department
) -> None:
    preview = add_person(manager, department.east, "", email=cast.outsider.email)
    assert "Otto" not in preview.content.decode().replace(cast.outsider.email, "")
    unknown = add_person(manager, department.east, "", email="nobody@example.org")
    assert words(preview).replace(cast.outsider.email, "") == words(unknown).replace("nobody@example.org", "")
    done = add_person(manager, department.east, email=cast.outsider.email, invite="on")
    assert "Otto Outsider" in words(done)
    assert not Invitation.objects.exists(), "has a password"
    assert cast.outsider in visible_to(cast.manager, as_of=today())


def test_nobody_enters_a_job_of_their_own(manager: Client, cast: Cast, department: Department) -> None:
    response = add_person(manager, department.east, email=cast.manager.email.upper())
    assert "Somebody else enters your own jobs." in words(response)
    for act in ("transfer", "end", "go-on", "take-back"):
        assert manager.get(on_job(cast.manager, act)).status_code == 404
    assert manager.get(f"/team/agencies/people/{cast.manager.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"email": "no address"}, "Enter a valid email address."),
        ({"email": "a" * 300 + "@example.org"}, "at most 254"),
        ({"first_name": "N\x00"}, "Null characters are not allowed."),
        ({"job_role": "999999"}, "Select a valid choice"),
        ({"affiliation": "ghost"}, "Select a valid choice"),
        ({"supervisor": "nobody@example.org"}, "Nobody with this address can be chosen here"),
        ({"supervisor": "otto.outsider@example.org"}, "Nobody with this address can be chosen here"),
        ({"on": "yesterday"}, "Enter a day"),
        ({"valid_until": "2020-01-01"}, "A job ends after its first day."),
        ({"employee_number": "9" * 41}, "at most 40"),
    ],
)
def test_a_refused_person_keeps_what_was_typed(
    manager: Client, department: Department, fields: dict[str, str], said: str
) -> None:
    response = add_person(manager, department.east, "", **fields)
    assert response.status_code == 422
    assert said in words(response)
    assert 'value="Newcomer"' in response.content.decode()
    assert not Employment.objects.filter(agency=department.east).exists()


def test_a_transfer_is_two_rows_and_the_record_comes_along(manager: Client, cast: Cast, department: Department) -> None:
    job = job_of(cast.learner)
    form = {
        "agency": department.west.pk,
        "job_role": job.job_role_id,
        "supervisor": cast.manager.email,
        "on": str(today()),
    }
    preview = words(manager.post(on_job(cast.learner, "transfer"), form))
    assert "Lena Learner works at Cast Home as Deputy probation officer until the day before" in preview
    assert "Lena Learner works at West as Deputy probation officer from" in preview
    assert "The supervisor is then Mara Manager." in preview
    assert Employment.objects.filter(person=cast.learner).count() == 1
    manager.post(on_job(cast.learner, "transfer"), {**form, "step": "confirm"})
    assert list(Employment.objects.filter(person=cast.learner).order_by("pk").values_list("agency", "valid_until")) == [
        (department.home.pk, today()),
        (department.west.pk, None),
    ]


def test_a_transfer_offers_the_present_supervisor_unit_and_job(
    manager: Client, cast: Cast, department: Department
) -> None:
    page = manager.get(on_job(cast.learner, "transfer")).content.decode()
    assert f'value="{cast.manager.email}"' in page
    assert f'<option value="{department.home.pk}" selected>' in page
    assert department.other.name not in page


def test_a_second_job_leaves_the_first_as_it_is(manager: Client, cast: Cast, department: Department) -> None:
    path = f"/team/agencies/people/{cast.learner.pk}/jobs/add/"
    form = {k: v for k, v in new_person(agency=department.east.pk).items() if "name" not in k and k != "email"}
    assert "Other jobs stay as they are." in words(manager.post(path, form))
    manager.post(path, {**form, "step": "confirm"})
    assert Employment.objects.on(today()).filter(person=cast.learner).count() == 2
    assert manager.post(path, {**form, "step": "confirm"}).status_code == 422, "holds this already"


def test_leaving_and_coming_back_are_rows(manager: Client, cast: Cast, department: Department) -> None:
    end = {"on": str(today()), "step": "confirm"}
    done = words(manager.post(on_job(cast.learner, "end"), end, follow=True))
    assert "Lena Learner no longer works at Cast Home" in done
    assert "Does not work in your units today" in done
    assert cast.learner not in visible_to(cast.manager, as_of=today())
    path = f"/team/agencies/people/{cast.learner.pk}/jobs/add/"
    form = {k: v for k, v in new_person(agency=department.home.pk).items() if "name" not in k and k != "email"}
    manager.post(path, {**form, "on": str(today() + DAY), "step": "confirm"})
    assert Employment.objects.filter(person=cast.learner).count() == 2
    assert cast.learner in visible_to(cast.manager, as_of=today() + DAY)


def test_ending_a_job_warns_of_rights_that_stay(manager: Client, cast: Cast, department: Department) -> None:
    Grant.objects.create(
        person=cast.learner, kind="trainer", agency=department.home, valid_from=START, reason="certified"
    )
    preview = words(manager.post(on_job(cast.learner, "end"), {"on": str(today())}))
    assert "still holds from that day on: Trainer, Cast Home" in preview


@pytest.mark.postgres
def test_an_end_from_today_on_can_be_undone(manager: Client, cast: Cast, department: Department) -> None:
    end_employment(actor=None, employment=job_of(cast.learner), on=today() + DAY)
    assert "goes on working at Cast Home" in words(manager.get(on_job(cast.learner, "go-on")))
    manager.post(on_job(cast.learner, "go-on"), {"step": "confirm"})
    assert job_of(cast.learner).valid_until is None
    assert AuditEvent.objects.get(action="employment.end_undone").detail["on"] == str(today() + DAY)
    assert manager.post(on_job(cast.learner, "go-on"), {"step": "confirm"}).status_code == 422


def test_an_end_of_the_past_stays(manager: Client, cast: Cast, department: Department) -> None:
    end_employment(actor=None, employment=job_of(cast.learner), on=today() - DAY)
    refused = manager.post(on_job(cast.learner, "go-on"), {"step": "confirm"})
    assert refused.status_code == 422
    assert "Add a new job instead" in words(refused)
    assert job_of(cast.learner).valid_until == today() - DAY


@pytest.mark.postgres
def test_a_transfer_from_today_on_can_be_taken_back(manager: Client, cast: Cast, department: Department) -> None:
    transfer(actor=None, employment=job_of(cast.learner), agency=department.east, on=today() + DAY)
    ask = words(manager.get(on_job(cast.learner, "take-back")))
    assert "Lena Learner does not begin at East" in ask
    assert "The job at Cast Home as Deputy probation officer goes on" in ask
    manager.post(on_job(cast.learner, "take-back"), {"step": "confirm"})
    assert Employment.objects.get(person=cast.learner).valid_until is None
    event = AuditEvent.objects.get(action="employment.taken_back")
    assert (event.target_name, event.detail["agency"]) == ("Lena Learner", "east")


def test_a_job_that_began_is_ended_and_never_taken_back(manager: Client, cast: Cast, department: Department) -> None:
    refused = manager.post(on_job(cast.learner, "take-back"), {"step": "confirm"})
    assert refused.status_code == 422
    assert "This job has begun." in words(refused)
    assert Employment.objects.filter(person=cast.learner).exists()


def test_a_persons_page_asks_as_much_for_ten_jobs_as_for_one(
    manager: Client, cast: Cast, department: Department
) -> None:
    path = f"/team/agencies/people/{cast.learner.pk}/"
    before = count_queries(manager, path)
    job = job_of(cast.learner)
    for days in range(10):
        Employment.objects.create(
            person=cast.learner,
            agency=department.east,
            job_role=job.job_role,
            supervisor=cast.manager,
            valid_from=START + days * DAY,
            valid_until=START + (days + 1) * DAY,
        )
    assert count_queries(manager, path) == before
    assert before <= 18


def test_of_who_left_only_the_jobs_here_are_shown(client: Client, cast: Cast, department: Department) -> None:
    job = job_of(cast.learner)
    transfer(actor=None, employment=job, agency=department.other, on=today())
    client.force_login(cast.manager)
    page = words(client.get(f"/team/agencies/people/{cast.learner.pk}/"))
    assert "Cast Home" in page
    assert "Cast Other" not in page
    client.force_login(cast.outsider)
    assert "Cast Home" in words(client.get(f"/team/agencies/people/{cast.learner.pk}/")), "what was brought along"


def test_a_merged_persons_rows_lead_to_one_page(manager: Client, cast: Cast, department: Department) -> None:
    (twin,) = add_staff(department.east, 1)
    Person.objects.filter(pk=twin.pk).update(merged_into=cast.learner, is_active=False)
    page = words(manager.get(f"/team/agencies/people/{twin.pk}/"))
    assert "Lena Learner" in page
    assert "East" in page
    assert "Lena Learner" in words(manager.get(f"/team/agencies/{department.east.pk}/"))
