"""Whether somebody, or everybody at a place, has what comes before a placement (pure: values in, values out)."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import date

from .evaluation import Kind, Span


@dataclass(frozen=True)
class Readiness:
    """How many of the duties that come before a placement there are on the day, how many are missing, and since when
    none is (none: one is missing)."""

    required: int
    missing: int
    since: date | None

    @property
    def ready(self) -> bool:
        return self.missing == 0


def fold_readiness(spans: Iterable[tuple[Hashable, Span]], day: date) -> Readiness | None:
    """Return where the duties stand on the day; none when there is no duty then.

    ``spans`` are those of all duties, each with what names its duty. Held and waived count as met. Ready since: the
    first day from which on every duty of each day was met, or the first day of the duties without a day between.
    """
    owed: set[Hashable] = set()
    unmet: set[Hashable] = set()
    since = date.min
    stretches = []
    for duty, span in spans:
        stretches.append((span.from_on, span.to_on))
        covers = span.from_on <= day < span.to_on
        if covers:
            owed.add(duty)
        begin = span.from_on if span.kind == Kind.OPEN else max(span.late_on, span.from_on)
        if span.kind == Kind.WAIVED or begin >= span.to_on or begin > day:
            continue
        if covers:
            unmet.add(duty)
        else:
            since = max(since, min(span.to_on, day))
    if not owed:
        return None
    return Readiness(len(owed), len(unmet), None if unmet else max(since, _begin(stretches, day)))


def _begin(stretches: Iterable[tuple[date, date]], day: date) -> date:
    """Return the first day of the unbroken run of stretches that the day is in."""
    begin = end = date.min
    for start, stop in sorted(stretches):
        if start > day:
            break
        if start > end:
            begin = start
        end = max(end, stop)
    return begin
