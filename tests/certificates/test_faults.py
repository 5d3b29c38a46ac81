"""Workers that are killed, a disk that is full: nothing is lost, doubled or cut.

``make faults`` runs the first one with 1,000 certificates.
"""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from certificates.enums import CertificateState
from certificates.models import Certificate, CertificateFile
from certificates.services import render_pending
from curricula.models import Course
from lms.accounts.models import Person
from lms.audit.models import AuditEvent
from lms.learning.models import Completion
from lms.pdf import sandbox
from tests.jobs.test_committing import database_url
from tests.pdf.structure import open_pdf

from .conftest import complete

COUNT = int(os.environ.get("LANTERN_FAULT_CERTIFICATES", "30"))
KILLS = 5
PATIENCE = timedelta(minutes=11)  # after which a killed worker's claim is over

WORKER = """
import sys
from datetime import timedelta
import django
django.setup()
from certificates.services import render_pending
from django.utils import timezone
late = timedelta(seconds=float(sys.argv[1]))
while render_pending(now=timezone.now() + late):
    pass
"""


@pytest.fixture
def pending(committing_db: None, settings) -> Iterator[int]:
    """So many completions, of one person each, that a worker still has to certify."""
    settings.TICK_WORK = []  # a commit wakes a worker, and here only those of the test may work
    course = Course.objects.create(code="c", kind="core", title="Course", current_version=1, hours=1)
    for number in range(COUNT):
        person = Person.objects.create(email=f"p{number}@example.org", first_name="Ana", last_name=f"No {number}")
        complete(person, course)
    yield COUNT
    sandbox.sandbox.close()


def start_worker(*, late: timedelta) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "lms.settings.test"}
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, str(late.total_seconds())],
        env=environment,
        cwd=settings.BASE_DIR,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def wait_for(count: int) -> None:
    until = time.monotonic() + 120 + COUNT
    while Certificate.objects.issued().count() < count:
        assert time.monotonic() < until, f"{Certificate.objects.issued().count()} of {count}"
        time.sleep(0.02)


def is_gone(pid: int) -> bool:
    for _ in range(500):
        if not (Path("/proc") / str(pid)).exists():
            return True
        time.sleep(0.02)
    return False


@pytest.mark.postgres
def test_a_worker_killed_five_times_makes_each_certificate_once(pending: int) -> None:
    for kill in range(1, KILLS + 1):
        worker = start_worker(late=kill * PATIENCE)
        wait_for(kill * pending // (KILLS + 1))
        children = (Path("/proc") / str(worker.pid) / "task" / str(worker.pid) / "children").read_text().split()
        worker.send_signal(signal.SIGKILL)
        assert worker.wait(timeout=20) == -signal.SIGKILL
        assert all(is_gone(int(child)) for child in children), "what renders ends with its worker"
    assert Certificate.objects.issued().count() < pending
    assert start_worker(late=(KILLS + 2) * PATIENCE).wait(timeout=120 + pending * 2) == 0

    assert Certificate.objects.filter(state=CertificateState.VALID).count() == pending
    assert Certificate.objects.count() == CertificateFile.objects.count() == pending
    assert AuditEvent.objects.filter(action="certificate.issued").count() == pending
    for file in CertificateFile.objects.iterator(chunk_size=50):
        pdf = bytes(file.pdf)
        assert (hashlib.sha256(pdf).hexdigest(), len(pdf)) == (file.sha256, file.size)
        with open_pdf(pdf) as opened:
            assert len(opened.pages) == 1


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite can be told how large its file may grow")
def test_a_full_disk_leaves_the_completion_and_a_pending_certificate(pending: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        [pages] = cursor.fetchone()
        cursor.execute(f"PRAGMA max_page_count = {pages + 25}")  # room for two files, and part of a third
    now = timezone.now()
    made = render_pending(now=now)
    assert made < pending
    assert Completion.objects.standing().count() == pending
    assert Certificate.objects.filter(state=CertificateState.PENDING).count() == pending - made
    assert CertificateFile.objects.count() == made
    assert all(len(bytes(file.pdf)) == file.size for file in CertificateFile.objects.all())

    with connection.cursor() as cursor:
        cursor.execute("PRAGMA max_page_count = 1073741823")
    while render_pending(now=now + PATIENCE):
        continue
    assert Certificate.objects.filter(state=CertificateState.VALID).count() == pending
    assert AuditEvent.objects.filter(action="certificate.issued").count() == pending
