"""Workers that are killed with SIGKILL in the middle: the next one goes on, and nothing is lost or doubled."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from lms.accounts.models import Person
from lms.agencies.models import AgencyKind, Employment, JobRole
from lms.audit.models import AuditEvent
from lms.hr_import.models import Effect, ImportRun
from lms.hr_import.services import open_run, start_apply, start_undo, write_plan
from lms.jobs.models import HEARTBEAT_LIMIT, Job
from lms.jobs.services import run_pending
from tests.conftest import add_agency
from tests.jobs.test_committing import database_url

from .conftest import make_csv, staff

pytestmark = [pytest.mark.postgres, pytest.mark.usefixtures("committing_db")]

ROWS = 400
# A worker of its own process, in small pieces and slowed down a little, so that it is met in the middle.
WORKER = """
import time, django
django.setup()
from django.utils import timezone
from lms.hr_import.services import applying, undoing
from lms.jobs.services import run_pending
applying.next_rows.__defaults__ = (10,)
undoing.EFFECTS_AT_A_TIME = 20
write, undo = applying._write, undoing._undo_piece
def slow_write(piece):
    write(piece)
    time.sleep(0.02)
applying._write = slow_write
def slow_undo(*args):
    undo(*args)
    time.sleep(0.02)
undoing._undo_piece = slow_undo
run_pending(now=timezone.now())
"""


@pytest.fixture(autouse=True)
def no_wake(settings: Any) -> None:
    """Only the workers of the test work."""
    settings.TICK_WORK = []


def kill_in_the_middle(progress: Any) -> None:
    """Start a worker, and kill it as soon as it has done something new."""
    environment = {**os.environ, "DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "lms.settings.test"}
    before = progress()
    with subprocess.Popen([sys.executable, "-c", WORKER], cwd=django_settings.BASE_DIR, env=environment) as worker:
        for _ in range(1200):
            if progress() != before or worker.poll() is not None:
                break
            time.sleep(0.05)
        worker.send_signal(signal.SIGKILL)
        worker.wait(timeout=20)
    # As if the time after which a silent worker is given up had passed.
    Job.objects.update(heartbeat_at=timezone.now() - HEARTBEAT_LIMIT - timedelta(seconds=1))


def test_killed_twice_and_finished() -> None:
    kind = AgencyKind.objects.get_or_create(code="cast-probation", defaults={"name": "Probation"})[0]
    JobRole.objects.create(code="cast-deputy", title="Deputy", kind=kind)
    home = add_agency("cast-home", kind)
    content = make_csv(
        *[staff(str(number), supervisor_employee_number=str((number + 7) % ROWS)) for number in range(ROWS)]
    )
    run = open_run(
        actor=None,
        kind="staff",
        agency=home,
        content=content,
        file_name="x.csv",
        now=timezone.now(),
        in_background=False,
    )
    run = start_apply(actor=None, run=write_plan(run=run), now=timezone.now())

    for _kill in range(2):
        kill_in_the_middle(Employment.objects.count)
        jobs = Employment.objects.count()
        assert 0 < jobs < ROWS
        assert jobs == Person.objects.filter(email__startswith="staff").count(), "no person without the job of the row"
        assert Effect.objects.filter(kind="opened").count() == jobs
    run_pending(now=timezone.now())
    run.refresh_from_db()
    assert run.state == "applied"
    assert Employment.objects.count() == Person.objects.filter(email__startswith="staff").count() == ROWS
    assert Employment.objects.filter(supervisor=None).count() == 0
    assert AuditEvent.objects.filter(action="staff.imported").count() == 1

    start_undo(actor=None, run=run, now=timezone.now())
    kill_in_the_middle(Employment.objects.count)
    assert 0 < Employment.objects.count() < ROWS
    run_pending(now=timezone.now())
    assert not Employment.objects.exists()
    assert not Person.objects.filter(email__startswith="staff").exists()
    assert ImportRun.objects.get().state == "undone"
    assert AuditEvent.objects.filter(action="staff.import_undone").count() == 1
