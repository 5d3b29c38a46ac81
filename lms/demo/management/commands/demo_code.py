"""Shows the second step of a demonstration sign-in, for who has no authenticator app at hand."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from lms.demo.services import NotADemonstrationError, current_code


class Command(BaseCommand):
    help = "Print the code that the authenticator app of a demonstration sign-in shows now."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="as load_demo prints it")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.stdout.write(current_code(options["email"].strip().lower()))
        except NotADemonstrationError as error:
            raise CommandError(str(error)) from error
