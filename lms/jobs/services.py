"""Long work as rows, and the minute tick.

A row in the database holds the state of all later work, so that a kill between two steps loses nothing; a task is only
a wake-up call.
"""

import contextlib
import datetime
import logging
import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from .enums import JobState
from .models import Job, TickClaim
from .signals import work_left

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 3
# A tick that has shown no sign of life for this long was killed.
TICK_LIMIT = datetime.timedelta(minutes=5)
TICK = "tick"


class UnknownKind(LookupError):
    """The settings' JOB_KINDS name no function for this kind."""


class JobRefused(Exception):
    """Raised by a job's function when trying again can't help.  Its text, in plain words, is shown to the requester."""


class JobTakenOver(Exception):
    """This worker was silent for so long that another one took its job up; it must stop without writing more."""


def enqueue(*, kind: str, args: dict[str, Any], requested_by: AbstractBaseUser | None = None) -> Job:
    """Write a pending job, in the caller's transaction; it is run by `settings.JOB_KINDS[kind](job)` after the commit.

    Raises UnknownKind.
    """
    if kind not in settings.JOB_KINDS:
        raise UnknownKind(kind)
    # The person model stands above this room.
    job = Job.objects.create(kind=kind, args=args, requested_by=requested_by)  # type: ignore[misc]
    wake()
    return job


def wake() -> None:
    """Have pending rows picked up as soon as this transaction is committed, instead of at the next minute."""
    if not any(function is _send_work_left for function in (entry[1] for entry in connection.run_on_commit)):
        transaction.on_commit(_send_work_left)


def _send_work_left() -> None:
    # The work is committed and the next tick finds it: a queue that is down may not break the request.
    for _receiver, error in work_left.send_robust(sender=None):
        if error is not None:
            logger.error("The worker could not be woken; the next tick does the work.", exc_info=error)


def report_progress(
    job: Job, *, done: int, total: int | None = None, message: str = "", so_far: dict[str, Any] | None = None
) -> None:
    """Write how far the job is, which is also its sign of life: call it at least every minute or so.

    ``so_far`` stands in ``job.result`` when a worker takes the job up after another one was killed (none: as it was).
    Must be called between the job's own transactions, so that readers see it (RuntimeError inside one).  Raises
    JobTakenOver when another worker has the job by now.
    """
    job.done, job.message = done, message
    job.total = job.total if total is None else total
    job.result = job.result if so_far is None else so_far
    job.heartbeat_at = timezone.now()
    _write(job, "done", "total", "message", "result", "heartbeat_at")


def run_pending(*, now: datetime.datetime) -> int:
    """Run every waiting job, one after the other, and return how many were run.

    A job is claimed first, so that no two workers run the same one.  After an error it is tried again at the next call,
    three times in all.  Must not be called inside a transaction.
    """
    ran = 0
    for pk in list(Job.objects.runnable(now).order_by("id").values_list("pk", flat=True)):
        job = _claim(pk, now)
        if job is not None:
            _run(job)
            ran += 1
    return ran


def _claim(pk: int, now: datetime.datetime) -> Job | None:
    """Take the job in one conditional UPDATE; None when somebody else was quicker or it is given up."""
    with transaction.atomic(durable=True):
        runnable = Job.objects.runnable(now).filter(pk=pk)
        runnable.filter(attempts__gte=MAX_ATTEMPTS).update(
            state=JobState.FAILED, finished_at=now, error=_("It was interrupted three times and was given up.")
        )
        taken = runnable.update(
            state=JobState.RUNNING,
            attempts=F("attempts") + 1,
            started_at=timezone.now(),
            heartbeat_at=timezone.now(),
        )
        return Job.objects.get(pk=pk) if taken else None


def _run(job: Job) -> None:
    try:
        function: Callable[[Job], Any] = import_string(settings.JOB_KINDS[job.kind])
        _finish(job, JobState.DONE, result=function(job))
    except JobTakenOver:
        logger.warning("Job %s was taken over by another worker.", job.pk)
    except JobRefused as refusal:
        with contextlib.suppress(JobTakenOver):
            _finish(job, JobState.FAILED, error=str(refusal))
    except Exception as error:
        logger.exception("Job %s (%s) failed, attempt %s of %s.", job.pk, job.kind, job.attempts, MAX_ATTEMPTS)
        # The exception's own text may quote what a person typed; only its kind is kept.
        reason = _("Something went wrong on our side (%(kind)s).") % {"kind": type(error).__name__}
        with contextlib.suppress(JobTakenOver):
            _finish(job, JobState.FAILED if job.attempts >= MAX_ATTEMPTS else JobState.PENDING, error=reason)


def _finish(job: Job, state: JobState, *, error: str = "", result: Any = None) -> None:
    job.state, job.error, job.result = state, error[:500], result
    job.finished_at = None if state == JobState.PENDING else timezone.now()
    _write(job, "state", "error", "result", "finished_at")


def _write(job: Job, *fields: str) -> None:
    """Save the fields, if this worker still has the job (each claim has its own number of attempts)."""
    with transaction.atomic(durable=True):
        mine = Job.objects.filter(pk=job.pk, state=JobState.RUNNING, attempts=job.attempts)
        if not mine.update(**{field: getattr(job, field) for field in fields}):
            raise JobTakenOver


def refresh_statistics(*, now: datetime.datetime) -> None:
    """Once an hour, have SQLite look again at how many rows its tables hold; without that it takes indexes that make
    long lists a hundred times slower. PostgreSQL does it by itself."""
    if connection.vendor == "sqlite" and cache.add("jobs.statistics", True, timeout=3600):
        with connection.cursor() as cursor:
            # A sample of each index: an instant, whatever the size.
            cursor.execute("PRAGMA analysis_limit = 10000")
            cursor.execute("ANALYZE")


def tick(*, now: datetime.datetime) -> bool:
    """Call each function of `settings.TICK_WORK` once; False when another tick is at it (it then goes round again).

    An error in one function is logged and the others still run.
    """
    token = uuid.uuid4()
    if not _claim_tick(token, now):
        return False
    started = timezone.now()
    while True:
        for path in settings.TICK_WORK:
            passed = timezone.now() - started
            _call_work(path, now + passed)
            TickClaim.objects.filter(name=TICK, token=token).update(claimed_at=now + passed)
        if not _must_go_round_again(token):
            return True


def _call_work(path: str, now: datetime.datetime) -> None:
    try:
        import_string(path)(now=now)
    except Exception:
        logger.exception("%s failed; it is tried again at the next tick.", path)


def _claim_tick(token: uuid.UUID, now: datetime.datetime) -> bool:
    with transaction.atomic(durable=True):
        TickClaim.objects.bulk_create([TickClaim(name=TICK)], ignore_conflicts=True)
        free = Q(claimed_at=None) | Q(claimed_at__lte=now - TICK_LIMIT)
        if TickClaim.objects.filter(free, name=TICK).update(claimed_at=now, token=token, asked_again=False):
            return True
        # What was committed a moment ago may stand behind the point the other tick has reached.
        TickClaim.objects.filter(name=TICK).update(asked_again=True)
        return False


def _must_go_round_again(token: uuid.UUID) -> bool:
    with transaction.atomic(durable=True):
        mine = TickClaim.objects.filter(name=TICK, token=token)
        if mine.filter(asked_again=False).update(claimed_at=None, token=None):
            return False
        return mine.update(asked_again=False) > 0
