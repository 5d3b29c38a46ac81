"""How many of the people who owe something have done it (pure: values in, values out)."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Self, TypeVar

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Shares:
    """Obligations (person x requirement) by their status on a day."""

    open: int = 0
    due_soon: int = 0
    overdue: int = 0
    complete: int = 0
    renew_soon: int = 0
    expired: int = 0
    waived: int = 0

    def __add__(self, other: Self) -> Shares:
        return Shares(
            self.open + other.open,
            self.due_soon + other.due_soon,
            self.overdue + other.overdue,
            self.complete + other.complete,
            self.renew_soon + other.renew_soon,
            self.expired + other.expired,
            self.waived + other.waived,
        )

    @property
    def required(self) -> int:
        """All obligations, the waived ones too."""
        return self.trained + self.due + self.late + self.waived

    @property
    def counted(self) -> int:
        """What a share is a share of: required and not waived."""
        return self.trained + self.due + self.late

    @property
    def trained(self) -> int:
        return self.complete + self.renew_soon

    @property
    def due(self) -> int:
        """Owed and not late."""
        return self.open + self.due_soon

    @property
    def late(self) -> int:
        return self.overdue + self.expired

    @property
    def trained_share(self) -> float | None:
        """Trained %, as a part of 1: the headline; nothing where nothing is required."""
        return self.trained / self.counted if self.counted else None

    @property
    def standing_share(self) -> float | None:
        """In good standing %, as a part of 1: trained, or owed and not late; nothing where nothing is required."""
        return (self.trained + self.due) / self.counted if self.counted else None


def add_up(shares: Iterable[Shares]) -> Shares:
    return sum(shares, Shares())


def add_up_by(shares: Iterable[tuple[Key, Shares]]) -> dict[Key, Shares]:
    """Return for each key the sum of what comes with it."""
    sums: dict[Key, Shares] = {}
    for key, one in shares:
        sums[key] = sums[key] + one if key in sums else one
    return sums
