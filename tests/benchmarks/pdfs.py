"""Certificates against WeasyPrint alone, and stored bytes against a static file."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse
from django.utils import timezone
from weasyprint import HTML

from certificates.models import Certificate
from certificates.services import render_certificate, render_certificate_html, render_pending
from curricula.models import Course
from lms.accounts.models import Person
from lms.learning.enums import CompletionMode, CompletionSource
from lms.learning.services import record_completion

from .measure import Row, cpu_milliseconds


def run(size: int) -> list[Row]:
    now = timezone.now()
    completion = record_completion(
        person=Person.objects.create_user("proof@harbor.example", first_name="Bench", last_name="Proof"),
        course=Course.objects.get(code="csec-101"),
        started_on=now.date(),
        completed_on=now.date(),
        source=CompletionSource.ONLINE,
        mode=CompletionMode.ONLINE,
        actor=None,
        now=now,
        key="bench",
    )
    render_pending(now=now)
    certificate = Certificate.objects.select_related("completion__person").get(completion=completion)
    html = render_certificate_html(certificate)
    rounds = max(3, size // 5)

    def alone() -> None:
        HTML(string=html).write_pdf(pdf_variant="pdf/ua-1")

    ours, floor = cpu_milliseconds(lambda: render_certificate(certificate), alone, rounds=rounds)
    rows = [Row("certificate: CPU against WeasyPrint on the same page", ours, floor, "ms", rounds)]
    client = Client()
    client.force_login(certificate.completion.person, backend="django.contrib.auth.backends.ModelBackend")
    address = reverse("certificates:download", args=[certificate.number])

    def read(path: str) -> None:
        assert b"".join(client.get(path))  # type: ignore[arg-type]

    ours, floor = cpu_milliseconds(lambda: read(address), lambda: read("/bench/file/"), rounds=size)
    rows.append(Row("stored certificate: CPU against a file from the disk", ours, floor, "ms", size))
    return rows
