"""Grading by tables of cases and against naive twins."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.grading import grade_attempt, grade_question, percent_of, points_needed

IDS = st.integers(1, 6)
ID_SETS = st.frozensets(IDS)


@pytest.mark.parametrize(
    ("kind", "right", "chosen", "points"),
    [
        ("single", {1}, {1}, 1),
        ("single", {1}, {2}, 0),
        ("single", {1}, {1, 2}, 0),
        ("single", {1}, set(), 0),
        ("single", {1, 3}, {3}, 1),
        ("true_false", {1}, {1}, 1),
        ("true_false", {1}, {2}, 0),
        ("multiple", {1, 2}, {1, 2}, 1),
        ("multiple", {1, 2}, {1}, 0),
        ("multiple", {1, 2}, {1, 2, 3}, 0),
        ("multiple", {1, 2}, {3}, 0),
        ("multiple", {1, 2}, set(), 0),
        ("multiple", set(), set(), 0),
    ],
)
def test_a_question_gives_one_point_or_none(kind: str, right: set[int], chosen: set[int], points: int) -> None:
    assert grade_question(kind, right, chosen) == points


def test_a_kind_without_a_rule_is_refused() -> None:
    with pytest.raises(ValueError, match="essay"):
        grade_question("essay", {1}, {1})


@given(ID_SETS, ID_SETS)
def test_several_answers_agree_with_ticking_off_each_choice(right: frozenset[int], chosen: frozenset[int]) -> None:
    every_choice_agrees = all((choice in right) == (choice in chosen) for choice in range(1, 7))
    assert grade_question("multiple", right, chosen) == int(every_choice_agrees and len(right) > 0)


@given(IDS, ID_SETS)
def test_one_answer_agrees_with_comparing_lists(right: int, chosen: frozenset[int]) -> None:
    assert grade_question("single", {right}, chosen) == int(sorted(chosen) == [right])


@pytest.mark.parametrize(
    ("right", "asked", "pass_percent", "percent", "passed"),
    [
        (8, 8, 80, "100.00", True),
        (6, 8, 80, "75.00", False),
        (7, 8, 80, "87.50", True),
        (4, 5, 80, "80.00", True),
        (2, 3, 67, "66.66", False),
        (2, 3, 66, "66.66", True),
        (0, 3, 1, "0.00", False),
        (0, 0, 80, "0.00", False),
    ],
)
def test_the_pass_mark_is_exact(right: int, asked: int, pass_percent: int, percent: str, passed: bool) -> None:
    grade = grade_attempt([Fraction(number < right) for number in range(asked)], pass_percent=pass_percent)
    assert (grade.score, grade.max_score) == (right, asked)
    assert (grade.percent, grade.passed) == (Decimal(percent), passed)


@given(st.lists(st.fractions(0, 1, max_denominator=12), min_size=1, max_size=30), st.integers(1, 100))
def test_a_grade_agrees_with_long_division(points: list[Fraction], pass_percent: int) -> None:
    grade = grade_attempt(points, pass_percent=pass_percent)
    total, hundredths = Fraction(), 0
    for point in points:
        total += point
    while Fraction(hundredths + 1, 10_000) * len(points) <= total:
        hundredths += 1
    assert (grade.score, grade.percent) == (total, Decimal(hundredths) / 100)
    assert grade.passed is (total / len(points) >= Fraction(pass_percent, 100))


@given(st.integers(1, 200), st.integers(1, 100))
def test_the_points_needed_are_the_fewest_that_pass(asked: int, pass_percent: int) -> None:
    fewest = next(points for points in range(asked + 1) if points * 100 >= asked * pass_percent)
    assert points_needed(asked, pass_percent=pass_percent) == fewest


@given(st.integers(0, 500), st.integers(1, 500))
def test_a_percent_never_says_more_than_was_reached(score: int, asked: int) -> None:
    percent = Fraction(percent_of(Fraction(score), asked))
    assert percent <= Fraction(score * 100, asked) < percent + Fraction(1, 100)
