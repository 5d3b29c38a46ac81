"""Grading as pure rules: values in, values out, no database and no clock.

Points are exact fractions, so that no rounding decides whether somebody passed. A question's *content* is what an
attempt has frozen of it (see ``quizzes.contents``); what was *chosen* is a list: ids of choices, for matching an
option's id for each prompt, for ordering the ids in the order given, for texts and numbers the one text as typed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction
from typing import Any

from .enums import QuestionKind

CENT = Decimal("0.01")
# Question formats write a third as 33.33333 percent: shares are read as the nearest fraction of so many parts.
FINEST_SHARE = 1_000

NUMBER = re.compile(r"[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)", re.ASCII)
GROUPED_NUMBER = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?", re.ASCII)
LONGEST_NUMBER = 40

Content = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Grade:
    """What an attempt is worth: points of points, percent rounded down to two digits, and whether that is a pass."""

    score: Fraction
    max_score: int
    percent: Decimal
    passed: bool


def grade_question(content: Content, chosen: Sequence[int | str]) -> Fraction:
    """Return the points of one question, from 0 to 1; nothing chosen gives 0.

    - One answer, true or false: the share of the one choice (1 for the right one).
    - Several answers: where choices carry shares, the sum of the chosen ones, never below 0 nor above 1; otherwise 1
      for all right choices and none wrong.
    - Matching: the share of prompts that got their own option. Ordering: the share of items in their own place.
    - Short text: the largest share of an accepted answer that reads the same, as ``fold_text`` reads.
    - Number: the largest share of an accepted value that is no further away than the tolerance.

    Raises ValueError for a kind that has no rule.
    """
    choices = content["choices"]
    match QuestionKind(content["kind"]):
        case QuestionKind.SINGLE | QuestionKind.TRUE_FALSE:
            points = _sum_of_shares(choices, chosen) if len(set(chosen)) == 1 else Fraction()
        case QuestionKind.MULTIPLE if gives_part_credit(choices):
            points = _sum_of_shares(choices, chosen)
        case QuestionKind.MULTIPLE:
            right = {choice["id"] for choice in choices if choice["right"]}
            points = Fraction(bool(right) and set(chosen) == right)
        case QuestionKind.MATCHING:
            points = _share_of_places([choice["option"] for choice in choices], chosen)
        case QuestionKind.ORDERING:
            points = _share_of_places(content["order"], chosen)
        case QuestionKind.SHORT_TEXT:
            given = {fold_text(str(text)) for text in chosen}
            points = _largest_share(choices, lambda text: fold_text(text) in given)
        case QuestionKind.NUMERIC:
            points = _largest_share(choices, lambda text: _is_near(text, chosen, content.get("tolerance")))
        case kind:
            raise ValueError(f"Nothing is right or wrong in a question of kind {kind}.")
    return min(max(points, Fraction()), Fraction(1))


def gives_part_credit(choices: Iterable[Mapping[str, Any]]) -> bool:
    """Whether the choices of several answers carry shares of the point."""
    return any(choice.get("share") is not None for choice in choices)


def share_of(choice: Mapping[str, Any], *, otherwise: int) -> Fraction:
    """Return a choice's share of the point (negative for one that takes away); ``otherwise`` where it carries none."""
    if choice.get("share") is None:
        return Fraction(otherwise)
    return (Fraction(Decimal(choice["share"])) / 100).limit_denominator(FINEST_SHARE)


def _sum_of_shares(choices: Sequence[Mapping[str, Any]], chosen: Sequence[int | str]) -> Fraction:
    given = set(chosen)
    # In a question of which some choices carry shares, the others are worth nothing.
    part_credit = gives_part_credit(choices)
    shares = (
        share_of(choice, otherwise=0 if part_credit else int(choice["right"]))
        for choice in choices
        if choice["id"] in given
    )
    return sum(shares, Fraction())


def _share_of_places(right: Sequence[int | None], chosen: Sequence[int | str]) -> Fraction:
    if not right or len(right) != len(chosen):
        return Fraction()
    return Fraction(sum(given == place for place, given in zip(right, chosen, strict=True)), len(right))


def _largest_share(choices: Iterable[Mapping[str, Any]], fits: Callable[[str], bool]) -> Fraction:
    return max((share_of(choice, otherwise=1) for choice in choices if fits(choice["text"])), default=Fraction())


def _is_near(text: str, chosen: Sequence[int | str], tolerance: str | None) -> bool:
    accepted = read_number(text)
    given = [read_number(str(value)) for value in chosen]
    width = Fraction(Decimal(tolerance)) if tolerance else Fraction()
    return accepted is not None and any(value is not None and abs(value - accepted) <= width for value in given)


def fold_text(text: str) -> str:
    """Return the text without what a reader would not call another answer: case, accents, spaces, kinds of quotation
    marks and dashes, a full stop at the end."""
    plain = unicodedata.normalize("NFKD", text.translate(LOOKALIKES)).casefold()
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(sign))
    return " ".join(plain.split()).rstrip(".").rstrip()


LOOKALIKES = str.maketrans(
    {"‘": "'", "’": "'", "ʼ": "'", "“": '"', "”": '"', "«": '"', "»": '"', "‐": "-", "‑": "-", "–": "-", "—": "-"}
)


def read_number(text: str) -> Fraction | None:
    """Return the number that somebody typed, None if it is none.

    A point or a comma parts the decimals (``2.5``, ``2,5``); commas before groups of three digits part the thousands
    (``1,000``), as they do in the United States.
    """
    plain = text.strip().replace("\u2212", "-").replace(" ", "").replace("\u00a0", "")
    if len(plain) > LONGEST_NUMBER:
        return None
    if GROUPED_NUMBER.fullmatch(plain):
        return Fraction(Decimal(plain.replace(",", "")))
    return Fraction(Decimal(plain.replace(",", "."))) if NUMBER.fullmatch(plain) else None


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


def round_down(points: Fraction, unit: Decimal = CENT) -> Decimal:
    """Return the points in whole units, rounded down, so that nobody reads more than was reached."""
    return (Decimal(points.numerator) / points.denominator).quantize(unit, rounding=ROUND_FLOOR)


def points_needed(max_score: int, *, pass_percent: int) -> int:
    """Return the fewest whole points that pass."""
    return -(-max_score * pass_percent // 100)
