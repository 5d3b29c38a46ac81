"""A staff file from the command line, for a nightly job beside the personnel system."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from lms.agencies.models import Agency
from lms.hr_import.enums import ChangeKind, DateOrder, RunKind, RunState, WhenKnown
from lms.hr_import.models import ImportRun, PlanRow
from lms.hr_import.services import ImportRefused, discard_run, open_run, start_apply, write_plan
from lms.jobs.enums import JobState
from lms.jobs.services import run_pending

SHOWN = [kind for kind in ChangeKind.values if kind not in (ChangeKind.UNCHANGED, ChangeKind.NEW)]


class ImportCommand(BaseCommand):
    """What the imports of staff files and of prior completions share."""

    kind: str

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="a CSV file or an Excel workbook (.xlsx)")
        parser.add_argument("--agency", metavar="CODE", help="the unit that the file is for (default: the whole site)")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen, and change nothing")
        parser.add_argument("--all-or-nothing", action="store_true", help="change nothing when one row is refused")
        parser.add_argument(
            "--dates", choices=["mdy", "dmy"], default="", help="what 03/04/2026 means (default: it is refused)"
        )
        parser.add_argument(
            "--column",
            action="append",
            default=[],
            metavar="OURS=THEIRS",
            help="the file's name for one of our columns; once for each",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        try:
            run = self.open(options, now)
            if run.state == RunState.COLUMNS:
                discard_run(actor=None, run=run, now=now)
                raise CommandError("The columns are not ours. Name them: --column employee_number=EMPLID ...")
            run = write_plan(run=run)
            self.tell(run)
            if run.state == RunState.FAILED:
                raise CommandError(run.error)
            if options["dry_run"] or not run.to_do:
                discard_run(actor=None, run=run, now=now)
                self.stdout.write("Nothing was changed.")
                return
            run = self.apply(run, options, now)
        except ImportRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        if run.state == RunState.UNDONE:
            raise CommandError(run.error)
        left = run.effects.exclude(notes=[]).count()
        self.stdout.write(f"Applied as import {run.pk}." + (f" {left} rows need a look there." if left else ""))

    def open(self, options: dict[str, Any], now: Any) -> ImportRun:
        path: Path = options["file"]
        agency = None
        if options["agency"]:
            agency = Agency.objects.filter(code=options["agency"]).first()
            if agency is None:
                raise CommandError(f"There is no unit with the code {options['agency']}.")
        try:
            content = path.read_bytes()
        except OSError as error:
            raise CommandError(f"{path} can't be read: {error.strerror}.") from error
        mapping = dict(pair.partition("=")[::2] for pair in options["column"])
        return open_run(
            actor=None,
            kind=self.kind,
            agency=agency,
            content=content,
            file_name=path.name,
            now=now,
            full=options.get("full", False),
            all_or_nothing=options["all_or_nothing"],
            date_order=DateOrder(options["dates"]),
            when_known=WhenKnown(options.get("when_known", WhenKnown.KEEP)),
            mapping=mapping or None,
            in_background=False,
        )

    def apply(self, run: ImportRun, options: dict[str, Any], now: Any) -> ImportRun:
        """Apply by a job row, as the site does: if this process is killed, the next tick goes on where it stopped."""
        try:
            run = start_apply(actor=None, run=run, now=now, ends_confirmed=options.get("confirm_ends", False))
        except ImportRefused:
            discard_run(actor=None, run=run, now=now)
            raise
        run_pending(now=timezone.now())
        while run.state in (RunState.APPLYING, RunState.UNDOING):
            run = ImportRun.objects.select_related("job").get(pk=run.pk)
            if run.job is not None and run.job.state == JobState.FAILED:
                raise CommandError(run.job.error)
            time.sleep(0.2)
        return run

    def tell(self, run: ImportRun) -> None:
        """The counts, and each row that needs a look."""
        self.stdout.write(", ".join(f"{count} {kind}" for kind, count in run.counts.items()) or "No rows.")
        for row in PlanRow.objects.filter(run=run, kind__in=SHOWN).iterator():
            where = f"Row {row.number}" if row.number else "Not in the file"
            changes = "; ".join(f"{name}: {old} -> {new}" for name, old, new in row.differences)
            notes = " ".join(
                f"{note['column']}: {note['text']}" if note["column"] else note["text"] for note in row.words
            )
            self.stdout.write(" ".join(filter(None, [f"{where}, {row.kind}, {row.label}:", changes, notes])))


class Command(ImportCommand):
    help = "Import a staff file. Prints what it changes; who and what in rows that are refused."
    kind = RunKind.STAFF

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--full", action="store_true", help="who is missing from the file leaves")
        parser.add_argument("--confirm-ends", action="store_true", help="go on when more than one job in ten would end")
