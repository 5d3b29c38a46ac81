from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection

from certificates.enums import CertificateState
from certificates.models import Certificate, CertificateFile, CertificateTemplate, Signatory
from certificates.selectors import list_certificates
from certificates.services import issue_certificates, render_pending, rendering
from curricula.models import Course
from lms.accounts.models import Person
from lms.audit.models import AuditEvent

from .conftest import NOW, complete, void

Issue = Callable[..., Certificate]


@pytest.mark.postgres
def test_it_works(cast, course: Course) -> None:
    completion = complete(cast.learner, course)
    certificate = Certificate.objects.get()
    assert certificate.state == CertificateState.PENDING
    assert certificate.number == f"LTN-2026-{completion.pk:06d}"
    assert certificate.expires_on == date(2028, 11, 20)
    assert render_pending(now=NOW) == 1
    certificate.refresh_from_db()
    assert (certificate.state, certificate.issued_at) == (CertificateState.VALID, NOW)
    stored = CertificateFile.objects.get()
    assert stored.sha256 == hashlib.sha256(stored.pdf).hexdigest()
    assert stored.size == len(stored.pdf)
    assert AuditEvent.objects.filter(action="certificate.issued", target_id=str(certificate.pk)).count() == 1


@pytest.mark.parametrize("source", ["external", "import", "attested"])
def test_only_what_was_taken_here_is_certified(cast, course: Course, source: str) -> None:
    complete(cast.learner, course, source=source, mode="outside")
    assert not Certificate.objects.exists()


def test_a_course_without_certificate_gives_none(cast, course: Course) -> None:
    course.certificate = False
    course.save()
    complete(cast.learner, course)
    assert not Certificate.objects.exists()


def test_announced_twice_is_certified_once(cast, course: Course) -> None:
    completion = complete(cast.learner, course)
    assert issue_certificates(completion_ids=[completion.pk]) == []
    assert Certificate.objects.count() == 1


def test_a_course_that_never_expires(cast, course: Course) -> None:
    course.valid_months = None
    course.save()
    complete(cast.learner, course)
    certificate = Certificate.objects.get()
    assert certificate.expires_on is None
    assert certificate.printed.expires_text == ""


def test_nobody_signs_unless_a_template_says_so(cast, course: Course) -> None:
    complete(cast.learner, course)
    template = CertificateTemplate(name="All courses")
    template.signatories = [Signatory(name="Wren Hazelwood", title="Program director")]
    template.save()
    complete(cast.outsider, course)
    first, second = Certificate.objects.order_by("pk")
    assert first.printed.signers == ()
    assert [signer.name for signer in second.printed.signers] == ["Wren Hazelwood"]


def test_rendering_twice_makes_one_file(issue: Issue, cast) -> None:
    certificate = issue(cast.learner)
    assert render_pending(now=NOW + timedelta(days=1)) == 0
    assert CertificateFile.objects.filter(certificate=certificate).count() == 1


@pytest.mark.postgres
def test_a_claimed_one_is_passed_by_and_taken_up_after_a_kill(cast, course: Course, monkeypatch) -> None:
    complete(cast.learner, course)

    def killed(_certificate: Certificate, **_how: object) -> bytes:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(rendering, "render_certificate", killed)
        with pytest.raises(KeyboardInterrupt):
            render_pending(now=NOW)
    assert render_pending(now=NOW + timedelta(minutes=9)) == 0
    assert render_pending(now=NOW + timedelta(minutes=10)) == 1
    assert CertificateFile.objects.count() == 1


def test_an_error_is_kept_and_tried_again(cast, course: Course, monkeypatch, caplog) -> None:
    complete(cast.learner, course)
    complete(cast.outsider, course)
    bad = Certificate.objects.get(completion__person=cast.learner)
    real = rendering.render_certificate

    def broken(certificate: Certificate, **how: Any) -> bytes:
        if certificate.pk == bad.pk:
            raise RuntimeError("no fonts")
        return real(certificate, **how)

    with monkeypatch.context() as patch:
        patch.setattr(rendering, "render_certificate", broken)
        assert render_pending(now=NOW) == 1
    bad.refresh_from_db()
    assert (bad.state, bad.attempts, bad.last_error) == (CertificateState.PENDING, 1, "RuntimeError: no fonts")
    assert bad.next_try_at == NOW + timedelta(minutes=1)
    assert render_pending(now=NOW + timedelta(minutes=1)) == 1
    bad.refresh_from_db()
    assert (bad.state, bad.last_error) == (CertificateState.VALID, "")


@pytest.mark.postgres
def test_two_workers_make_one_file(committing_db, settings) -> None:
    settings.TICK_WORK = []  # the commit wakes a worker, and here only the two below may work
    course = Course.objects.create(code="c", kind="core", title="Course", current_version=1, hours=1)
    person = Person.objects.create_user("a@example.org", first_name="Ana", last_name="Alder")
    complete(person, course)
    barrier, made = Barrier(2), []

    def work() -> None:
        try:
            barrier.wait(timeout=10)
            made.append(render_pending(now=NOW))
        finally:
            connection.close()

    workers = [Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(made) == [0, 1]
    assert CertificateFile.objects.count() == 1


def test_revoked_while_it_was_being_made(cast, course: Course, monkeypatch) -> None:
    completion = complete(cast.learner, course)
    real = rendering.render_certificate

    def slow(certificate: Certificate, **how: Any) -> bytes:
        void(completion, reason="Entered for the wrong person", by=cast.coordinator)
        return real(certificate, **how)

    monkeypatch.setattr(rendering, "render_certificate", slow)
    assert render_pending(now=NOW) == 0
    assert Certificate.objects.get().state == CertificateState.REVOKED
    assert not CertificateFile.objects.exists()


@pytest.mark.postgres
def test_voiding_the_completion_revokes(issue: Issue, cast) -> None:
    certificate = issue(cast.learner)
    void(certificate.completion, reason="Entered for the wrong person", by=cast.coordinator)
    certificate.refresh_from_db()
    assert (certificate.state, certificate.reason) == (CertificateState.REVOKED, "Entered for the wrong person")
    event = AuditEvent.objects.get(action="certificate.revoked")
    assert event.actor == cast.coordinator
    assert CertificateFile.objects.filter(certificate=certificate).exists()


def test_a_renewal_supersedes_and_its_voiding_gives_back(issue: Issue, cast) -> None:
    first = issue(cast.learner)
    second = issue(cast.learner, completed_on=date(2026, 11, 21))
    third = issue(cast.learner, completed_on=date(2026, 11, 22))
    first.refresh_from_db()
    assert (first.state, first.superseded_by) == (CertificateState.SUPERSEDED, second)

    void(second.completion, reason="Mistaken", by=cast.coordinator)
    first.refresh_from_db()
    assert (first.state, first.superseded_by) == (CertificateState.SUPERSEDED, third)

    void(third.completion, reason="Mistaken", by=cast.coordinator)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.superseded_by) == (CertificateState.VALID, None)
    assert second.state == CertificateState.REVOKED


def test_a_renewal_after_a_merge_supersedes_too(issue: Issue, cast) -> None:
    first = issue(cast.outsider)
    cast.outsider.merged_into = cast.learner
    cast.outsider.save()
    second = issue(cast.learner)
    first.refresh_from_db()
    assert first.superseded_by == second
    assert list(list_certificates([cast.learner])) == [second, first]


def test_an_older_day_recorded_late_supersedes_nothing(issue: Issue, cast) -> None:
    first = issue(cast.learner)
    issue(cast.learner, completed_on=date(2026, 11, 2))
    first.refresh_from_db()
    assert first.state == CertificateState.VALID


def test_one_persons_renewal_leaves_others_alone(issue: Issue, cast) -> None:
    mine, other = issue(cast.learner), issue(cast.outsider)
    issue(cast.learner)
    other.refresh_from_db()
    mine.refresh_from_db()
    assert (mine.state, other.state) == (CertificateState.SUPERSEDED, CertificateState.VALID)


def test_status_expires_after_its_last_day(issue: Issue, cast) -> None:
    certificate = issue(cast.learner)
    assert certificate.status_on(date(2028, 11, 20)) == "valid"
    assert certificate.status_on(date(2028, 11, 21)) == "expired"


def test_listing_asks_once(issue: Issue, cast, django_assert_num_queries) -> None:
    issue(cast.learner)
    issue(cast.outsider)
    with django_assert_num_queries(1):
        listed = list_certificates([cast.learner, cast.outsider])
        assert len([certificate.printed.name + str(certificate.completion) for certificate in listed]) == 2
