"""Certificates against WeasyPrint alone, and stored bytes against a static file."""

from __future__ import annotations

import resource
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from weasyprint import HTML

from certificates.models import Certificate
from certificates.services import render_certificate, render_certificate_html, render_pending
from curricula.models import Course
from lms.accounts.models import Person
from lms.learning.enums import CompletionMode, CompletionSource
from lms.learning.models import Completion
from lms.learning.services import record_completion
from lms.pdf.render import render_pdf
from lms.pdf.sandbox import sandbox

from .measure import Row, cpu_milliseconds

BATCH = 20  # how many one round of the worker makes


def complete(person: Person, key: str) -> Completion:
    now = timezone.now()
    return record_completion(
        person=person,
        course=Course.objects.get(code="csec-101"),
        started_on=now.date(),
        completed_on=now.date(),
        source=CompletionSource.ONLINE,
        mode=CompletionMode.ONLINE,
        actor=None,
        now=now,
        key=key,
    )


def make_all() -> tuple[float, float]:
    """Make what is pending as the worker does, from a cold start; return the seconds of the clock and of the CPU, the
    child's included."""
    clock, cpu = time.perf_counter(), cpu_seconds()
    while render_pending(now=timezone.now(), limit=BATCH):
        continue
    clock = time.perf_counter() - clock
    sandbox.close()
    return clock, cpu_seconds() - cpu


def cpu_seconds() -> float:
    """CPU time of this process and of its children that have ended."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def run(size: int) -> list[Row]:
    settings.TICK_WORK = []  # a commit wakes a worker, and here the pending ones are to be made at once
    proof = Person.objects.create_user("proof@harbor.example", first_name="Bench", last_name="Proof")
    completion = complete(proof, "bench")
    first, _cpu = make_all()
    certificate = Certificate.objects.select_related("completion__person").get(completion=completion)
    whole = render_certificate_html(certificate, ornament=True)
    rounds = max(3, size // 5)

    def alone() -> None:
        HTML(string=whole).write_pdf(pdf_variant="pdf/ua-1")

    ours, floor, drawn = cpu_milliseconds(
        lambda: render_certificate(certificate),
        alone,
        lambda: render_pdf(whole, title="x", lang="en"),
        rounds=rounds,
    )
    rows = [
        Row("certificate: CPU against WeasyPrint on the same page", ours, floor, "ms", rounds),
        Row("certificate, its ornament drawn anew: CPU against the same", drawn, floor, "ms", rounds),
        Row("certificate: seconds from passing, idle worker, child not started yet", first, 2, "s (budget)", 1),
    ]
    for number in range(size):
        person = Person.objects.create_user(
            f"batch{number}@harbor.example", first_name="Batch", last_name=f"No {number}"
        )
        complete(person, f"bench-{number}")
    _clock, batch = make_all()
    assert Certificate.objects.issued().filter(completion__key__startswith="bench-").count() == size
    rows.append(
        Row("certificates in a batch, all told: CPU against WeasyPrint", batch / size * 1000, floor, "ms", size)
    )
    client = Client()
    client.force_login(certificate.completion.person, backend="django.contrib.auth.backends.ModelBackend")
    address = reverse("certificates:download", args=[certificate.number])

    def read(path: str) -> None:
        assert b"".join(client.get(path))  # type: ignore[arg-type]

    with TemporaryDirectory() as home:
        settings.BENCH_FILE = Path(home) / "certificate.pdf"
        settings.BENCH_FILE.write_bytes(bytes(certificate.file.pdf))
        ours, floor = cpu_milliseconds(lambda: read(address), lambda: read("/bench/file/"), rounds=max(size, 100))
    rows.append(Row("stored certificate: CPU against the same file from the disk", ours, floor, "ms", max(size, 100)))
    return rows
