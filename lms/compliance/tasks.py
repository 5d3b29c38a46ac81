"""What the settings name: the job that recomputes, the nightly count, the morning's reminders."""

from __future__ import annotations

from datetime import datetime

from lms.jobs.models import Job

from . import services


def recompute_spans(job: Job) -> dict[str, int]:
    return services.run_recompute(job)


def refresh_counts(*, now: datetime) -> None:
    services.refresh_counts(now=now)


def send_reminders(*, now: datetime) -> None:
    services.send_reminders(now=now)
