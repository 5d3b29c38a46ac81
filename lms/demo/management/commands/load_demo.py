"""Builds the demonstration county."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from lms.demo.services import NotADemonstrationError, load_demonstration


class Command(BaseCommand):
    help = "Load the starter curriculum and the demonstration county. A second run changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print nothing but the sign-ins, as JSON")
        parser.add_argument("--people", type=int, metavar="N", help="about how many staff (default: about 220)")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            loaded = load_demonstration(now=timezone.now(), today=timezone.localdate(), people=options["people"])
        except NotADemonstrationError as error:
            raise CommandError(str(error)) from error
        for refusal in loaded.refused:
            self.stderr.write(refusal)
        if options["json"]:
            self.stdout.write(json.dumps(loaded.sign_ins, indent=2))
            return
        made = ", ".join(f"{number} {thing}" for thing, number in loaded.built.items() if number)
        self.stdout.write(f"Built: {made}." if made else "The demonstration stands already; nothing was changed.")
        self.stdout.write("Sign in with:")
        for role, sign_in in loaded.sign_ins.items():
            second = sign_in.get("totp_secret", "")
            self.stdout.write(f"  {role:<16} {sign_in['email']:<36} {sign_in['password']}  {second}".rstrip())
        self.stdout.write("Last: the key for an authenticator app. manage.py demo_code E-MAIL shows its code now.")
