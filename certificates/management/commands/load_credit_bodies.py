"""`manage.py load_credit_bodies`: the bodies of continuing education that California's counties meet."""

from typing import Any

from django.core.management.base import BaseCommand

from certificates.services import load_bodies


class Command(BaseCommand):
    help = (
        "Add bodies of continuing education (STC, BBS, nursing, bar, caregivers) with their citations. What stands is "
        "left alone. Nothing is printed for a body before its provider number is entered in the CMS."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        added = load_bodies()
        for body in added:
            self.stdout.write(f"  {body}")
        self.stdout.write(f"{len(added)} added.")
