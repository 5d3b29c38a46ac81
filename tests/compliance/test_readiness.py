"""Ready for placements: the pure rule against a walk over the days, and the pages on top of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from lms.accounts.models import Person
from lms.agencies.enums import Affiliation, GrantKind
from lms.agencies.models import Agency, Employment
from lms.agencies.services import give_grant
from lms.compliance.evaluation import Kind, Span, status_on
from lms.compliance.readiness import Readiness, fold_readiness
from lms.compliance.selectors import list_readiness
from lms.compliance.services import waive
from tests.conftest import START, Cast

from .conftest import NOW, Require, change_jobs, complete, make_course

TODAY = date(2026, 3, 2)
BASE = date(2026, 1, 1)
NEVER = date.max


def day(number: int) -> date:
    return BASE + timedelta(days=number)


PIECES = st.lists(
    st.tuples(st.integers(1, 8), st.sampled_from(["", *Kind]), st.integers(-2, 10)),
    max_size=5,
)


def lay_out(pieces: list[tuple[int, str, int]]) -> list[Span]:
    """Disjoint spans, as the evaluation gives them; no kind is a gap."""
    spans, begin = [], 0
    for length, kind, late in pieces:
        if kind:
            late_on = NEVER if kind == Kind.WAIVED else day(begin + late)
            spans.append(Span(day(begin), day(begin + length), Kind(kind), late_on, late_on))
        begin += length
    return spans


@given(pieces=st.lists(PIECES, max_size=4), at=st.integers(0, 40))
def test_it_is_what_a_walk_over_the_days_finds(pieces: list[list[tuple[int, str, int]]], at: int) -> None:
    duties = [lay_out(own) for own in pieces]

    def look(on: date) -> tuple[int, int]:
        statuses = [status_on(spans, on) for spans in duties]
        owed = [status for status in statuses if status != "not_required"]
        return len(owed), sum(status not in {"complete", "renew_soon", "waived"} for status in owed)

    required, missing = look(day(at))
    expected = None
    if required:
        since = at
        while since >= 0 and look(day(since))[0] and not look(day(since))[1]:
            since -= 1
        expected = Readiness(required, missing, None if missing else day(since + 1))
    spans = [(number, span) for number, own in enumerate(duties) for span in own]
    assert fold_readiness(spans, day(at)) == expected


# --- the pages


@pytest.fixture
def clock() -> Iterator[None]:
    with time_machine.travel(f"{TODAY}T12:00-08:00", tick=False):
        yield


def reader(person: Person, agency: Agency | None) -> Client:
    kind = GrantKind.CONTRACT_MANAGER if agency else GrantKind.COORDINATOR
    give_grant(
        actor=None, person=person, kind=kind, agency=agency, valid_from=START, valid_until=None, reason="x", today=TODAY
    )
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def home(cast: Cast) -> Agency:
    return Agency.objects.get(code="cast-home")


pages = pytest.mark.usefixtures("clock")


@pytest.mark.django_db
@pytest.mark.postgres
@pages
def test_a_caregiver_before_placement(require: Require, cast: Cast, home: Agency) -> None:
    """Five of six done: not ready; the sixth done: ready, with a date."""
    courses = [make_course(f"part-{n}", title=f"Part {n}") for n in range(6)]
    for number, course in enumerate(courses):
        require(
            f"part-{number}",
            name=f"Rule {number}",
            course=course,
            before_placement=True,
            conditions=[{"person": cast.learner}],
        )
    change_jobs(cast.learner, affiliation=Affiliation.CAREGIVER)
    for course in courses[:5]:
        complete(cast.learner, course, date(2026, 2, 1))
    client = reader(cast.coordinator, None)
    page = client.get("/team/readiness/?who=caregivers").content.decode()
    assert "1 caregiver is not ready." in page
    assert "1 of 6 missing" in page
    assert "Rule 5" in page
    complete(cast.learner, courses[5], date(2026, 2, 20))
    assert list_readiness([cast.learner], as_of=TODAY)[cast.learner.pk] == Readiness(6, 0, date(2026, 2, 20))
    page = client.get("/team/readiness/?who=caregivers&show=all").content.decode()
    assert "since Feb 20, 2026" in page
    assert client.get("/team/readiness/?who=caregivers").context["page"].paginator.count == 0
    # A caregiver is no facility.
    assert client.get("/team/readiness/?show=all").context["page"].paginator.count == 0


@pytest.mark.django_db
@pytest.mark.postgres
@pages
def test_a_facility(require: Require, cast: Cast, home: Agency, course, django_assert_max_num_queries) -> None:
    rule = require(before_placement=True, conditions=[{"agency": home}])
    client = reader(cast.outsider, home)
    page = client.get("/team/readiness/").content.decode()
    assert "1 facility is not ready." in page
    assert "3 of 3 missing" in page
    complete(cast.learner, course, date(2026, 2, 1))
    complete(cast.manager, course, date(2026, 2, 9))
    page = client.get(f"/team/readiness/{home.pk}/").content.decode()
    assert "1 of 3 missing" in page
    assert cast.trainer.full_name in page
    waive(
        actor=cast.outsider,
        person=cast.trainer,
        requirement=rule,
        valid_from=date(2026, 2, 20),
        valid_until=None,
        reason="On leave",
        now=NOW,
    )
    with django_assert_max_num_queries(20):
        page = client.get("/team/readiness/?show=all").content.decode()
    assert "since Feb 20, 2026" in page
    assert "0 of 3" in page


@pytest.mark.django_db
@pages
def test_who_left_holds_up_nothing(require: Require, cast: Cast, home: Agency, course) -> None:
    require(before_placement=True, conditions=[{"agency": home}])
    complete(cast.learner, course, date(2026, 2, 1))
    complete(cast.manager, course, date(2026, 2, 9))
    change_jobs(cast.trainer, valid_until=date(2026, 2, 15))
    client = reader(cast.outsider, home)
    assert "since Feb 15, 2026" in client.get("/team/readiness/?show=all").content.decode()


@pytest.mark.django_db
@pages
def test_other_rules_do_not_count(require: Require, cast: Cast, home: Agency) -> None:
    require(conditions=[{"agency": home}])
    client = reader(cast.outsider, home)
    assert "None lacks anything." in client.get("/team/readiness/").content.decode()
    assert "No rule marked" in client.get(f"/team/readiness/{home.pk}/").content.decode()
    assert client.get("/team/readiness/?who=nobody&page=x&show=y").status_code == 200


@pytest.mark.django_db
def test_a_merged_caregiver_is_one(require: Require, cast: Cast, home: Agency, clock: None) -> None:
    twin = Person.objects.create_user("lena@old.example.org", first_name="Lena", last_name="Learner")
    Employment.objects.filter(person=cast.learner).update(affiliation=Affiliation.CAREGIVER, person=twin)
    twin.merged_into = cast.learner
    twin.save()
    require(before_placement=True, conditions=[{"agency": home, "job_role": twin.employments.get().job_role}])
    client = reader(cast.outsider, home)
    page = client.get("/team/readiness/?who=caregivers")
    assert [person for person, _readiness, _missing in page.context["lines"]] == [cast.learner]
