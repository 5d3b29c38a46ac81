"""A file comes in: its columns are found, or asked for once and remembered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lms.accounts.models import Person
from lms.agencies.models import Agency
from lms.agencies.permissions import user_can_manage_agency
from lms.hr_import.columns import COLUMNS, match_own_names, match_remembered
from lms.hr_import.enums import DateOrder, RunKind, RunState, WhenKnown
from lms.hr_import.models import ColumnMapping, ImportFile, ImportRun
from lms.jobs.services import enqueue
from lms.sheets.reading import SheetError, read_sheet

from .errors import ImportRefused

PLAN_JOB = "hr_import.plan"


def require_manager(actor: Person | None, agency: Agency | None, now: datetime) -> None:
    """Raise PermissionDenied unless the actor may change the jobs of the agency (no actor: the site itself)."""
    if actor is not None and not user_can_manage_agency(actor, agency, as_of=timezone.localdate(now)):
        raise PermissionDenied


@transaction.atomic
def open_run(
    *,
    actor: Person | None,
    kind: str,
    agency: Agency | None,
    content: bytes,
    file_name: str,
    now: datetime,
    full: bool = False,
    all_or_nothing: bool = False,
    date_order: str = DateOrder.UNSAID,
    when_known: str = WhenKnown.KEEP,
    mapping: Mapping[str, str] | None = None,
    in_background: bool = True,
) -> ImportRun:
    """Take a file in and return its run: it is being read, or its columns are still to be named.

    Raises ImportRefused for a file that is no sheet, and PermissionDenied for an agency that is not the actor's.
    """
    require_manager(actor, agency, now)
    try:
        header = read_sheet(content, name=file_name).header
    except SheetError as error:
        raise ImportRefused(str(error), field="file") from error
    if mapping:
        _check_mapping(kind, header, mapping)
    found = dict(mapping) if mapping else find_mapping(kind, agency, header)
    run = ImportRun.objects.create(
        kind=kind,
        agency=agency,
        state=RunState.READING if found else RunState.COLUMNS,
        full=full and kind == RunKind.STAFF,
        all_or_nothing=all_or_nothing,
        date_order=date_order,
        when_known=when_known,
        file_name=file_name[:200],
        file_hash=sha256(content).hexdigest(),
        header=header,
        mapping=found or {},
        as_of=timezone.localdate(now),
        requested_by=actor,
        created_at=now,
    )
    ImportFile.objects.create(run=run, content=content)
    if found and in_background:
        _enqueue_plan(run, actor)
    return run


def find_mapping(kind: str, agency: Agency | None, header: list[str]) -> dict[str, str] | None:
    """The columns of a file with our own names, or with those that the agency used last."""
    if own := match_own_names(kind, header):
        return own
    remembered = ColumnMapping.objects.filter(kind=kind, agency=agency).first()
    return match_remembered(kind, header, remembered.columns) if remembered else None


def _enqueue_plan(run: ImportRun, actor: Person | None) -> None:
    run.job = enqueue(kind=PLAN_JOB, args={"run": run.pk}, requested_by=actor)
    run.save(update_fields=["job"])


@transaction.atomic
def name_columns(*, actor: Person | None, run: ImportRun, mapping: Mapping[str, str], now: datetime) -> ImportRun:
    """Say which column of the file is which of ours, remember it for the agency, and have the file read.

    Raises ImportRefused when one that must be there is missing or one is named twice.
    """
    run = ImportRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    require_manager(actor, run.agency, now)
    if run.state != RunState.COLUMNS:
        raise ImportRefused(_("The columns of this file are named already."))
    chosen = {ours: theirs for ours, theirs in mapping.items() if theirs}
    _check_mapping(run.kind, run.header, chosen)
    ColumnMapping.objects.update_or_create(agency=run.agency, kind=run.kind, defaults={"columns": chosen})
    run.mapping, run.state = chosen, RunState.READING
    run.save(update_fields=["mapping", "state"])
    _enqueue_plan(run, actor)
    return run


def _check_mapping(kind: str, header: list[str], mapping: Mapping[str, str]) -> None:
    names = {column.name for column in COLUMNS[kind]}
    for ours, theirs in mapping.items():
        if ours not in names:
            raise ImportRefused(_("There is no column %(name)s to name.") % {"name": ours})
        if theirs not in header:
            raise ImportRefused(_("The file has no column with this name."), field=ours)
        if list(mapping.values()).count(theirs) > 1:
            raise ImportRefused(_("This column is named twice."), field=ours)
    for column in COLUMNS[kind]:
        if column.required and column.name not in mapping:
            raise ImportRefused(_("This column is needed."), field=column.name)
    if "employee_number" not in mapping and "email" not in mapping:
        raise ImportRefused(
            _("Name the column of the employee number or of the e-mail: a name alone says too little."),
            field="employee_number",
        )


@transaction.atomic
def discard_run(*, actor: Person | None, run: ImportRun, now: datetime) -> None:
    """Set a run aside that was not applied; its file and its plan are deleted.

    Raises ImportRefused when it was applied, or is at this moment.
    """
    run = ImportRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    require_manager(actor, run.agency, now)
    if run.state not in (RunState.COLUMNS, RunState.READING, RunState.PLANNED, RunState.FAILED):
        raise ImportRefused(_("This import was applied already. You can undo it instead."))
    ImportFile.objects.filter(run=run).delete()
    run.rows.all()._raw_delete(run.rows.db)
    run.state = RunState.DISCARDED
    run.save(update_fields=["state"])
