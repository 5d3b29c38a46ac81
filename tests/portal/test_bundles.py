"""A ZIP of many certificates: asked for, packed as a job, told by mail, given out to who asked."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from certificates.models import Certificate
from certificates.services import render_pending
from certificates.services.bundling import remove_old_bundles
from curricula.models import Course
from lms.accounts.models import Person
from lms.agencies.enums import GrantKind
from lms.agencies.models import Agency, Grant
from lms.agencies.services import give_grant
from lms.jobs.models import Job
from lms.jobs.services import run_pending
from lms.outbox.models import Mail
from tests.certificates.conftest import NOW, complete, void
from tests.certificates.conftest import course as course
from tests.conftest import START, Cast

ADDRESS = "/team/certificates/"
NOVEMBER = {"agency": "", "first_on": "2026-11-01", "last_on": "2026-11-30"}


@pytest.fixture(autouse=True)
def _home(settings, tmp_path):
    settings.STORAGES = {
        **settings.STORAGES,
        "private": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}},
    }
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def manager(cast: Cast) -> Person:
    give_grant(
        actor=None,
        person=cast.manager,
        kind=GrantKind.MANAGER,
        agency=Agency.objects.get(code="cast-home"),
        valid_from=START,
        reason="Manages",
        today=timezone.localdate(),
    )
    return cast.manager


@pytest.fixture
def certified(cast: Cast, course: Course) -> dict[str, Certificate]:
    """Learner and trainer of the manager's agency, and an outsider, each with a certificate."""
    for person in (cast.learner, cast.trainer, cast.outsider):
        complete(person, course)
    complete(cast.learner, course, started_on=date(2026, 10, 1), completed_on=date(2026, 10, 2))
    render_pending(now=NOW)
    return {one.printed.name: one for one in Certificate.objects.order_by("completion__completed_on", "pk")}


def ask(client: Client, **others: object) -> Job:
    response = client.post(ADDRESS, {**NOVEMBER, **others}, follow=True)
    assert response.status_code == 200, response.content.decode()
    return Job.objects.latest("pk")


def run(job: Job) -> Job:
    run_pending(now=timezone.now())
    job.refresh_from_db()
    return job


def unpack(client: Client, job: Job) -> tuple[list[dict[str, str]], dict[str, bytes]]:
    content = b"".join(client.get(f"{ADDRESS}{job.pk}/"))  # type: ignore[arg-type]
    with zipfile.ZipFile(io.BytesIO(content)) as bundle:
        assert bundle.testzip() is None
        files = {name: bundle.read(name) for name in bundle.namelist()}
    index = list(csv.DictReader(io.StringIO(files.pop("index.csv").decode("utf-8-sig"))))
    return index, files


def test_it_works(client: Client, manager: Person, certified: dict[str, Certificate]) -> None:
    client.force_login(manager)
    job = run(ask(client))
    assert (job.state, job.result["count"]) == ("done", 2), job.error
    index, files = unpack(client, job)
    assert {row["Name"] for row in index} == {"Lena Learner", "Tess Trainer"}
    for row in index:
        stored = certified[row["Name"]]
        assert files[row["File"]] == bytes(stored.file.pdf)
        assert (row["SHA-256"], row["Code"]) == (stored.file.sha256, stored.grouped_code)
    assert len(files) == 2
    assert "Download 2 certificates" in client.get(ADDRESS).content.decode()
    mail = Mail.objects.get()
    assert mail.to == manager.email
    assert mail.subject == "2 certificates are ready to download"
    assert ADDRESS in mail.text


def test_the_index_says_what_has_expired(client: Client, manager: Person, certified) -> None:
    with time_machine.travel(NOW + timedelta(days=3 * 365), tick=False):
        client.force_login(manager)
        index, _files = unpack(client, run(ask(client)))
    assert {row["State"] for row in index} == {"Expired"}


def test_run_again_after_a_kill_it_tells_once(client: Client, manager: Person, certified) -> None:
    client.force_login(manager)
    job = run(ask(client))
    Job.objects.update(state="pending")
    assert run(job).state == "done"
    assert Mail.objects.count() == 1
    assert len(unpack(client, job)[1]) == 2


def test_what_was_taken_back_is_left_out(client: Client, manager: Person, certified, cast: Cast) -> None:
    void(certified["Tess Trainer"].completion, reason="Twice", by=cast.manager)
    client.force_login(manager)
    index, _files = unpack(client, run(ask(client)))
    assert [row["Name"] for row in index] == ["Lena Learner"]


def test_an_agency_that_has_nobody(client: Client, manager: Person, certified) -> None:
    client.force_login(manager)
    home = Agency.objects.get(code="cast-home")
    assert run(ask(client, agency=home.pk)).result["count"] == 2
    job = run(ask(client, first_on="2026-01-01", last_on="2026-01-31"))
    assert job.state == "failed"
    assert "No certificate of your people" in client.get(ADDRESS).content.decode()


def test_whom_it_may_name_is_asked_when_it_is_packed(client: Client, manager: Person, certified) -> None:
    client.force_login(manager)
    job = ask(client)
    Grant.objects.filter(person=manager).delete()
    assert run(job).result["count"] == 1, "the direct report alone"


@pytest.mark.parametrize(
    "wrong", [{"agency": "999999"}, {"agency": "x"}, {"first_on": "soon"}, {"last_on": "2026-10-01"}, {"last_on": ""}]
)
def test_wrong_input_is_answered_in_words(client: Client, manager: Person, wrong: dict[str, str]) -> None:
    client.force_login(manager)
    page = client.post(ADDRESS, {**NOVEMBER, **wrong})
    assert page.status_code == 422
    assert "usa-error-message" in page.content.decode()
    assert not Job.objects.exists()


def test_a_foreign_agency_is_no_choice(client: Client, manager: Person) -> None:
    client.force_login(manager)
    other = Agency.objects.get(code="cast-other")
    assert client.post(ADDRESS, {**NOVEMBER, "agency": other.pk}).status_code == 422


def test_the_file_is_for_who_asked_and_for_seven_days(client: Client, manager: Person, certified, cast: Cast) -> None:
    client.force_login(manager)
    job = run(ask(client))
    address = f"{ADDRESS}{job.pk}/"
    assert Client().get(address).status_code == 302
    client.force_login(cast.coordinator)
    assert client.get(address).status_code == 404
    assert remove_old_bundles(now=timezone.now()) == 0
    remove_old_bundles(now=timezone.now() + timedelta(days=3650))
    client.force_login(manager)
    gone = client.get(address)
    assert gone.status_code == 410
    assert "pack them again" in gone.content.decode()


def test_a_name_can_not_act_in_a_spreadsheet(client: Client, manager: Person, cast: Cast, course: Course) -> None:
    cast.learner.first_name = "=HYPERLINK(1)"
    cast.learner.save()
    complete(cast.learner, course)
    render_pending(now=NOW)
    client.force_login(manager)
    index, _files = unpack(client, run(ask(client)))
    assert index[0]["Name"].startswith("'=")
