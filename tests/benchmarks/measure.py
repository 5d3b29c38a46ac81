"""Rows of figures, and the CPU time that a call takes."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One figure: ours and its floor in the same unit, for a piece of work of the given size."""

    name: str
    ours: float
    floor: float
    unit: str
    size: int

    @property
    def ratio(self) -> float:
        return self.ours / self.floor if self.floor else 0.0


def cpu_milliseconds(*calls: Callable[[], object], rounds: int) -> list[float]:
    """Return the median CPU time of each call in milliseconds, the calls taking turns, after one round to warm up."""
    times: list[list[float]] = [[] for _call in calls]
    for number in range(rounds + 1):
        for call, measured in zip(calls, times, strict=True):
            start = time.process_time()
            call()
            if number:
                measured.append((time.process_time() - start) * 1000)
    return [statistics.median(measured) for measured in times]
