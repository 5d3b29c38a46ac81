"""Events that meet each other, and workers that are killed: afterwards the ledger and the spans agree."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable, Collection
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier, Event
from time import monotonic, sleep

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.utils import timezone

from curricula.models import Course
from lms.accounts.merging import merge_persons, undo_merge
from lms.accounts.models import Person
from lms.agencies.models import Agency, AgencyKind, Employment, JobRole
from lms.agencies.services import add_employment, create_agency, move_agency
from lms.compliance.models import CountedDay, ObligationSpan, Requirement, RequirementCondition, RequirementCourse
from lms.compliance.services import change_requirement, count_day, refresh_counts, spans, verify, verify_counts
from lms.compliance.services.counts import forget_counts
from lms.jobs.models import Job
from lms.jobs.services import run_pending
from lms.learning.models import Completion
from lms.learning.services import void_completion
from tests.conftest import START, add_agency

from .conftest import complete, make_course, make_requirement

pytestmark = pytest.mark.postgres

PEOPLE = 24
DAY = timedelta(days=1)


@pytest.fixture
def site(committing_db: None, django_db_blocker):  # type: ignore[no-untyped-def]
    """Two agencies with people, two courses, a rule for each; committed."""
    with django_db_blocker.unblock():
        kind = AgencyKind.objects.create(code="probation", name="Probation")
        role = JobRole.objects.create(code="deputy", title="Deputy", kind=kind)
        home, other = add_agency("home", kind), add_agency("other", kind)
        for number in range(PEOPLE):
            person = Person.objects.create_user(f"{number}@example.org", first_name="Pat", last_name=f"P{number:03}")
            Employment.objects.create(
                person=person, agency=other if number % 4 == 0 else home, job_role=role, valid_from=START
            )
        make_requirement("first", make_course("first"), months=12, days=20)
        make_requirement("second", make_course("second", level="response"), [{"agency": home}])
        refresh_counts(now=timezone.now())
        yield


@pytest.fixture
def busy_site(site: None) -> None:
    """The same, where several transactions write at once."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time.")


def differences() -> list[object]:
    everybody = list(Person.objects.values_list("pk", flat=True))
    days = list(CountedDay.objects.values_list("day", flat=True))
    return [*verify(everybody), *(row for day in days for row in verify_counts(day))]


@pytest.mark.parametrize("limit", [50, 5])
def test_a_rule_is_edited_while_completions_stream_in(
    busy_site: None, limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the event's transaction, and by jobs; with hires, moves, merges and counts at the same time."""
    monkeypatch.setattr(spans, "EVENT_LIMIT", limit)
    people = list(Person.objects.order_by("pk"))
    streams: list[Callable[[random.Random], None]] = [
        lambda chance: stream_completions(people[::2], chance),
        lambda chance: stream_completions(people[1::2], chance),
        edit_rules,
        lambda chance: employ_and_move(people, chance),
        lambda _chance: merge_and_undo(people),
        lambda _chance: count_days(),
    ]
    together = Barrier(len(streams))

    def run(number: int) -> None:
        try:
            together.wait(timeout=30)
            streams[number](random.Random(number))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(streams)) as pool:
        list(pool.map(run, range(len(streams))))
    while run_pending(now=timezone.now()):
        pass
    assert not Job.objects.exclude(state="done").exists()
    assert Completion.objects.count() > PEOPLE
    assert not differences()
    refresh_counts(now=timezone.now())
    call_command("evaluate_compliance", "--verify", "--all")


def stream_completions(people: list[Person], chance: random.Random) -> None:
    courses = list(Course.objects.order_by("pk"))
    for round_number in range(3):
        for person in people:
            day = START + chance.randrange(300) * DAY
            completion = complete(person, chance.choice(courses), day, key=f"{round_number}:{person.pk}")
            if chance.random() < 0.2:
                void_completion(completion=completion, reason="Entered twice.", actor=person, now=timezone.now())


def edit_rules(chance: random.Random) -> None:
    courses = list(Course.objects.order_by("pk"))
    agencies = list(Agency.objects.filter(depth=1))
    for number in range(12):
        rule = Requirement.objects.order_by("pk")[number % 2]
        conditions = [
            [RequirementCondition()],
            [RequirementCondition(agency=chance.choice(agencies)), RequirementCondition(level="manager")],
        ]
        change_requirement(
            actor=None,
            requirement=rule,
            accepted=[RequirementCourse(course=course) for course in courses[: chance.choice([1, 2])]],
            conditions=chance.choice(conditions),
            days=chance.choice([10, 40, 400]),
            months=chance.choice([None, 1, 12]),
        )


def employ_and_move(people: list[Person], chance: random.Random) -> None:
    home, other = Agency.objects.filter(depth=1)
    role = JobRole.objects.get()
    unit = create_agency(actor=None, code="unit", name="Unit", kind=home.kind, parent=home, valid_from=START)
    for number in range(10):
        add_employment(
            actor=None,
            person=people[number],
            agency=unit,
            job_role=role,
            valid_from=START + chance.randrange(100) * DAY,
        )
        if number % 3 == 2:
            under = other if number // 3 % 2 == 0 else home
            on = date(2026, 6, 1) + number * DAY
            move_agency(actor=None, agency=unit, new_parent=Agency.objects.get(pk=under.pk), on=on)


def merge_and_undo(people: list[Person]) -> None:
    for number in range(4):
        merge = merge_persons(actor=None, survivor=people[12 + number], merged=people[18 + number], now=timezone.now())
        if number % 2:
            undo_merge(actor=None, merge=merge, now=timezone.now())


def count_days() -> None:
    for _number in range(6):
        count_day(day=timezone.localdate(), now=timezone.now())
        refresh_counts(now=timezone.now())


class Pause:
    """Where a thread stands still until it is let go on."""

    def __init__(self) -> None:
        self.reached, self.go_on = Event(), Event()

    def __call__(self) -> None:
        self.reached.set()
        assert self.go_on.wait(30)


def in_thread(pool: ThreadPoolExecutor, act: Callable[[], object]) -> Future[object]:
    def run() -> object:
        try:
            return act()
        finally:
            connections.close_all()

    return pool.submit(run)


def wait_until_somebody_waits() -> None:
    """Return when a connection to the database waits for a lock of another one."""
    deadline = monotonic() + 30
    with connection.cursor() as cursor:
        while monotonic() < deadline:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
            sleep(0.02)
    pytest.fail("Nobody waits.")


def test_a_day_that_is_being_counted_is_forgotten_with_the_others(
    busy_site: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    pause = Pause()
    CountedDay.objects.all().delete()
    monkeypatch.setattr("lms.compliance.services.counts._add_up", lambda _day: pause())
    with ThreadPoolExecutor(2) as pool:
        counting = in_thread(pool, lambda: count_day(day=timezone.localdate(), now=timezone.now()))
        assert pause.reached.wait(30)
        forgetting = in_thread(pool, forget_counts)
        wait_until_somebody_waits()
        pause.go_on.set()
        counting.result(30)
        forgetting.result(30)
    assert not CountedDay.objects.exists()


def test_an_event_of_a_merged_person_and_the_undoing_of_the_merge_meet(
    busy_site: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    survivor, merged = Person.objects.order_by("pk")[:2]
    merge = merge_persons(actor=None, survivor=survivor, merged=merged, now=timezone.now())
    pause, read = Pause(), spans._read_people

    def read_and_pause(column: str, wanted: Collection[int], **options: bool) -> dict[int, int | None]:
        found = read(column, wanted, **options)
        if not pause.reached.is_set():
            pause()
        return found

    def event() -> dict[int, int]:
        with transaction.atomic():
            return spans.lock_identities([merged.pk])

    monkeypatch.setattr(spans, "_read_people", read_and_pause)
    with ThreadPoolExecutor(2) as pool:
        locking = in_thread(pool, event)
        assert pause.reached.wait(30)
        undoing = in_thread(pool, lambda: undo_merge(actor=None, merge=merge, now=timezone.now()))
        wait_until_somebody_waits()
        pause.go_on.set()
        assert locking.result(30) == {survivor.pk: survivor.pk, merged.pk: survivor.pk}
        undoing.result(30)
    assert not differences()


def test_who_is_merged_while_an_event_waits_is_one_with_the_survivor(busy_site: None) -> None:
    survivor, merged = Person.objects.order_by("pk")[:2]

    def event() -> dict[int, int]:
        with transaction.atomic():
            return spans.lock_identities([survivor.pk])

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            merge_persons(actor=None, survivor=survivor, merged=merged, now=timezone.now())
            locking = in_thread(pool, event)
            wait_until_somebody_waits()
        assert locking.result(30) == {survivor.pk: survivor.pk, merged.pk: survivor.pk}


def test_a_job_that_is_killed_midway_goes_on_where_it_was_and_leaves_no_half_state(
    site: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spans, "EVENT_LIMIT", 5)
    monkeypatch.setattr(spans, "CHUNK", 4)
    monkeypatch.setattr("lms.jobs.services._send_work_left", lambda: None)  # the worker is the one that is killed
    make_requirement("third", make_course("third"))
    third = ObligationSpan.objects.filter(requirement__code="third")
    connections.close_all()
    worker = os.fork()
    if not worker:
        report = spans.report_progress

        def die_midway(job: Job, *, done: int, **further: object) -> None:
            report(job, done=done, **further)
            if done >= 12:
                os.kill(os.getpid(), signal.SIGKILL)

        try:
            spans.report_progress = die_midway  # type: ignore[assignment]
            run_pending(now=timezone.now())
        finally:
            os._exit(1)
    _pid, status = os.waitpid(worker, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    done = set(third.values_list("person", flat=True))
    assert len(done) == 12
    assert not list(verify(done))
    job = Job.objects.get()
    assert (job.state, job.done, job.total) == ("running", 12, PEOPLE)
    assert job.result == {"changed": 12, "after": max(done)}
    chunks: list[list[int]] = []
    recompute = spans.recompute

    def note(*, persons: list[int], **options: object) -> int:
        chunks.append(persons)
        return recompute(persons=persons, **options)

    monkeypatch.setattr(spans, "recompute", note)
    assert run_pending(now=timezone.now() + timedelta(minutes=6)) == 1
    assert not done & {person for chunk in chunks for person in chunk}
    job.refresh_from_db()
    assert (job.state, job.done, job.total, job.result) == ("done", PEOPLE, PEOPLE, {"changed": PEOPLE})
    assert third.count() == PEOPLE
    assert not differences()
