"""What a job row of an import runs, in the language of who asked for it."""

from __future__ import annotations

from django.utils import timezone, translation

from lms.accounts.models import Person
from lms.jobs.models import Job
from lms.jobs.services import report_progress

from .models import ImportRun
from .services import Report, apply_run, undo_run, write_plan


def run_plan(job: Job) -> None:
    """Plan the run that the job names."""
    run = _run_of(job)
    with _language_of(job):
        write_plan(run=run, report=_reporter(job))


def run_apply(job: Job) -> None:
    """Apply the run that the job names, from where it stands."""
    run = _run_of(job)
    with _language_of(job):
        apply_run(run=run, actor=_actor(job), now=timezone.now(), report=_reporter(job, total=run.to_do))


def run_undo(job: Job) -> None:
    """Undo the run that the job names, from where it stands."""
    run = _run_of(job)
    with _language_of(job):
        undo_run(run=run, actor=_actor(job), now=timezone.now(), report=_reporter(job))


def _run_of(job: Job) -> ImportRun:
    return ImportRun.objects.select_related("agency", "requested_by").get(pk=job.args["run"])


def _actor(job: Job) -> Person | None:
    return Person.objects.filter(pk=job.requested_by_id).first()


def _language_of(job: Job) -> translation.override:
    actor = _actor(job)
    return translation.override(actor.language if actor else translation.get_language())


def _reporter(job: Job, *, total: int | None = None) -> Report:
    def report(done: int, message: str) -> None:
        report_progress(job, done=done, total=total, message=message)

    return report
