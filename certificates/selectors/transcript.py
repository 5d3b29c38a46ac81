"""A person's whole record as one list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from certificates.models import Transcript
from certificates.printed import write_quarters
from lms.accounts.models import Person
from lms.accounts.selectors import identities
from lms.learning.enums import CompletionMode, CompletionSource
from lms.learning.models import Completion


@dataclass(frozen=True)
class TranscriptEntry:
    """One completion as a transcript prints it; no score, no employer."""

    completion: int
    course: str
    version: int
    completed_on: date
    hours: Decimal
    source: str
    mode: str
    place: str
    name: str  # as the record has it, which may be an earlier name
    credits: tuple[tuple[str, Decimal], ...]

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> TranscriptEntry:
        return cls(
            **{
                **stored,
                "completed_on": date.fromisoformat(stored["completed_on"]),
                "hours": Decimal(stored["hours"]),
                "credits": tuple((body, Decimal(hours)) for body, hours in stored["credits"]),
            }
        )

    def to_json(self) -> dict[str, Any]:
        return {
            **asdict(self),
            "completed_on": self.completed_on.isoformat(),
            "hours": str(self.hours),
            "credits": [[body, str(hours)] for body, hours in self.credits],
        }

    @property
    def source_text(self) -> str:
        return str(CompletionSource(self.source).label)

    @property
    def mode_text(self) -> str:
        return str(CompletionMode(self.mode).label)

    @property
    def credit_text(self) -> str:
        return ", ".join(f"{body} {write_quarters(hours)}" for body, hours in self.credits)


def list_transcript_entries(person: Person, *, as_of: date) -> list[TranscriptEntry]:
    """Return every completion of the person that stands, the latest first; two queries for any number."""
    completions = (
        Completion.objects.standing()
        .filter(person__in=identities(person), completed_on__lte=as_of)
        .prefetch_related("credit_entries__body")
    )
    return [
        TranscriptEntry(
            completion=one.pk,
            course=one.course_title,
            version=one.version,
            completed_on=one.completed_on,
            hours=one.hours,
            source=one.source,
            mode=one.mode,
            place=one.place,
            name=one.person_name,
            credits=tuple((entry.body.short_name, entry.hours) for entry in one.credit_entries.all()),
        )
        for one in completions
    ]


def list_entries_taken_back(transcript: Transcript) -> set[int]:
    """Return those completions of an issued transcript that were voided since."""
    listed: Iterable[int] = [line["completion"] for line in transcript.lines]
    voided = Completion.objects.filter(voids__in=listed).values_list("voids", flat=True)
    return {key for key in voided if key is not None}
