"""What only a real commit shows, each in a database of its own."""

import os
import signal
import subprocess
import sys
import threading
import time
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection, connections, transaction
from django.utils import timezone

from lms.jobs import services
from lms.jobs.enums import JobState
from lms.jobs.models import Job, TickClaim

pytestmark = [pytest.mark.postgres, pytest.mark.usefixtures("committing_db")]

ran: list[int] = []


def count(job: Job) -> None:
    ran.append(job.pk)


@pytest.fixture(autouse=True)
def kinds(settings: Any) -> None:
    ran.clear()
    settings.JOB_KINDS = {"count": f"{__name__}.count"}
    settings.TICK_WORK = ["lms.jobs.services.run_pending"]


def test_two_workers_never_run_the_same_job() -> None:
    jobs = [Job.objects.create(kind="count", args={"steps": 1}) for _ in range(12)]
    start = threading.Barrier(3)
    counts: list[int] = []

    def work() -> None:
        start.wait()
        counts.append(services.run_pending(now=timezone.now()))
        connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(ran) == [job.pk for job in jobs]
    assert sum(counts) == 12


def test_a_committed_job_is_run_at_once() -> None:
    with transaction.atomic():
        job = services.enqueue(kind="count", args={"steps": 1})
        services.wake()
        assert ran == []
    job.refresh_from_db()
    assert (job.state, ran) == (JobState.DONE, [job.pk])


def test_a_job_that_was_rolled_back_leaves_nothing() -> None:
    with transaction.atomic():
        services.enqueue(kind="count", args={"steps": 1})
        transaction.set_rollback(True)
    assert (ran, Job.objects.count()) == ([], 0)


def test_a_queue_that_is_down_does_not_break_the_request(settings: Any) -> None:
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["another"]}}
    job = services.enqueue(kind="count", args={"steps": 1})
    assert Job.objects.get() == job


def database_url() -> str:
    at = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{at['NAME']}"
    return f"postgres://{at['USER']}:{at['PASSWORD']}@/{at['NAME']}?host={at['HOST']}&port={at['PORT']}"


@pytest.mark.skipif(connection.vendor != "sqlite", reason="one database is enough to try a signal")
def test_forever_ends_cleanly_on_sigterm() -> None:
    environment = {**os.environ, "DATABASE_URL": database_url()}
    command = [sys.executable, str(django_settings.BASE_DIR / "manage.py"), "tick", "--forever"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        for _ in range(300):
            if TickClaim.objects.filter(claimed_at=None).exists():
                break
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        _out, errors = process.communicate(timeout=20)
    assert process.returncode == 0, errors
    assert TickClaim.objects.filter(claimed_at=None).exists()
