"""Proof of an outside training: sent, looked at, approved, returned, refused; and who may see it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from certificates.models import Certificate, CreditBody, CreditEntry
from certificates.services import CreditRefused, save_license
from curricula.models import Course
from lms.agencies.enums import GrantKind
from lms.agencies.models import Agency
from lms.agencies.services import give_grant
from lms.audit.models import AuditEvent
from lms.learning.external import (
    ExternalRefused,
    approve_external,
    refuse_external,
    return_external,
    send_external_again,
)
from lms.learning.models import Completion, ExternalCredit, ExternalProof
from lms.learning.services import void_completion
from lms.outbox.models import Mail
from lms.portal.services import approve_outside
from tests.conftest import Cast

PDF = b"%PDF-1.7\n% a scan of a certificate\n%%EOF"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20


@pytest.fixture
def program(db: None) -> Course:
    return Course.objects.create(code="mlmc", kind="external", title="My Life My Choice", certificate=False)


def fields(course: Course | None, **others: Any) -> dict[str, Any]:
    values = {
        "program": course.pk if course else "",
        "title": "",
        "provider": "Elsewhere",
        "started_on": "2026-10-01",
        "completed_on": "2026-10-02",
        "hours": "6.5",
        "proof": SimpleUploadedFile("proof.pdf", PDF),
        **others,
    }
    return {name: value for name, value in values.items() if value is not None}


def send(client: Client, program: Course | None, **others: Any) -> ExternalCredit:
    response = client.post("/my/outside/", fields(program, **others), follow=True)
    assert response.status_code == 200, response.content.decode()
    return ExternalCredit.objects.latest("pk")


@pytest.fixture
def sent(client: Client, cast: Cast, program: Course) -> ExternalCredit:
    client.force_login(cast.learner)
    return send(client, program)


@pytest.mark.postgres
def test_it_works(client: Client, cast: Cast, sent: ExternalCredit) -> None:
    assert "Waiting for approval" in client.get("/my/outside/").content.decode()
    client.force_login(cast.manager)
    assert "1 outside training waits for you." in client.get("/team/outside/").content.decode()
    answer = client.post(f"/team/outside/{sent.key}/", {"decision": "approve", "hours": "6"}, follow=True)
    assert "No outside training waits for you." in answer.content.decode()
    completion = Completion.objects.get()
    assert (completion.source, completion.mode, completion.hours) == ("external", "outside", Decimal(6))
    assert (completion.person, completion.course_title) == (cast.learner, "My Life My Choice")
    assert (completion.started_on, completion.completed_on) == (date(2026, 10, 1), date(2026, 10, 2))
    assert (completion.recorded_by, completion.place) == (cast.manager, "Elsewhere")
    assert not Certificate.objects.exists()
    client.force_login(cast.learner)
    assert "External credit" in client.get("/my/outside/").content.decode()
    assert "My Life My Choice" in client.get("/my/").content.decode()
    assert [event.action for event in AuditEvent.objects.filter(target_type="learning.externalcredit")] == [
        *("external.approved", "external.sent"),
    ]


def test_the_sender_is_told_by_mail(client: Client, cast: Cast, sent: ExternalCredit, program: Course) -> None:
    now = timezone.now()
    return_external(credit=sent, reason="The second page & the seal are missing", actor=cast.manager, now=now)
    client.force_login(cast.learner)
    again = send(client, program, completed_on="2026-10-03")
    refuse_external(credit=again, reason="Not a training", actor=cast.manager, now=now)
    more = send(client, program, completed_on="2026-10-04")
    approve_external(credit=more, hours=Decimal("5.50"), actor=cast.manager, now=now)
    approve_external(credit=more, hours=Decimal("5.50"), actor=cast.manager, now=now)
    mails = Mail.objects.filter(to=cast.learner.email).order_by("pk")
    expected = [
        ("Something is missing: My Life My Choice", "The second page & the seal are missing", sent),
        ("Not counted: My Life My Choice", "Not a training", again),
        ("Approved: My Life My Choice", "5.5 hours", more),
    ]
    for mail, (subject, words, credit) in zip(mails, expected, strict=True):
        assert mail.subject == subject
        assert words in mail.text
        assert cast.manager.full_name in mail.text
        assert mail.text.count("http") == 1
        assert f"/my/outside/{credit.key}/" in mail.text


def test_who_was_joined_to_another_row_is_told_there(cast: Cast, sent: ExternalCredit) -> None:
    cast.learner.merged_into, cast.learner.is_active = cast.trainer, False
    cast.learner.save()
    refuse_external(credit=sent, reason="Not a training", actor=cast.manager, now=timezone.now())
    assert Mail.objects.get().to == cast.trainer.email


def test_a_program_that_the_list_lacks_becomes_one(client: Client, cast: Cast, program: Course) -> None:
    client.force_login(cast.learner)
    first = send(client, None, title="Program of another county")
    second = send(client, None, title="program of another county", completed_on="2026-10-03")
    for credit in (first, second):
        approve_external(credit=credit, hours=Decimal(1), actor=cast.manager, now=timezone.now())
    made = Course.objects.get(title="Program of another county")
    assert (made.kind, made.code, made.certificate) == ("external", "outside-program-of-another-county", False)
    assert made.completions.count() == 2


def test_returned_completed_and_sent_again(client: Client, cast: Cast, sent: ExternalCredit, program: Course) -> None:
    client.force_login(cast.manager)
    address = f"/team/outside/{sent.key}/"
    assert client.post(address, {"decision": "return", "reason": ""}).status_code == 422
    assert client.post(address, {"decision": "return", "reason": "DOB 1/2/2010"}).status_code == 422
    assert client.post(address, {"decision": "return", "reason": "The second page is missing"}).status_code == 302
    client.force_login(cast.learner)
    assert "The second page is missing" in client.get("/my/outside/").content.decode()
    mine = f"/my/outside/{sent.key}/"
    again = SimpleUploadedFile("proof.png", PNG)
    assert client.post(mine, fields(program, hours="7", proof=again)).status_code == 302
    sent.refresh_from_db()
    assert (sent.state, sent.hours) == ("waiting", Decimal(7))
    assert [proof.kind for proof in sent.proofs.all()] == ["pdf", "png"]
    assert client.post(mine, fields(program, hours="7.25", proof=None)).status_code == 302


def test_refused_for_good(client: Client, cast: Cast, sent: ExternalCredit, program: Course) -> None:
    refuse_external(credit=sent, reason="Not a training", actor=cast.manager, now=timezone.now())
    page = client.post(f"/my/outside/{sent.key}/", fields(program))
    assert page.status_code == 409
    assert "decided already" in page.content.decode()
    client.force_login(cast.manager)
    page = client.post(f"/team/outside/{sent.key}/", {"decision": "approve", "hours": "1"})
    assert page.status_code == 409
    assert not Completion.objects.exists()


@pytest.mark.postgres
def test_decided_twice_counts_once(cast: Cast, sent: ExternalCredit) -> None:
    now = timezone.now()
    first = approve_external(credit=sent, hours=Decimal(6), actor=cast.manager, now=now)
    assert approve_external(credit=sent, hours=Decimal(9), actor=cast.manager, now=now) == first
    for decide in (return_external, refuse_external):
        with pytest.raises(ExternalRefused, match="decided this already"):
            decide(credit=sent, reason="Late", actor=cast.manager, now=now)
    with pytest.raises(ExternalRefused):
        send_external_again(credit=sent, claim=None, proof=None, actor=cast.learner, now=now)  # type: ignore[arg-type]
    assert Completion.objects.count() == 1


def test_what_was_approved_and_voided_says_so(client: Client, cast: Cast, sent: ExternalCredit) -> None:
    completion = approve_external(credit=sent, hours=Decimal(6), actor=cast.manager, now=timezone.now())
    void_completion(completion=completion, reason="A copy of another proof", actor=cast.manager, now=timezone.now())
    page = client.get(f"/my/outside/{sent.key}/").content.decode()
    assert "Revoked" in page
    assert "A copy of another proof" in page


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"program": ""}, "write the title of another one"),
        ({"program": "999999"}, "usa-error-message"),
        ({"hours": "6.3"}, "Give quarter hours"),
        ({"hours": "0"}, "usa-error-message"),
        ({"hours": "1000"}, "usa-error-message"),
        ({"hours": "NaN"}, "usa-error-message"),
        ({"completed_on": "2026-09-30"}, "The last day comes before the first"),
        ({"completed_on": (timezone.localdate() + timedelta(days=2)).isoformat()}, "still to come"),
        ({"started_on": "soon"}, "usa-error-message"),
        ({"started_on": "0206-10-01"}, "Check the year."),
        ({"provider": "Case no. 24-JV-00123"}, "case number"),
        ({"proof": None}, "usa-error-message"),
        ({"proof": SimpleUploadedFile("proof.pdf", b"<html><script>")}, "its content is something else"),
        ({"proof": SimpleUploadedFile("proof.svg", b"<svg>")}, "can&#x27;t be used here"),
        ({"proof": SimpleUploadedFile("proof.pdf", b"")}, "empty"),
        ({"proof": SimpleUploadedFile("proof.pdf", PDF + b"0" * 10 * 1024 * 1024)}, "larger than 10 MB"),
    ],
)
def test_wrong_input_is_answered_in_words(
    client: Client, cast: Cast, program: Course, wrong: dict[str, Any], words: str
) -> None:
    client.force_login(cast.learner)
    page = client.post("/my/outside/", fields(program, **wrong))
    assert page.status_code == 422
    assert words in page.content.decode()
    assert not ExternalCredit.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"decision": "approve", "hours": ""},
        {"decision": "approve", "hours": "x"},
        {"decision": "refuse", "reason": " "},
        {"decision": "burn", "reason": "x"},
        {},
    ],
)
def test_a_decision_that_lacks_something(client: Client, cast: Cast, sent: ExternalCredit, wrong: dict) -> None:
    client.force_login(cast.manager)
    assert client.post(f"/team/outside/{sent.key}/", wrong).status_code == 422
    sent.refresh_from_db()
    assert sent.state == "waiting"


# --- who sees it


def test_the_proof_is_given_out_and_shown_nowhere(client: Client, cast: Cast, sent: ExternalCredit) -> None:
    proof = ExternalProof.objects.get()
    address = f"/outside/{sent.key}/proof/{proof.pk}/"
    for person in (cast.learner, cast.manager):
        client.force_login(person)
        response = client.get(address)
        assert response.content == PDF
        assert response["Content-Type"] == "application/pdf"
        assert response["Content-Disposition"].startswith("attachment;")
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in response["Content-Security-Policy"]
        assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("who", ["outsider", "trainer", "coordinator", "editor"])
def test_nobody_else_finds_it(client: Client, cast: Cast, sent: ExternalCredit, who: str) -> None:
    client.force_login(getattr(cast, who))
    proof = ExternalProof.objects.get()
    for path in (f"/my/outside/{sent.key}/", f"/team/outside/{sent.key}/", f"/outside/{sent.key}/proof/{proof.pk}/"):
        assert client.get(path).status_code == 404
    assert client.post(f"/team/outside/{sent.key}/", {"decision": "approve", "hours": "1"}).status_code == 404
    assert not Completion.objects.exists()


def test_a_reader_sees_the_proof_and_decides_nothing(client: Client, cast: Cast, sent: ExternalCredit) -> None:
    give_grant(
        actor=None,
        person=cast.trainer,
        kind=GrantKind.READER,
        agency=Agency.objects.get(code="cast-home"),
        valid_from=timezone.localdate(),
        valid_until=timezone.localdate() + timedelta(days=30),
        reason="To read",
        today=timezone.localdate(),
    )
    client.force_login(cast.trainer)
    assert client.get(f"/outside/{sent.key}/proof/{ExternalProof.objects.get().pk}/").status_code == 200
    assert client.get("/team/outside/").status_code == 404
    assert client.post(f"/team/outside/{sent.key}/", {"decision": "approve", "hours": "1"}).status_code == 404


def test_nobody_approves_their_own(client: Client, cast: Cast, program: Course) -> None:
    client.force_login(cast.manager)
    credit = send(client, program)
    assert client.post(f"/team/outside/{credit.key}/", {"decision": "approve", "hours": "1"}).status_code == 404


def test_the_manager_of_who_was_merged_decides(client: Client, cast: Cast, program: Course) -> None:
    client.force_login(cast.outsider)
    credit = send(client, program)
    cast.outsider.merged_into = cast.learner
    cast.outsider.save()
    client.force_login(cast.manager)
    assert client.post(f"/team/outside/{credit.key}/", {"decision": "approve", "hours": "1"}).status_code == 302


@pytest.mark.parametrize("wrong", [{"state": "refused"}, {"state": "approved"}, {"completed_on": date(2026, 1, 1)}])
def test_the_database_refuses_what_can_not_be(cast: Cast, sent: ExternalCredit, wrong: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        ExternalCredit.objects.filter(pk=sent.pk).update(**wrong)


def test_the_list_asks_the_same_number_of_queries(
    client: Client, cast: Cast, sent: ExternalCredit, program: Course, django_assert_max_num_queries
) -> None:
    for day in range(3, 9):
        send(client, program, completed_on=f"2026-10-0{day}")
    client.force_login(cast.manager)
    with django_assert_max_num_queries(9):
        assert client.get("/team/outside/").status_code == 200


# --- hours with bodies of continuing education


def test_hours_count_with_a_body_as_the_approver_reads_them(
    client: Client, cast: Cast, sent: ExternalCredit, program: Course
) -> None:
    nurses = CreditBody.objects.create(
        code="rn", short_name="RN", name="Nurses", citation="Rule", minutes_an_hour=50, cycle_starts="license"
    )
    bar = CreditBody.objects.create(
        code="bar", short_name="Bar", name="Bar", citation="Rule", cycle_starts="license", counts_outside=False
    )
    CreditBody.objects.create(code="stc", short_name="STC", name="STC", citation="Rule", cycle_starts="license")
    for body in (nurses, bar):
        save_license(person=cast.learner, body=body, kind="", number="", expires_on=None, actor=cast.learner)
    client.force_login(cast.manager)
    address = f"/team/outside/{sent.key}/"
    page = client.get(address).content.decode()
    assert "Hours that count with RN" in page
    assert "Bar does not count outside training." in page
    assert "STC" not in page
    approve = {"decision": "approve", "hours": "6"}
    for given, words in (("7.3", "Give quarter hours"), ("7.25", "The training has 7 hours as RN counts them.")):
        answer = client.post(address, {**approve, f"body_{nurses.pk}": given})
        assert answer.status_code == 422
        assert words in answer.content.decode()
    assert not Completion.objects.exists()
    client.post(address, {**approve, f"body_{nurses.pk}": "7", f"body_{bar.pk}": "1"})
    [entry] = CreditEntry.objects.all()
    assert (entry.completion, entry.body, entry.hours) == (Completion.objects.get(), nurses, Decimal(7))
    client.force_login(cast.learner)
    assert "RN: 7" in client.get(f"/my/outside/{sent.key}/").content.decode()
    assert "RN 7" in client.get("/my/transcript/").content.decode()
    assert "7 hours" in client.get("/my/hours/").content.decode()


def test_a_body_that_counts_none_refuses_and_nothing_is_written(cast: Cast, sent: ExternalCredit) -> None:
    body = CreditBody.objects.create(
        code="bar", short_name="Bar", name="Bar", citation="Rule", cycle_starts="license", counts_outside=False
    )
    with pytest.raises(CreditRefused, match="Bar does not count outside training"):
        approve_outside(
            credit=sent,
            hours=Decimal(6),
            with_bodies={body: Decimal(1)},
            actor=cast.manager,
            now=timezone.now(),
        )
    assert not Completion.objects.exists()
    assert not Mail.objects.exists()
