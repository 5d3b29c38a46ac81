"""What a certificate says: one value that the printed sheet, the record page and the public check all show.

It is kept as JSON beside the certificate, so that later changes of names, titles or settings change nothing here.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import get_language, gettext, ngettext

from lms.learning.enums import CompletionMode


def write_day(day: date) -> str:
    """Return a day in full, in the active language: a document has room for the month's whole name."""
    return date_format(day, "F j, Y" if (get_language() or "en").startswith("en") else "DATE_FORMAT")


@dataclass(frozen=True)
class Signer:
    """A person who signs every certificate of the site, as its settings name them."""

    name: str
    title: str = ""


@dataclass(frozen=True)
class PrintedFields:
    """Every printed value. ``hours`` are credit hours in quarter hours; ``agency`` is the site's own, or empty."""

    name: str
    course: str
    version: int
    hours: Decimal
    mode: str
    quiz_passed: bool
    completed_on: date
    expires_on: date | None
    issuer: str
    agency: str
    language: str
    signers: tuple[Signer, ...] = field(default=())

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> PrintedFields:
        """Read what ``to_json`` wrote."""
        return cls(
            **{
                **stored,
                "hours": Decimal(stored["hours"]),
                "completed_on": date.fromisoformat(stored["completed_on"]),
                "expires_on": date.fromisoformat(stored["expires_on"]) if stored["expires_on"] else None,
                "signers": tuple(Signer(**signer) for signer in stored["signers"]),
            }
        )

    def to_json(self) -> dict[str, Any]:
        """Return the fields as plain JSON values."""
        return {
            **asdict(self),
            "hours": str(self.hours),
            "completed_on": self.completed_on.isoformat(),
            "expires_on": self.expires_on.isoformat() if self.expires_on else None,
            "signers": [asdict(signer) for signer in self.signers],
        }

    @property
    def provider(self) -> str:
        """The site, and the agency that runs it where the site's settings name one."""
        return ", ".join(part for part in (self.issuer, self.agency) if part)

    @property
    def hours_text(self) -> str:
        """The credit hours in words ("1.25 hours"), or nothing where the course gives none."""
        if not self.hours:
            return ""
        hours = f"{self.hours.normalize():f}"
        return ngettext("%(hours)s hour", "%(hours)s hours", 1 if self.hours == 1 else 2) % {"hours": hours}

    @property
    def completed_text(self) -> str:
        return write_day(self.completed_on)

    @property
    def expires_text(self) -> str:
        """The last day on which the certificate holds, or nothing where it holds for good."""
        return write_day(self.expires_on) if self.expires_on else ""

    @property
    def mode_text(self) -> str:
        return str(CompletionMode(self.mode).label)

    @property
    def facts(self) -> str:
        """The sentence below the course: hours, mode, quiz and day."""
        parts = [self.hours_text] if self.hours else []
        parts.append(self.mode_text if not parts else self.mode_text[:1].lower() + self.mode_text[1:])
        if self.quiz_passed:
            parts.append(gettext("with a passed final quiz"))
        parts.append(gettext("on %(day)s") % {"day": self.completed_text})
        return gettext("%(facts)s.") % {"facts": ", ".join(parts)}
