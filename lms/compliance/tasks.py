"""What the settings name: the job that recomputes, and the nightly count."""

from __future__ import annotations

from datetime import datetime

from lms.jobs.models import Job

from . import services


def recompute_spans(job: Job) -> dict[str, int]:
    return services.run_recompute(job)


def refresh_counts(*, now: datetime) -> None:
    services.refresh_counts(now=now)
