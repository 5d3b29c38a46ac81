"""`manage.py load_curriculum [PATH] [--overwrite]`: the starter files into the site."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from curricula.starter_loader import STARTER_FOLDER, Report, load_curriculum


class Command(BaseCommand):
    help = (
        "Load courses, pages and code lists from files. Standing pages go online, courses, modules and library pages "
        "become drafts. Loading twice changes nothing; what was edited on the site since is left alone."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "path", nargs="?", type=Path, default=STARTER_FOLDER, help="a folder like curricula/starter"
        )
        parser.add_argument("--overwrite", action="store_true", help="load also over what was edited on the site")

    def handle(self, *args: Any, path: Path, overwrite: bool, **options: Any) -> None:
        if not path.is_dir():
            raise CommandError(f"There is no folder {path}.")
        report = load_curriculum(folder=path.resolve(), overwrite=overwrite)
        self.print_report(report)
        if report.refused:
            raise CommandError(f"{len(report.refused)} refused; everything else is loaded.")

    def print_report(self, report: Report) -> None:
        for heading, lines in (
            ("Created", report.created),
            ("Changed", report.changed),
            ("Left alone, because it was edited on the site (--overwrite replaces it)", report.left_alone),
            ("Refused", report.refused),
        ):
            if lines:
                self.stdout.write(f"{heading}:")
            for line in lines:
                self.stdout.write(f"  {line}")
        self.stdout.write(
            f"{len(report.created)} created, {len(report.changed)} changed, {report.unchanged} unchanged, "
            f"{len(report.left_alone)} left alone, {len(report.refused)} refused."
        )
