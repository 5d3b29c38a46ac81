"""Takes back a text that should never have been written, such as a child's name in a reason."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from lms.accounts.selectors import find_by_email
from lms.audit.redaction import RedactionError, redact_text


class Command(BaseCommand):
    help = "Replace the text in a field of a row by a stub that says when; the audit trail says who and why."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("model", help="as in app.model, such as learning.completion")
        parser.add_argument("key")
        parser.add_argument("field")
        parser.add_argument("--reason", required=True, help="why, without repeating what is removed")
        parser.add_argument("--by", required=True, metavar="E-MAIL", help="who decided it")

    def handle(self, *args: Any, **options: Any) -> None:
        actor = find_by_email([options["by"]]).get(options["by"].strip().lower())
        if actor is None:
            raise CommandError(f"Nobody has the address {options['by']}.")
        try:
            row = apps.get_model(options["model"])._base_manager.get(pk=options["key"])
        except (LookupError, ValueError, ObjectDoesNotExist) as error:
            raise CommandError(f"There is no row {options['key']} of {options['model']}.") from error
        try:
            stub = redact_text(
                actor=actor, row=row, field=options["field"], reason=options["reason"], today=timezone.localdate()
            )
        except RedactionError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{options['model']} {options['key']}, {options['field']}: {stub}")
