"""Long work of the record, as jobs run it."""

from __future__ import annotations

from django.utils import timezone

from lms.jobs.models import Job
from lms.jobs.services import report_progress

from .services import follow_regrade

AT_A_TIME = 50


def run_follow_regrade(job: Job) -> None:
    """Follow a corrected key for many attempts, a transaction for each fifty; running it again changes nothing."""
    ids: list[int] = job.args["attempt_ids"]
    for start in range(0, len(ids), AT_A_TIME):
        follow_regrade(attempt_ids=ids[start : start + AT_A_TIME], now=timezone.now())
        report_progress(job, done=min(start + AT_A_TIME, len(ids)), total=len(ids))
