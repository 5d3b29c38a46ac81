"""Grading as pure rules: values in, values out, no database and no clock.

Points are exact fractions, so that no rounding decides whether somebody passed.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction

from .enums import QuestionKind

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Grade:
    """What an attempt is worth: points of points, percent rounded down to two digits, and whether that is a pass."""

    score: Fraction
    max_score: int
    percent: Decimal
    passed: bool


def grade_question(kind: str, right: AbstractSet[int], chosen: AbstractSet[int]) -> Fraction:
    """Return the points of one question: 1 or 0.

    One answer, true or false: 1 for the right choice alone. Several answers: 1 for all right choices and none wrong;
    there is no part credit. Raises ValueError for a kind that has no rule.
    """
    match QuestionKind(kind):
        case QuestionKind.SINGLE | QuestionKind.TRUE_FALSE:
            return Fraction(len(chosen) == 1 and chosen <= right)
        case QuestionKind.MULTIPLE:
            return Fraction(bool(right) and chosen == right)


def grade_attempt(points: Iterable[Fraction], *, pass_percent: int) -> Grade:
    """Add up the points of an attempt's questions, each worth at most one point.

    The pass mark is compared with the exact share, never with a rounded one. An attempt without questions never passes.
    """
    all_points = list(points)
    score, max_score = sum(all_points, Fraction()), len(all_points)
    return Grade(
        score=score,
        max_score=max_score,
        percent=percent_of(score, max_score),
        passed=max_score > 0 and score * 100 >= max_score * pass_percent,
    )


def percent_of(score: Fraction | Decimal, max_score: int) -> Decimal:
    """Return the share in percent, rounded down to two digits, so that nobody reads a pass mark not reached."""
    if max_score == 0:
        return Decimal(0).quantize(CENT)
    hundredths = Fraction(score) * 10_000 // max_score
    return (Decimal(hundredths) * CENT).quantize(CENT, rounding=ROUND_FLOOR)


def points_needed(max_score: int, *, pass_percent: int) -> int:
    """Return the fewest whole points that pass."""
    return -(-max_score * pass_percent // 100)
