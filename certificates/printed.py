"""What a certificate says: one value that the printed sheet, the record page and the public check all show.

It is kept as JSON beside the certificate, so that later changes of names, titles or settings change nothing here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import get_language, gettext, ngettext

from lms.learning.enums import CompletionMode

from .credit_rules import mask


def write_day(day: date) -> str:
    """Return a day in full, in the active language: a document has room for the month's whole name."""
    return date_format(day, "F j, Y" if (get_language() or "en").startswith("en") else "DATE_FORMAT")


def write_quarters(hours: Decimal) -> str:
    """Return hours as a number without idle zeros ("1.25", "12")."""
    return f"{hours.normalize():f}" if hours else "0"


def write_hours(hours: Decimal) -> str:
    """Return credit hours in words ("1.25 hours")."""
    return ngettext("%(hours)s hour", "%(hours)s hours", 1 if hours == 1 else 2) % {"hours": write_quarters(hours)}


@dataclass(frozen=True)
class Signer:
    """A person who signs, as the template names them."""

    name: str
    title: str = ""


@dataclass(frozen=True)
class CreditLine:
    """What one body's line says. ``hours`` are quarter hours as the body counts them."""

    body: str
    hours: Decimal
    provider_number: str
    course_number: str = ""
    provider_name: str = ""
    provider_address: str = ""
    statement: str = ""
    license_kind: str = ""
    license_number: str = ""
    categories: tuple[tuple[str, Decimal], ...] = ()

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> CreditLine:
        categories = tuple((name, Decimal(hours)) for name, hours in stored["categories"])
        return cls(**{**stored, "hours": Decimal(stored["hours"]), "categories": categories})

    def to_json(self) -> dict[str, Any]:
        categories = [[name, str(hours)] for name, hours in self.categories]
        return {**asdict(self), "hours": str(self.hours), "categories": categories}

    def sentences(self, *, masked: bool) -> Iterator[str]:
        """Yield the line's parts; ``masked``: as strangers may read them."""
        hours = write_hours(self.hours)
        if self.categories:
            parts = ", ".join(f"{name} {write_quarters(hours)}" for name, hours in self.categories)
            hours = gettext("%(hours)s (%(parts)s)") % {"hours": hours, "parts": parts}
        yield gettext("%(body)s: %(hours)s.") % {"body": self.body, "hours": hours}
        if self.course_number:
            yield gettext("Course %(number)s.") % {"number": self.course_number}
        provider = ", ".join(part for part in (self.provider_name, self.provider_address) if part)
        if provider:
            yield gettext("Provider %(number)s, %(provider)s.") % {
                "number": self.provider_number,
                "provider": provider,
            }
        else:
            yield gettext("Provider %(number)s.") % {"number": self.provider_number}
        if self.license_number:
            number = mask(self.license_number) if masked else self.license_number
            yield gettext("License %(number)s.") % {"number": f"{self.license_kind} {number}".strip()}
        elif self.license_kind:
            yield gettext("License: %(kind)s.") % {"kind": self.license_kind}
        if self.statement:
            yield self.statement

    @property
    def text(self) -> str:
        return " ".join(self.sentences(masked=False))

    @property
    def public_text(self) -> str:
        return " ".join(self.sentences(masked=True))


@dataclass(frozen=True)
class PrintedFields:
    """Every printed value. ``hours`` are credit hours in quarter hours; ``agency`` is the site's own, or empty.

    ``replaces`` is the number of the certificate of the same completion that this one corrects.
    """

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
    started_on: date | None = None
    place: str = ""
    instructor: str = ""
    lines: tuple[CreditLine, ...] = ()
    replaces: str = ""
    issued_on: date | None = None

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> PrintedFields:
        """Read what ``to_json`` wrote, also before a field was added."""
        started_on, issued_on = stored.get("started_on"), stored.get("issued_on")
        return cls(
            **{
                **stored,
                "hours": Decimal(stored["hours"]),
                "completed_on": date.fromisoformat(stored["completed_on"]),
                "started_on": date.fromisoformat(started_on) if started_on else None,
                "issued_on": date.fromisoformat(issued_on) if issued_on else None,
                "expires_on": date.fromisoformat(stored["expires_on"]) if stored["expires_on"] else None,
                "signers": tuple(Signer(**signer) for signer in stored["signers"]),
                "lines": tuple(CreditLine.from_json(line) for line in stored.get("lines", [])),
            }
        )

    def to_json(self) -> dict[str, Any]:
        """Return the fields as plain JSON values."""
        return {
            **asdict(self),
            "hours": str(self.hours),
            "completed_on": self.completed_on.isoformat(),
            "started_on": self.started_on.isoformat() if self.started_on else None,
            "issued_on": self.issued_on.isoformat() if self.issued_on else None,
            "expires_on": self.expires_on.isoformat() if self.expires_on else None,
            "signers": [asdict(signer) for signer in self.signers],
            "lines": [line.to_json() for line in self.lines],
        }

    @property
    def provider(self) -> str:
        """The site, and the agency that runs it where the site's settings name one."""
        return ", ".join(part for part in (self.issuer, self.agency) if part)

    @property
    def provider_text(self) -> str:
        return gettext("Provider: %(provider)s.") % {"provider": self.provider}

    @property
    def hours_text(self) -> str:
        """The credit hours in words ("1.25 hours"), or nothing where the course gives none."""
        return write_hours(self.hours) if self.hours else ""

    @property
    def completed_text(self) -> str:
        return write_day(self.completed_on)

    @property
    def issued_text(self) -> str:
        return write_day(self.issued_on) if self.issued_on else ""

    @property
    def started_text(self) -> str:
        """The day of the start, or nothing where it is the day of the end."""
        return write_day(self.started_on) if self.started_on and self.started_on != self.completed_on else ""

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

    @property
    def more_facts(self) -> str:
        """The sentences after it: start, place, instructor, validity, version, what it replaces."""
        version = gettext("Version %(version)s of the course.") % {"version": self.version}
        sentences = [
            gettext("Begun on %(day)s.") % {"day": self.started_text} if self.started_text else "",
            gettext("Place: %(place)s.") % {"place": self.place} if self.place else "",
            gettext("Instructor: %(name)s.") % {"name": self.instructor} if self.instructor else "",
            gettext("Valid until %(day)s.") % {"day": self.expires_text} if self.expires_on else "",
            version if self.version else "",
            gettext("Reissued; replaces %(number)s.") % {"number": self.replaces} if self.replaces else "",
        ]
        return " ".join(sentence for sentence in sentences if sentence)
