"""The screens of imports."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from lms.accounts.models import Person
from lms.agencies.models import Agency, Employment
from lms.audit.models import AuditEvent
from lms.hr_import.models import ColumnMapping, ImportRun
from lms.jobs.services import run_pending
from tests.conftest import Cast
from tests.flows.conftest import words
from tests.permissions.conftest import sign_in

from .conftest import LENA, bring, give, make_csv, plan, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(home: Agency, cast: Cast) -> Client:
    return sign_in(cast.manager)


def send(client: Client, content: bytes, name: str = "staff.csv", path: str = "/team/import/", **fields: Any) -> Any:
    agency = Agency.objects.get(code="cast-home")
    values = {"file": SimpleUploadedFile(name, content), "agency": agency.pk, **fields}
    response = client.post(path, values, follow=True)
    run_pending(now=timezone.now())
    return response


def press(client: Client, what: str, **fields: Any) -> Any:
    run = ImportRun.objects.latest("pk")
    response = client.post(f"/team/import/{run.pk}/{what}/", fields, follow=True)
    run_pending(now=timezone.now())
    return response


def look(client: Client, query: str = "") -> str:
    return words(client.get(f"/team/import/{ImportRun.objects.latest('pk').pk}/{query}"))


def test_from_file_to_record_and_back(manager: Client, cast: Cast) -> None:
    waiting = send(manager, make_csv(staff("1"), {**LENA, "agency_code": "cast-north"}, staff("2", job_role="pilot")))
    assert "The file is being read." in words(waiting)
    page = look(manager)
    assert "This file would change 2 rows. 1 is refused." in page
    assert "New: 1" in page
    assert "Unit: Cast Home → Cast North" in page
    assert "Job role's code: There is no job role with this code." in page
    assert "Feb 2, 2026" in page
    only = look(manager, "?kind=refused")
    assert "First2 Last2" in only
    assert "First1 Last1" not in only
    assert "being applied" in words(press(manager, "apply"))
    assert "2 rows were applied." in look(manager)
    assert Employment.objects.filter(agency__code="cast-north", person=cast.learner).exists()
    press(manager, "undo")
    assert "This import was undone." in look(manager)
    assert not Employment.objects.filter(agency__code="cast-north").exists()
    assert "staff.csv" in words(manager.get("/team/import/"))


def test_columns_are_asked_for_once(manager: Client) -> None:
    theirs = {
        "employee_number": "EmplID",
        "email": "Work Email",
        "first_name": "First",
        "last_name": "Surname",
        "agency_code": "Dept",
        "job_role": "Job Code",
        "start_on": "Hired",
    }

    def file(number: str) -> bytes:
        row = {name: staff(number)[ours] for ours, name in theirs.items()}
        return make_csv(row, header=list(theirs.values()))

    page = send(manager, file("1"))
    assert "Which column is which?" in words(page)
    assert page.context["form"]["agency_code"].initial == "Dept", "a first proposal"
    wrong = press(manager, "columns", **{**theirs, "last_name": "First"})
    assert wrong.status_code == 422
    assert "This column is named twice." in words(wrong)
    assert press(manager, "columns", **{**theirs, "job_role": "None such"}).status_code == 422
    assert press(manager, "columns", **theirs).status_code == 200
    assert "This file would change 1 row." in look(manager)
    send(manager, file("2"))
    assert "This file would change 1 row." in look(manager)
    assert ColumnMapping.objects.get().columns == theirs


@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        ("staff.exe", b"MZ", "This kind of file can't be used here."),
        ("staff.csv", b"<html>", "its content is something else"),
        ("staff.csv", b"", "empty"),
        ("staff.csv", b"a,a\n1,2\n", "Two columns are named"),
        ("staff.xlsx", b"PK\x03\x04broken", "its content is something else"),
    ],
)
def test_a_file_that_can_not_be_used(manager: Client, name: str, content: bytes, text: str) -> None:
    response = send(manager, content, name)
    assert response.status_code == 422
    assert text in words(response)
    assert not ImportRun.objects.exists()


def test_wrong_words_get_an_answer(manager: Client, home: Agency) -> None:
    assert manager.post("/team/import/", {"agency": "x", "date_order": "zzz", "full": "maybe"}).status_code == 422
    other = Agency.objects.get(code="cast-other")
    assert send(manager, make_csv(staff("1")), agency=other.pk).status_code == 422
    run = plan(make_csv(LENA), home, full=True)
    refused = manager.post(f"/team/import/{run.pk}/apply/")
    assert refused.status_code == 422
    assert "2 of 3 jobs would end" in words(refused)
    assert manager.post(f"/team/import/{run.pk}/undo/").status_code == 409
    assert manager.get(f"/team/import/{run.pk}/?kind=zzz&page=zzz").status_code == 200
    assert manager.post(f"/team/import/{run.pk}/match/", {"course_name": "x", "course": "y"}).status_code == 422
    assert manager.post(f"/team/import/{run.pk}/apply/", {"ends_confirmed": "on"}).status_code == 302
    assert manager.post(f"/team/import/{run.pk}/apply/", {"ends_confirmed": "on"}).status_code == 409
    assert manager.post(f"/team/import/{run.pk}/discard/").status_code == 409


def test_a_file_can_be_set_aside(manager: Client) -> None:
    send(manager, make_csv(staff("1")))
    page = press(manager, "discard")
    assert "Set aside." in words(page)
    assert "This file was set aside." in look(manager)


def test_what_was_left_is_told(manager: Client, home: Agency) -> None:
    send(manager, make_csv(staff("1")))
    bring(make_csv(staff("1")), home)
    run = ImportRun.objects.earliest("pk")
    manager.post(f"/team/import/{run.pk}/apply/")
    run_pending(now=timezone.now())
    page = words(manager.get(f"/team/import/{run.pk}/"))
    assert "First1 Last1: Left as it is: it changed after the preview." in page


def test_foreign_and_missing_runs_answer_alike(manager: Client, cast: Cast) -> None:
    give(cast.outsider, Agency.objects.get(code="cast-other"))
    run = plan(make_csv(staff("1")), Agency.objects.get(code="cast-home"))
    outsider = sign_in(cast.outsider)
    assert outsider.get(f"/team/import/{run.pk}/").status_code == 404
    assert outsider.get("/team/import/999999/").status_code == 404
    whole = plan(make_csv(staff("1")), None)
    assert manager.get(f"/team/import/{whole.pk}/").status_code == 404


def test_a_coordinator_imports_for_all_and_leaves_a_trace(home: Agency, cast: Cast) -> None:
    give(cast.coordinator, None, "coordinator")
    client = sign_in(cast.coordinator)
    other = staff("1", email="x@example.org", agency_code="cast-other", last_name="X")
    send(client, make_csv(staff("1"), other), agency="")
    assert "This file would change 2 rows." in look(client)
    assert AuditEvent.objects.filter(action="names.opened", detail__page="hr_import:run").exists()
    press(client, "apply")
    assert Person.objects.filter(employments__employee_number="1").distinct().count() == 2


def test_a_long_file_is_shown_in_pages_with_few_queries(
    manager: Client, home: Agency, django_assert_max_num_queries: Any
) -> None:
    run = plan(make_csv(*[staff(str(number)) for number in range(120)]), home)
    with django_assert_max_num_queries(25):
        page = words(manager.get(f"/team/import/{run.pk}/?page=2"))
    assert "Page 2 of 3" in page
    assert "First99" in page
