"""What the answers to a quiz tell about its questions, as pure rules: values in, values out, no database and no clock.

Terms and thresholds are those of classical test theory, as in Ebel and Frisbie, *Essentials of Educational
Measurement*, 5th ed. 1991, chapter 13.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

CONFIDENCE = 0.95
FEWEST_FOR_FLAGS = 20
"""With fewer answers than these chance alone makes a question look bad."""
TOO_EASY = 0.95
TOO_HARD = 0.25
TELLS_LITTLE = 0.10
MOST_DEGREES = 1_000
"""From here on Student's distribution is the normal one, within two thousandths."""


class Flag(StrEnum):
    """What an author should look at."""

    TOO_EASY = "too_easy"
    TOO_HARD = "too_hard"
    TELLS_LITTLE = "tells_little"
    TURNED_AROUND = "turned_around"
    RIVAL = "rival"
    NEVER_CHOSEN = "never_chosen"


@dataclass(frozen=True, slots=True)
class Answer:
    """What one attempt gave for one question.

    ``points`` are from 0 to 1 (0 for no answer), ``rest`` the attempt's points for all other questions, ``seconds`` the
    time from the answer before to this one, None where nobody can tell, ``marks`` what was chosen, one key for each
    thing that may be counted.
    """

    points: float
    rest: float
    seconds: float | None = None
    marks: Sequence[Hashable] = ()


@dataclass(slots=True)
class MarkFigures:
    """How often something was chosen, and the mean of the ``rest`` points of those who chose it."""

    count: int = 0
    rest_sum: float = 0.0

    @property
    def rest_mean(self) -> float | None:
        return self.rest_sum / self.count if self.count else None


@dataclass(slots=True)
class ItemFigures:
    """The answers to one question, added up one by one."""

    tries: int = 0
    answered: int = 0
    marks: dict[Hashable, MarkFigures] = field(default_factory=dict)
    _seconds: list[float] = field(default_factory=list)
    _points: float = 0.0
    _points_2: float = 0.0
    _rest: float = 0.0
    _rest_2: float = 0.0
    _both: float = 0.0

    def add(self, answer: Answer) -> None:
        self.tries += 1
        self._points += answer.points
        self._points_2 += answer.points * answer.points
        self._rest += answer.rest
        self._rest_2 += answer.rest * answer.rest
        self._both += answer.points * answer.rest
        if answer.marks:
            self.answered += 1
        if answer.seconds is not None:
            self._seconds.append(answer.seconds)
        for mark in answer.marks:
            figures = self.marks.setdefault(mark, MarkFigures())
            figures.count += 1
            figures.rest_sum += answer.rest

    @property
    def difficulty(self) -> float | None:
        """The mean of the points, from 0 (nobody got it) to 1 (everybody did); None without tries."""
        return self._points / self.tries if self.tries else None

    @property
    def discrimination(self) -> float | None:
        """The point-biserial correlation of the question's points with those for the rest of the quiz, so that the
        question is not compared with itself; None where either is the same for everybody."""
        spread = (self.tries * self._points_2 - self._points**2) * (self.tries * self._rest_2 - self._rest**2)
        if not self._varies:
            return None
        value = (self.tries * self._both - self._points * self._rest) / math.sqrt(spread)
        return max(-1.0, min(1.0, value))

    @property
    def _varies(self) -> bool:
        # Differences that rounding of the sums makes are none.
        return all(
            self.tries * squares - total**2 > 1e-9 * self.tries * max(squares, 1.0)
            for squares, total in ((self._points_2, self._points), (self._rest_2, self._rest))
        )

    @property
    def seconds(self) -> float | None:
        """The median time that an answer took."""
        return statistics.median(self._seconds) if self._seconds else None


def analyze(answers: Iterable[tuple[int, Answer]]) -> dict[int, ItemFigures]:
    """Return the figures of each question, by its id."""
    items: dict[int, ItemFigures] = {}
    for question, answer in answers:
        items.setdefault(question, ItemFigures()).add(answer)
    return items


def find_flags(item: ItemFigures, *, right: Iterable[Hashable] = (), wrong: Iterable[Hashable] = ()) -> list[Flag]:
    """Return what is odd about a question, of whose marks some are right and others wrong.

    A *rival* is a wrong choice whose choosers did better in the rest of the quiz than those of the right one: the key
    or the wording may be wrong. With fewer than ``FEWEST_FOR_FLAGS`` tries nothing is said.
    """
    if item.tries < FEWEST_FOR_FLAGS or item.difficulty is None:
        return []
    flags = []
    if item.difficulty >= TOO_EASY:
        flags.append(Flag.TOO_EASY)
    if item.difficulty <= TOO_HARD:
        flags.append(Flag.TOO_HARD)
    if item.discrimination is not None and item.discrimination < TELLS_LITTLE:
        flags.append(Flag.TURNED_AROUND if item.discrimination < 0 else Flag.TELLS_LITTLE)
    wrong = list(wrong)
    best = max((mean for mark in right if (mean := _rest_mean(item.marks, mark)) is not None), default=None)
    if best is not None and any(_is_rival(item, mark, best) for mark in wrong):
        flags.append(Flag.RIVAL)
    if any(mark not in item.marks for mark in wrong):
        flags.append(Flag.NEVER_CHOSEN)
    return flags


def _rest_mean(marks: Mapping[Hashable, MarkFigures], mark: Hashable) -> float | None:
    return marks[mark].rest_mean if mark in marks else None


def _is_rival(item: ItemFigures, mark: Hashable, best: float) -> bool:
    mean = _rest_mean(item.marks, mark)
    # One strong learner who slipped makes no rival.
    return mean is not None and mean > best and item.marks[mark].count >= max(3, item.tries // 20)


@dataclass(frozen=True, slots=True)
class Gain:
    """What was learned, in points of a hundred: the mean of the differences, and the interval that holds the true mean
    with 95 percent confidence (None where ``n`` is under 2)."""

    n: int
    before: float
    after: float
    gain: float
    low: float | None
    high: float | None


def measure_gain(pairs: Sequence[tuple[float, float]]) -> Gain | None:
    """Return the gain over pairs of percentages before and after, by Student's paired t; None without pairs."""
    if not pairs:
        return None
    gains = [after - before for before, after in pairs]
    n, mean = len(gains), statistics.fmean(gains)
    margin = None
    if n > 1:
        margin = student_quantile((1 + CONFIDENCE) / 2, n - 1) * statistics.stdev(gains) / math.sqrt(n)
    return Gain(
        n=n,
        before=statistics.fmean(before for before, _after in pairs),
        after=statistics.fmean(after for _before, after in pairs),
        gain=mean,
        low=None if margin is None else mean - margin,
        high=None if margin is None else mean + margin,
    )


def student_quantile(probability: float, degrees: int) -> float:
    """Return the value that Student's t with so many degrees of freedom stays under with this probability (over ½).

    By halving the interval of the exact sum of Abramowitz and Stegun, *Handbook of Mathematical Functions*, 26.7.3 and
    26.7.4.
    """
    degrees = min(degrees, MOST_DEGREES)
    # In the angle whose tangent is t over the root of the degrees, every quantile lies in a quarter turn.
    low, high = 0.0, math.pi / 2
    for _step in range(60):
        middle = (low + high) / 2
        if (1 + _student_inside(middle, degrees)) / 2 < probability:
            low = middle
        else:
            high = middle
    return math.tan(low) * math.sqrt(degrees)


def _student_inside(angle: float, degrees: int) -> float:
    """The probability that |t| stays under the tangent of the angle times the root of the degrees."""
    cosine_2 = math.cos(angle) ** 2
    odd = degrees % 2
    term, total = 1.0, 1.0 if degrees > 1 else 0.0
    for step in range(2 + odd, degrees - 1, 2):
        term *= cosine_2 * (step - 1) / step
        total += term
    if odd:
        return 2 / math.pi * (angle + math.sin(angle) * math.cos(angle) * total)
    return math.sin(angle) * total
