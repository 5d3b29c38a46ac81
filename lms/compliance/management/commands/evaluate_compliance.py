"""``manage.py evaluate_compliance``: write everybody's spans anew, or prove that they are right."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from lms.compliance.selectors import list_counted_days
from lms.compliance.services import list_sample, recompute_all, refresh_counts, verify, verify_counts

SAMPLE = 1000
SHOWN = 20


class Command(BaseCommand):
    help = "Writes where everybody stands with every requirement. With --verify changes nothing and checks it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--verify", action="store_true", help="Compare what is stored with a replay of the ledger.")
        parser.add_argument(
            "--sample", type=int, default=SAMPLE, help="How many people to verify, at random, with the counts of today."
        )
        parser.add_argument("--all", action="store_true", help="Verify everybody, and every day that is counted.")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if not options["verify"]:
            changed = recompute_all(report=lambda progress: self._report(progress.done, progress.total))
            days = refresh_counts(now=now)
            self.stdout.write(f"Spans changed: {changed}. Days counted: {days}.")
            return
        people = list_sample(None if options["all"] else options["sample"])
        counted = list_counted_days() if options["all"] else [timezone.localdate(now)]
        differences = [*verify(people, report=self._report), *(row for day in counted for row in verify_counts(day))]
        for difference in differences[:SHOWN]:
            self.stderr.write(f"{difference.where}: stored {difference.stored}, should be {difference.wanted}")
        if differences:
            raise CommandError(f"Differences: {len(differences)}, among {len(people)} people.")
        self.stdout.write(f"No difference among {len(people)} people.")

    def _report(self, done: int, total: int) -> None:
        if self.stdout.isatty():
            self.stdout.write(f"{done} of {total}", ending="\r")
