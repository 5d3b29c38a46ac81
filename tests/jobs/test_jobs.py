import datetime
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from lms.jobs import services
from lms.jobs.enums import JobState
from lms.jobs.models import Job

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

NOW = datetime.datetime(2026, 11, 23, 12, tzinfo=datetime.UTC)
ran: list[int] = []


def count(job: Job) -> dict[str, int]:
    ran.append(job.pk)
    for step in range(job.args["steps"]):
        services.report_progress(job, done=step + 1, total=job.args["steps"], message=f"row {step + 1}")
    return {"rows": job.args["steps"]}


def stumble(job: Job) -> None:
    services.report_progress(job, done=1, total=4)
    raise ValueError("case no. 19CCJD00012345678 can't be read")


def refuse(job: Job) -> None:
    raise services.JobRefused("The file has no column “email”.")


def answer_oddly(job: Job) -> object:
    return object()


def report_inside(job: Job) -> None:
    with transaction.atomic():
        services.report_progress(job, done=1)


def roll_back(job: Job) -> None:
    """Progress stays when the step after it is rolled back."""
    services.report_progress(job, done=7, total=9, message="seven rows")
    with transaction.atomic():
        Job.objects.create(kind="count", args={})
        raise services.JobRefused("Row 8 is broken.")


def lose(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(attempts=2)
    services.report_progress(job, done=1)
    raise AssertionError("a job that was taken over goes on")


@pytest.fixture(autouse=True)
def kinds(settings: Any) -> None:
    ran.clear()
    names = ["count", "stumble", "refuse", "answer_oddly", "report_inside", "roll_back", "lose"]
    settings.JOB_KINDS = {name: f"{__name__}.{name}" for name in names}


def test_it_works() -> None:
    job = services.enqueue(kind="count", args={"steps": 3})
    assert (job.state, job.percent) == (JobState.PENDING, None)
    assert services.run_pending(now=NOW) == 1
    job.refresh_from_db()
    assert (job.state, job.done, job.total, job.percent) == (JobState.DONE, 3, 3, 100)
    assert (job.message, job.result, job.error, job.attempts) == ("row 3", {"rows": 3}, "", 1)
    assert job.started_at is not None
    assert job.finished_at is not None


def test_finished_jobs_are_kept_and_not_run_again() -> None:
    services.enqueue(kind="count", args={"steps": 1})
    services.run_pending(now=NOW)
    assert services.run_pending(now=NOW + datetime.timedelta(days=400)) == 0
    assert Job.objects.count() == 1


def test_jobs_run_in_the_order_in_which_they_came() -> None:
    jobs = [services.enqueue(kind="count", args={"steps": 0}) for _ in range(3)]
    services.run_pending(now=NOW)
    assert ran == [job.pk for job in jobs]


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(services.UnknownKind):
        services.enqueue(kind="conjure", args={})
    assert not Job.objects.exists()


def test_an_error_is_tried_three_times(caplog: pytest.LogCaptureFixture) -> None:
    job = services.enqueue(kind="stumble", args={})
    states = []
    for _ in range(4):
        services.run_pending(now=timezone.now())
        job.refresh_from_db()
        states.append((job.state, job.attempts))
    assert states == [("pending", 1), ("pending", 2), ("failed", 3), ("failed", 3)]
    assert "ValueError" in job.error
    assert "19CCJD" not in job.error
    assert job.finished_at is not None


def test_a_refusal_is_final_and_in_plain_words() -> None:
    job = services.enqueue(kind="refuse", args={})
    services.run_pending(now=NOW)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.error) == ("failed", 1, "The file has no column “email”.")


def test_a_result_that_is_no_json_fails() -> None:
    job = services.enqueue(kind="answer_oddly", args={})
    services.run_pending(now=NOW)
    job.refresh_from_db()
    assert (job.state, job.result) == ("pending", None)
    assert "TypeError" in job.error


def test_a_kind_that_was_taken_out_of_the_settings_fails(settings: Any) -> None:
    job = services.enqueue(kind="count", args={"steps": 1})
    settings.JOB_KINDS = {}
    services.run_pending(now=NOW)
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("pending", 1)


def test_progress_is_not_written_inside_a_transaction_of_the_job() -> None:
    job = services.enqueue(kind="report_inside", args={})
    services.run_pending(now=NOW)
    job.refresh_from_db()
    assert (job.state, job.done) == ("pending", 0)
    assert "RuntimeError" in job.error


def test_progress_stays_when_a_step_is_rolled_back() -> None:
    job = services.enqueue(kind="roll_back", args={})
    services.run_pending(now=NOW)
    job.refresh_from_db()
    assert (job.state, job.done, job.total, job.message) == ("failed", 7, 9, "seven rows")
    assert Job.objects.count() == 1


def test_the_job_of_a_killed_worker_is_taken_up_again() -> None:
    silent = timezone.now()
    job = Job.objects.create(
        kind="count", args={"steps": 2}, state=JobState.RUNNING, attempts=1, started_at=silent, heartbeat_at=silent
    )
    assert services.run_pending(now=silent + datetime.timedelta(minutes=4, seconds=59)) == 0
    assert services.run_pending(now=silent + datetime.timedelta(minutes=5)) == 1
    job.refresh_from_db()
    assert (job.state, job.attempts) == (JobState.DONE, 2)


def test_a_job_that_kills_its_worker_is_given_up() -> None:
    silent = timezone.now()
    job = Job.objects.create(kind="count", args={}, state=JobState.RUNNING, attempts=3, heartbeat_at=silent)
    assert services.run_pending(now=silent + datetime.timedelta(minutes=5)) == 0
    job.refresh_from_db()
    assert (job.state, job.attempts, ran) == (JobState.FAILED, 3, [])
    assert "three times" in job.error


def test_a_worker_whose_job_was_taken_over_stops_and_writes_nothing() -> None:
    job = services.enqueue(kind="lose", args={})
    services.run_pending(now=NOW)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.done, job.error) == (JobState.RUNNING, 2, 0, "")


def test_waking_twice_in_a_transaction_is_one_wake_up(django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        services.wake()
        with transaction.atomic():
            services.wake()
    assert len(callbacks) == 1
