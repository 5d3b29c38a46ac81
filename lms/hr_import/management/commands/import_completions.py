"""Prior completions from another system, from the command line."""

from __future__ import annotations

from django.core.management.base import CommandParser

from lms.hr_import.enums import RunKind, WhenKnown

from .import_staff import ImportCommand


class Command(ImportCommand):
    help = "Import prior completions. A course that is not known is kept as evidence, to be matched."
    kind = RunKind.COMPLETIONS

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--when-known",
            choices=WhenKnown.values,
            default=WhenKnown.KEEP,
            help="what becomes of a course that was completed already: keep does nothing, replace adds a later one",
        )
