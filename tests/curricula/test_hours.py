"""Credit hours by the written rule."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curricula.hours import credit_hours


@pytest.mark.parametrize(
    ("words", "video_seconds", "practice_minutes", "questions", "hours"),
    [
        (0, 0, 0, 0, "0"),
        (3000, 0, 0, 0, "0.25"),
        (2999, 0, 0, 0, "0"),
        (0, 900, 0, 0, "0.25"),
        (0, 899, 0, 0, "0"),
        (0, 0, 15, 0, "0.25"),
        (0, 0, 0, 15, "0.25"),
        (0, 0, 0, 14, "0"),
        (1500, 150, 3, 2, "0.25"),
        (4200, 0, 27, 12, "1.00"),
        (4199, 0, 27, 12, "0.75"),
        (12000, 0, 0, 0, "1"),
    ],
)
def test_the_rule(words: int, video_seconds: int, practice_minutes: int, questions: int, hours: str) -> None:
    given_load = {"video_seconds": video_seconds, "practice_minutes": practice_minutes, "questions": questions}
    assert credit_hours(words=words, **given_load) == Decimal(hours)


@given(*[st.integers(0, 200_000)] * 2, *[st.integers(0, 600)] * 2)
def test_never_more_than_was_asked_and_less_by_under_a_quarter(
    words: int, video_seconds: int, practice_minutes: int, questions: int
) -> None:
    hours = credit_hours(
        words=words, video_seconds=video_seconds, practice_minutes=practice_minutes, questions=questions
    )
    asked = Fraction(words, 200 * 60) + Fraction(video_seconds, 3600) + Fraction(practice_minutes + questions, 60)
    assert 0 <= asked - Fraction(hours) < Fraction(1, 4)
    assert (hours * 4) % 1 == 0
