"""My training, my team, one person's record."""

from datetime import UTC, date, datetime, timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from curricula.models import Course
from lms.accounts.models import Person
from lms.agencies.models import Employment
from lms.agencies.signals import employment_changed
from lms.compliance.models import RequirementCondition
from lms.compliance.services import save_requirement
from lms.learning.models import Completion, Enrollment
from lms.learning.services import record_completion
from tests.conftest import Cast

MY, TEAM = "/my/", "/team/"


@pytest.fixture
def course(db: None) -> Course:
    """A course that everyone owes within 30 days of the job's first day."""
    course = Course.objects.create(code="cast-101", kind="core", level="awareness", title="First course")
    save_requirement(
        actor=None,
        code="everyone",
        name="Awareness for all staff",
        citation="Work-scope grid",
        days=30,
        months=24,
        starts_on=date(2026, 1, 5),
        courses=[course],
        conditions=[RequirementCondition()],
    )
    return course


def employ(person: Person, *, days_ago: int) -> date:
    """Let the person's jobs begin so many days before today; return that day."""
    first_day = timezone.localdate() - timedelta(days=days_ago)
    Employment.objects.filter(person=person).update(valid_from=first_day)
    employment_changed.send(sender=Employment, person_ids=[person.pk])
    return first_day


def complete(person: Person, course: Course, on: date) -> Completion:
    return record_completion(
        actor=None,
        person=person,
        course=course,
        started_on=on,
        completed_on=on,
        source="attested",
        mode="in_person",
        now=datetime(2026, 1, 1, tzinfo=UTC),
        key=f"test:{person.pk}:{course.pk}:{on}",
    )


def text(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return " ".join(unescape(response.content.decode()).split())


@pytest.mark.parametrize("address", [MY, TEAM, "/team/1/"])
def test_a_visitor_is_asked_to_sign_in(client: Client, db: None, address: str) -> None:
    response = client.get(address)
    assert (response.status_code, response["Location"]) == (302, f"{reverse('account_login')}?next={address}")


def test_my_page_says_what_is_owed_by_when_and_why(client: Client, cast: Cast, course: Course) -> None:
    employ(cast.learner, days_ago=10)
    client.force_login(cast.learner)
    page = text(client, MY)
    assert "You owe 1 course. The next is due in 20 days." in page
    assert "Awareness for all staff, Work-scope grid" in page
    assert "This course is not online yet" in page


@pytest.mark.parametrize(
    ("days_ago", "words"),
    [(30, "The next is due today."), (29, "The next is due in 1 day."), (31, "1 is overdue."), (60, "Was due")],
)
def test_my_page_counts_the_days(client: Client, cast: Cast, course: Course, days_ago: int, words: str) -> None:
    employ(cast.learner, days_ago=days_ago)
    client.force_login(cast.learner)
    assert words in text(client, MY)


def test_my_page_when_all_is_done(client: Client, cast: Cast, course: Course) -> None:
    complete(cast.learner, course, employ(cast.learner, days_ago=100))
    client.force_login(cast.learner)
    page = text(client, MY)
    assert "Nothing is due." in page
    assert "Valid until" in page
    assert "All that your jobs ask for is done" in page


def test_my_page_offers_what_was_begun(client: Client, cast: Cast, course: Course) -> None:
    employ(cast.learner, days_ago=5)
    now = timezone.now()
    Enrollment.objects.create(person=cast.learner, course=course, version=1, started_at=now, last_seen_at=now)
    client.force_login(cast.learner)
    page = text(client, MY)
    assert "Where you left off" in page
    assert "In progress" in page


def test_my_page_shows_what_was_done_beyond_duty(client: Client, cast: Cast) -> None:
    other = Course.objects.create(code="cast-more", kind="topic", level="response", title="More than asked")
    complete(cast.learner, other, timezone.localdate())
    client.force_login(cast.learner)
    assert "More than asked" in text(client, MY)


@pytest.mark.parametrize("who", ["learner", "outsider", "trainer", "coordinator", "editor"])
def test_who_leads_nobody_has_no_team_page(client: Client, cast: Cast, who: str) -> None:
    client.force_login(getattr(cast, who))
    assert client.get(TEAM).status_code == 404
    assert TEAM not in text(client, MY)


def test_a_supervisor_opens_the_record_of_a_report(client: Client, cast: Cast, course: Course) -> None:
    employ(cast.learner, days_ago=100)
    client.force_login(cast.manager)
    page = text(client, reverse("portal:person", args=[cast.learner.pk]))
    assert "Lena Learner" in page
    assert "Overdue" in page
    assert "Start" not in page


@pytest.mark.parametrize("who", ["manager", "outsider", "trainer", "coordinator", "editor"])
def test_anybody_elses_record_is_not_found(client: Client, cast: Cast, who: str) -> None:
    client.force_login(cast.manager)
    assert client.get(reverse("portal:person", args=[getattr(cast, who).pk])).status_code == 404
    assert client.get(reverse("portal:person", args=[999_999])).status_code == 404


def test_a_former_reports_record_is_not_found(client: Client, cast: Cast) -> None:
    Employment.objects.filter(person=cast.learner).update(valid_until=timezone.localdate())
    client.force_login(cast.manager)
    assert client.get(reverse("portal:person", args=[cast.learner.pk])).status_code == 404


def test_a_page_of_mine_is_read_not_written(client: Client, cast: Cast) -> None:
    client.force_login(cast.learner)
    assert client.post(MY).status_code == 405


def test_healthz(client: Client, db: None) -> None:
    assert client.get("/healthz").content == b"ok\n"
