"""A run from the word to apply it to its end, and from the word to undo it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lms.accounts.models import Person
from lms.audit.services import record
from lms.hr_import.enums import RunKind, RunState
from lms.hr_import.models import ImportRun
from lms.jobs.enums import JobState
from lms.jobs.services import enqueue

from .applying import Changed, apply_staff
from .errors import ImportRefused
from .opening import require_manager
from .plans import Report, no_report
from .recording import apply_completions
from .undoing import undo_effects

APPLY_JOB, UNDO_JOB = "hr_import.apply", "hr_import.undo"


@transaction.atomic
def start_apply(
    *, actor: Person | None, run: ImportRun, now: datetime, ends_confirmed: bool = False, in_background: bool = True
) -> ImportRun:
    """Give the word to apply the run's plan, and return the run afresh.

    Raises ImportRefused when it is not planned, a row is refused where all or nothing was asked for, nothing changes,
    or more than one job in ten would end and that was not confirmed.
    """
    run = ImportRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    require_manager(actor, run.agency, now)
    if run.state != RunState.PLANNED:
        raise ImportRefused(_("This import does not wait to be applied."))
    if run.blocked:
        raise ImportRefused(
            _("A row is refused, and all or nothing was asked for. Correct the file and send it again.")
        )
    if not run.to_do:
        raise ImportRefused(_("This file changes nothing."))
    if run.ends_many and not ends_confirmed:
        raise ImportRefused(
            ngettext(
                "%(ending)s of %(jobs)s jobs would end, which is more than one in ten. Confirm that first.",
                "%(ending)s of %(jobs)s jobs would end, which is more than one in ten. Confirm that first.",
                run.ending,
            )
            % {"ending": run.ending, "jobs": run.jobs_before},
            field="ends_confirmed",
        )
    run.state = RunState.APPLYING
    run.job = enqueue(kind=APPLY_JOB, args={"run": run.pk}, requested_by=actor) if in_background else None
    run.save(update_fields=["state", "job"])
    return run


@transaction.atomic
def start_undo(*, actor: Person | None, run: ImportRun, now: datetime, in_background: bool = True) -> ImportRun:
    """Give the word to undo the run, and return it afresh.

    A run whose job was given up half-way can be undone too. Raises ImportRefused for one that wrote nothing, or that is
    at work.
    """
    run = ImportRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    require_manager(actor, run.agency, now)
    if run.rows_removed_at:
        raise ImportRefused(_("This import can't be undone any longer: its rows are no longer kept."))
    given_up = run.state in (RunState.APPLYING, RunState.UNDOING) and run.job and run.job.state == JobState.FAILED
    if run.state != RunState.APPLIED and not given_up:
        raise ImportRefused(_("Only an import that was applied can be undone, and only once."))
    run.state = RunState.UNDOING
    run.job = enqueue(kind=UNDO_JOB, args={"run": run.pk}, requested_by=actor) if in_background else None
    run.save(update_fields=["state", "job"])
    return run


def apply_run(*, run: ImportRun, actor: Person | None, now: datetime, report: Report = no_report) -> ImportRun:
    """Write what is left of the plan, close the run with its one audit row, and return it afresh.

    Where all or nothing was asked for and a row changed after the preview, what was written is taken back.
    """
    if run.state == RunState.UNDOING:
        return undo_run(run=run, actor=actor, now=now, report=report)
    if run.state != RunState.APPLYING:
        return run
    try:
        if run.kind == RunKind.STAFF:
            left = apply_staff(run=run, report=report)
        else:
            left = apply_completions(run=run, actor=actor, now=now, report=report)
    except Changed:
        ImportRun.objects.filter(pk=run.pk, state=RunState.APPLYING).update(
            state=RunState.UNDOING,
            error=_("Something changed after the preview, so nothing was kept. Send the file again."),
        )
        run.refresh_from_db()
        return undo_run(run=run, actor=actor, now=now, report=report)
    return _close(run, RunState.APPLYING, RunState.APPLIED, actor=actor, left=left, applied_at=now)


def undo_run(*, run: ImportRun, actor: Person | None, now: datetime, report: Report = no_report) -> ImportRun:
    """Take back what is left of what the run wrote, close it with an audit row, and return it afresh."""
    if run.state != RunState.UNDOING:
        return run
    left = undo_effects(run=run, actor=actor, now=now, report=report)
    return _close(run, RunState.UNDOING, RunState.UNDONE, actor=actor, left=left, undone_at=now)


@transaction.atomic
def _close(
    run: ImportRun, state: RunState, next_state: RunState, *, actor: Person | None, left: int, **fields: Any
) -> ImportRun:
    if ImportRun.objects.filter(pk=run.pk, state=state).update(state=next_state, **fields):
        record(
            actor=actor,
            action=f"{run.kind}.{'imported' if next_state == RunState.APPLIED else 'import_undone'}",
            target=run,
            detail={
                "agency": run.agency.code if run.agency else None,
                "file": run.file_name,
                "sha256": run.file_hash,
                "full": run.full,
                "counts": run.counts,
                "left": left,
            },
        )
    run.refresh_from_db()
    return run
