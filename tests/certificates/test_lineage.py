"""Which certificate stands in whose place, why, since when and by whom."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client

from certificates.enums import CertificateState
from certificates.models import Certificate, CertificateFile
from certificates.services import ReissueRefused, issue_certificates, reissue_certificate, render_pending
from lms.accounts.models import Person
from lms.audit.models import AuditEvent

from .conftest import NOW, void

Issue = Callable[..., Certificate]
LATER = NOW + timedelta(days=3)


def marry(person: Person) -> None:
    person.last_name = "Lark"
    person.save()


def reissue(certificate: Certificate, by: Person, reason: str = "The name changed") -> Certificate:
    again = reissue_certificate(certificate=certificate, reason=reason, actor=by, now=LATER)
    render_pending(now=LATER)
    certificate.refresh_from_db()
    again.refresh_from_db()
    return again


@pytest.mark.postgres
def test_it_works(issue: Issue, cast) -> None:
    first = issue(cast.learner)
    before = bytes(first.file.pdf)
    marry(cast.learner)
    second = reissue(first, cast.manager)
    assert (first.state, first.superseded_by) == (CertificateState.SUPERSEDED, second)
    assert (first.reason, first.state_changed_by, first.state_changed_at) == ("The name changed", cast.manager, LATER)
    assert first.was_reissued
    assert bytes(CertificateFile.objects.get(certificate=first).pdf) == before
    assert (second.state, second.number) == (CertificateState.VALID, f"{first.number}-2")
    assert second.printed.name == "Lena Lark"
    assert second.printed.replaces == first.number
    assert (first.printed.issued_on, second.printed.issued_on) == (date(2026, 11, 20), date(2026, 11, 23))
    assert f"Reissued; replaces {first.number}." in second.printed.more_facts
    same = ("course", "version", "hours", "completed_on", "expires_on", "started_on", "language", "issuer")
    assert [getattr(second.printed, name) for name in same] == [getattr(first.printed, name) for name in same]
    assert first.completion.person_name == "Lena Learner"
    actions = AuditEvent.objects.filter(target_type="certificates.certificate").order_by("pk")
    assert [event.action for event in actions] == [
        *("certificate.issued", "certificate.superseded", "certificate.reissued", "certificate.issued"),
    ]


def test_a_third_one_counts_on(issue: Issue, cast) -> None:
    first = issue(cast.learner)
    marry(cast.learner)
    second = reissue(first, cast.manager)
    cast.learner.first_name = "Leni"
    cast.learner.save()
    third = reissue(second, cast.learner)
    assert third.number == f"{first.number}-3"
    assert third.printed.replaces == second.number


@pytest.mark.parametrize("reason", ["", "  "])
def test_not_without_a_reason(issue: Issue, cast, reason: str) -> None:
    certificate = issue(cast.learner)
    marry(cast.learner)
    with pytest.raises(ReissueRefused, match="Say why"):
        reissue(certificate, cast.manager, reason)


def test_not_when_it_would_say_the_same(issue: Issue, cast) -> None:
    with pytest.raises(ReissueRefused, match="would say the same"):
        reissue(issue(cast.learner), cast.manager)


def test_not_what_was_replaced_or_taken_back(issue: Issue, cast) -> None:
    old, new = issue(cast.learner), issue(cast.learner)
    void(new.completion, reason="Twice", by=cast.coordinator)
    old_again = issue(cast.learner)
    marry(cast.learner)
    for certificate in (old, new):
        with pytest.raises(ReissueRefused, match="that stands"):
            reissue(certificate, cast.manager)
    assert reissue(old_again, cast.manager)


def test_not_with_a_name_that_can_not_be_printed(issue: Issue, cast) -> None:
    certificate = issue(cast.learner)
    cast.learner.last_name = "\U000f0001"
    cast.learner.save()
    with pytest.raises(ReissueRefused, match="No font"):
        reissue(certificate, cast.manager)
    certificate.refresh_from_db()
    assert certificate.state == CertificateState.VALID


@pytest.mark.postgres
def test_voiding_revokes_both_and_gives_back_the_older_completion(issue: Issue, cast) -> None:
    older = issue(cast.learner, completed_on=date(2026, 11, 10))
    first = issue(cast.learner)
    marry(cast.learner)
    second = reissue(first, cast.manager)
    void(first.completion, reason="Sat by somebody else", by=cast.coordinator)
    for certificate in (older, first, second):
        certificate.refresh_from_db()
    assert [first.state, second.state, older.state] == ["revoked", "revoked", "valid"]
    assert {first.reason, second.reason} == {"Sat by somebody else"}
    assert first.state_changed_by == second.state_changed_by == cast.coordinator
    assert (older.superseded_by, older.reason) == (None, "")


def test_a_renewal_supersedes_the_corrected_one(issue: Issue, cast) -> None:
    first = issue(cast.learner)
    marry(cast.learner)
    second = reissue(first, cast.manager)
    renewal = issue(cast.learner, completed_on=date(2026, 11, 21))
    first.refresh_from_db()
    second.refresh_from_db()
    assert second.superseded_by == renewal
    assert not second.was_reissued
    assert first.superseded_by == second


def test_issuing_anew_after_an_upgrade_changes_and_mails_nothing(issue: Issue, cast, mailoutbox) -> None:
    """As a data migration or a repaired receiver would call it."""
    certificate = issue(cast.learner)
    before = bytes(certificate.file.pdf)
    assert issue_certificates(completion_ids=[certificate.completion_id]) == []
    assert render_pending(now=LATER) == 0
    assert Certificate.objects.count() == 1
    assert bytes(CertificateFile.objects.get().pdf) == before
    assert mailoutbox == []


# --- the pages


def test_who_may_ask_for_it(client: Client, issue: Issue, cast) -> None:
    certificate = issue(cast.learner)
    for person, status in ((cast.learner, 200), (cast.manager, 200), (cast.outsider, 404), (cast.coordinator, 404)):
        client.force_login(person)
        assert client.get(f"/certificates/{certificate.number}/reissue/").status_code == status


@time_machine.travel(LATER, tick=False)
def test_the_page_issues_it_again_and_says_so_everywhere(client: Client, issue: Issue, cast) -> None:
    certificate = issue(cast.learner)
    marry(cast.learner)
    client.force_login(cast.manager)
    address = f"/certificates/{certificate.number}/reissue/"
    assert client.post(address, {"reason": ""}).status_code == 422
    guarded = client.post(address, {"reason": "Case no. 24-JV-00123"})
    assert guarded.status_code == 422
    assert "case number" in guarded.content.decode()
    page = client.post(address, {"reason": "The name changed"}, follow=True)
    assert page.status_code == 202
    render_pending(now=LATER)
    assert client.post(address, {"reason": "Again"}).status_code == 409
    old = client.get(f"/certificates/{certificate.number}/").content.decode()
    assert "the corrected one stands in its place" in old
    assert "The name changed" in old
    assert "Mara Manager" in old
    check = Client().get(f"/verify/{certificate.grouped_code}/").content.decode()
    assert "A corrected certificate replaces this one" in check
    assert "Mara Manager" not in check
    assert "Lark" not in check
    again = Certificate.objects.get(state="valid")
    assert certificate.number in Client().get(f"/verify/{again.grouped_code}/").content.decode()
