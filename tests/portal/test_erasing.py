"""Erasing somebody who left, and what is kept how long: the facts stay, the rest goes, each written down."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from certificates.models import Certificate
from certificates.services import render_pending
from lms.accounts.erasing import ErasureError
from lms.accounts.merging import merge_persons
from lms.accounts.models import Person
from lms.agencies.enums import GrantKind
from lms.agencies.models import Agency, Employment, Grant
from lms.agencies.services import give_grant
from lms.agencies.services.erasure import erase_leaver
from lms.audit.models import AuditEvent
from lms.audit.services import record as audit
from lms.compliance.models import CalendarFeed
from lms.compliance.services import make_feed
from lms.jobs.models import Job
from lms.learning.models import Completion, Enrollment, SectionProgress
from lms.learning.selectors import get_progress
from lms.learning.services import begin_quiz, enroll, record_completion, record_section, void_completion
from lms.outbox.models import Mail
from lms.outbox.services import enqueue
from lms.portal.models import RetentionSettings
from lms.portal.services import apply_retention
from quizzes.models import Attempt, Response
from tests.conftest import PASSWORD, START, Cast
from tests.learning.conftest import make_course

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def complete(person: Person, day: date, key: str, course: Any = None) -> Completion:
    return record_completion(
        person=person,
        course=course or make_course("kept-course", quiz=False),
        started_on=day,
        completed_on=day,
        source="online",
        mode="online",
        actor=None,
        now=timezone.now(),
        key=key,
    )


def leave(person: Person, day: date) -> None:
    Employment.objects.filter(person=person).update(valid_from=day - timedelta(days=3000), valid_until=day)


@pytest.fixture
def coordinator(cast: Cast) -> Person:
    give_grant(
        actor=None, person=cast.coordinator, kind=GrantKind.COORDINATOR, agency=None, valid_from=START,
        reason="Test", today=timezone.localdate(),
    )  # fmt: skip
    return cast.coordinator


@pytest.fixture
def leaver(cast: Cast) -> Person:
    """Somebody with something of everything, who left yesterday."""
    person, now = cast.learner, timezone.now()
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    EmailAddress.objects.create(user=person, email="lena@home.example.org", verified=True)
    TOTP.activate(person, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    SocialAccount.objects.create(user=person, provider="x", uid="lena")
    audit(actor=person, action="address.added", target=person, detail={"address": "lena@home.example.org"})
    enqueue(to=person.email, subject="Hello", text="Lena")
    course = make_course()
    open_one = enroll(person=person, course=course, language="en", now=now)
    progress = get_progress(open_one)
    assert progress is not None
    for place in progress.places:
        record_section(enrollment=open_one, module=place.module.key, section=place.section.id, now=now)
    attempt = begin_quiz(enrollment=open_one, progress=get_progress(open_one), now=now)
    Response.objects.create(question=attempt.questions.get(), chosen=["1"], saved_at=now)
    complete(person, date(2026, 10, 2), "kept")
    render_pending(now=timezone.now())
    Employment.objects.filter(person=person).update(valid_until=timezone.localdate(), employee_number="4711")
    return person


def erase(actor: Person | None, person: Person) -> Person:
    return erase_leaver(
        actor=actor, person=person, reason="Asked for it", now=timezone.now(), today=timezone.localdate()
    )


def test_the_facts_stay_and_the_rest_goes(leaver: Person, coordinator: Person) -> None:
    before = Completion.objects.values().get()
    certificate = Certificate.objects.values().get()
    sha = Certificate.objects.get().file.sha256
    make_feed(person=leaver, now=timezone.now())
    erased = erase(coordinator, leaver)
    assert not CalendarFeed.objects.exists()
    assert Completion.objects.values().get() == before
    assert before["person_name"] == "Lena Learner"
    assert Certificate.objects.values().get() == certificate
    assert Certificate.objects.get().file.sha256 == sha
    assert (erased.full_name, erased.email, erased.is_active) == ("Erased person", f"erased-{erased.pk}@invalid", False)
    assert not erased.has_usable_password()
    for model in (EmailAddress, Authenticator, SocialAccount):
        assert not model.objects.filter(user=leaver).exists()
    assert not Enrollment.objects.filter(person=leaver).exists()
    for model in (SectionProgress, Attempt, Response, Mail):
        assert not model._default_manager.exists()
    assert Employment.objects.get(person=leaver).employee_number == ""
    everything = str(list(AuditEvent.objects.values("target_name", "detail")))
    assert "lena@" not in everything
    event = AuditEvent.objects.get(action="person.erased")
    assert (event.actor, event.detail) == (coordinator, {"reason": "Asked for it"})


def test_the_certificate_can_still_be_checked(leaver: Person, coordinator: Person, client: Client) -> None:
    code = Certificate.objects.get().grouped_code
    erase(coordinator, leaver)
    page = client.get(f"/verify/{code}/")
    assert page.status_code == 200
    assert "Lena Learner" in page.content.decode()


def test_the_address_is_free_again(leaver: Person, coordinator: Person) -> None:
    address = leaver.email
    erase(coordinator, leaver)
    assert Person.objects.create_user(address).pk != leaver.pk


def test_a_session_that_is_open_ends(leaver: Person, coordinator: Person) -> None:
    client = Client()
    client.force_login(leaver, backend="django.contrib.auth.backends.ModelBackend")
    erase(coordinator, leaver)
    assert client.get("/my/").status_code == 302


def test_merged_rows_are_erased_too(leaver: Person, coordinator: Person) -> None:
    twin = Person.objects.create_user("lena@old.example.org", PASSWORD, first_name="Lena", last_name="Old")
    merge_persons(actor=None, survivor=leaver, merged=twin, now=timezone.now())
    erase(coordinator, leaver)
    twin.refresh_from_db()
    assert (twin.full_name, twin.merged_into) == ("Erased person", leaver)


def test_a_merged_row_alone_is_not_erased(leaver: Person, coordinator: Person) -> None:
    twin = Person.objects.create_user("lena@old.example.org", PASSWORD, first_name="Lena", last_name="Old")
    merge_persons(actor=None, survivor=leaver, merged=twin, now=timezone.now())
    with pytest.raises(ErasureError, match="merged into"):
        erase(coordinator, twin)


def test_rights_end(leaver: Person, coordinator: Person) -> None:
    give_grant(
        actor=None, person=leaver, kind=GrantKind.TRAINER, agency=Agency.objects.get(code="cast-home"),
        valid_from=START, reason="Test", today=timezone.localdate(),
    )  # fmt: skip
    erase(coordinator, leaver)
    assert not Grant.objects.on(timezone.localdate()).filter(person=leaver).exists()


def test_who_may_not_is_refused(leaver: Person, cast: Cast, coordinator: Person) -> None:
    for actor in (cast.manager, cast.outsider, leaver):
        with pytest.raises(PermissionDenied):
            erase(actor, leaver)
    with pytest.raises(ErasureError, match="has a job here"):
        erase(coordinator, cast.trainer)
    erase(coordinator, leaver)
    with pytest.raises(ErasureError, match="already"):
        erase(coordinator, leaver)


def test_on_the_screen(leaver: Person, coordinator: Person, client: Client) -> None:
    client.force_login(coordinator, backend="django.contrib.auth.backends.ModelBackend")
    address = f"/team/{leaver.pk}/erase/"
    assert address in client.get(f"/team/agencies/people/{leaver.pk}/").content.decode()
    assert "Erase the data of Lena Learner?" in client.get(address).content.decode()
    refused = client.post(address, {"reason": ""})
    assert refused.status_code == 422
    guarded = client.post(address, {"reason": "Child born 03/04/2012"})
    assert guarded.status_code == 422
    done = client.post(address, {"reason": "Asked for it in writing"})
    assert done.status_code == 302
    assert client.get(address).status_code == 404


# --- what is kept how long


def run() -> bool:
    return apply_retention(now=timezone.now())


def years_ago(years: int, days: int = 0) -> date:
    today = timezone.localdate()
    return today.replace(year=today.year - years, day=min(today.day, 28)) - timedelta(days=days)


def test_records_go_after_seven_years_with_their_certificates(cast: Cast) -> None:
    course = make_course("kept-course", quiz=False)
    old = complete(cast.learner, years_ago(7, 40), "old", course)
    young = complete(cast.learner, years_ago(6, 40), "young", course)
    void_completion(actor=None, completion=old, reason="Wrong day", now=timezone.now())
    render_pending(now=timezone.now())
    leave(cast.learner, years_ago(7, 39))
    assert run()
    assert list(Completion.objects.values_list("pk", flat=True)) == [young.pk]
    assert set(Certificate.objects.values_list("completion", flat=True)) <= {young.pk}
    event = AuditEvent.objects.get(action="records.removed")
    assert event.detail["count"] == 2
    # What is no longer kept no longer counts.
    job = Job.objects.get(kind="compliance.recompute")
    assert job.args == {"persons": [cast.learner.pk], "requirements": None}


def test_the_record_of_present_staff_stays_however_old(cast: Cast) -> None:
    course = make_course("kept-course", quiz=False)
    complete(cast.learner, years_ago(20), "a", course)
    complete(cast.trainer, years_ago(20), "b", course)
    leave(cast.trainer, years_ago(6))
    twin = Person.objects.create_user("twin@example.org")
    complete(twin, years_ago(20), "c", course)
    merge_persons(actor=None, survivor=cast.manager, merged=twin, now=timezone.now())
    assert run()
    assert Completion.objects.count() == 3


def test_leavers_are_erased_when_their_time_is_over(cast: Cast) -> None:
    RetentionSettings.objects.create(leavers_days=100)
    leave(cast.learner, timezone.localdate() - timedelta(days=101))
    leave(cast.trainer, timezone.localdate() - timedelta(days=99))
    nobodys = Person.objects.create_user("new@example.org", first_name="New")
    assert run()
    assert list(Person.objects.exclude(erased_at=None)) == [cast.learner]
    nobodys.refresh_from_db()
    assert nobodys.full_name == "New"


def test_it_runs_once_a_day_and_says_so(cast: Cast) -> None:
    assert run()
    assert not run()
    event = AuditEvent.objects.get(action="retention.applied")
    assert event.detail == {
        "day": timezone.localdate().isoformat(), "records": 0, "people": 0, "mails": 0, "imports": 0, "events": 0,
    }  # fmt: skip


def test_mails_and_events_go(cast: Cast) -> None:
    old = enqueue(to="a@example.org", subject="Old", text="x")
    waiting = enqueue(to="a@example.org", subject="Waiting", text="x")
    Mail.objects.update(created_at=timezone.now() - timedelta(days=91))
    Mail.objects.filter(pk=old.pk).update(state="sent")
    AuditEvent.objects.bulk_create([AuditEvent(action="old.act", at=timezone.now() - timedelta(days=365 * 8))])
    assert run()
    assert list(Mail.objects.all()) == [waiting]
    assert not AuditEvent.objects.filter(action="old.act").exists()


def test_the_page_is_for_administrators_and_a_change_is_written_down(cast: Cast, client: Client) -> None:
    client.force_login(cast.editor, backend="django.contrib.auth.backends.ModelBackend")
    address = "/cms/settings/portal/retentionsettings/"
    assert client.get(address, follow=True).status_code == 403
    administrator = Person.objects.create_superuser("admin@example.org", None, first_name="Ad", last_name="Min")
    client.force_login(administrator, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(address, follow=True)
    assert page.status_code == 200
    form = {"records_years": 10, "leavers_days": 2555, "mails_days": 90, "imports_days": 365, "audit_years": 7}
    assert client.post(page.request["PATH_INFO"], form).status_code == 302
    assert RetentionSettings.load().records_years == 10
    event = AuditEvent.objects.get(action="retention.changed")
    assert (event.actor, event.detail) == (administrator, {"records_years": {"was": 7, "is": 10}})
    client.post(page.request["PATH_INFO"], {**form, "records_years": 0})
    assert RetentionSettings.load().records_years == 10
