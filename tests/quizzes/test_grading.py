"""Grading by tables of cases and against naive twins."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.grading import fold_text, grade_attempt, grade_question, percent_of, points_needed, read_number, round_down

IDS = st.integers(1, 6)
ID_SETS = st.frozensets(IDS)


def ask(kind: str, right: AbstractSet[int], **content: Any) -> dict[str, Any]:
    """A question with the choices 1 to 6."""
    choices = [{"id": number, "text": f"choice {number}", "right": number in right} for number in range(1, 7)]
    return {"kind": kind, "choices": choices, **content}


def share_out(shares: Mapping[int, str | None], kind: str = "multiple") -> dict[str, Any]:
    """A question whose choices carry shares in percent."""
    choices = [{"id": key, "text": "", "right": False, "share": share} for key, share in shares.items()]
    return {"kind": kind, "choices": choices}


def accept(kind: str, *accepted: tuple[str, str | None], tolerance: str | None = None) -> dict[str, Any]:
    """A question that takes one of these texts, each with its share."""
    choices = [
        {"id": number, "text": text, "right": False, "share": share} for number, (text, share) in enumerate(accepted)
    ]
    return {"kind": kind, "choices": choices, "tolerance": tolerance}


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
    assert grade_question(ask(kind, right), sorted(chosen)) == points


def test_a_kind_without_a_rule_is_refused() -> None:
    with pytest.raises(ValueError, match="essay"):
        grade_question(ask("essay", {1}), [1])


@given(ID_SETS, ID_SETS)
def test_several_answers_agree_with_ticking_off_each_choice(right: frozenset[int], chosen: frozenset[int]) -> None:
    every_choice_agrees = all((choice in right) == (choice in chosen) for choice in range(1, 7))
    assert grade_question(ask("multiple", right), sorted(chosen)) == int(every_choice_agrees and len(right) > 0)


@given(IDS, ID_SETS)
def test_one_answer_agrees_with_comparing_lists(right: int, chosen: frozenset[int]) -> None:
    assert grade_question(ask("single", {right}), sorted(chosen)) == int(sorted(chosen) == [right])


# --- part credit

THIRDS = {1: "33.33333", 2: "33.33333", 3: "33.33333", 4: "-50", 5: None}


@pytest.mark.parametrize(
    ("chosen", "points"),
    [
        ([], "0"),
        ([1], "1/3"),
        ([1, 2], "2/3"),
        ([1, 2, 3], "1"),
        ([1, 4], "0"),
        ([1, 2, 4], "1/6"),
        ([1, 2, 3, 4], "1/2"),
        ([4], "0"),
        ([5], "0"),
        ([1, 1, 5], "1/3"),
    ],
)
def test_shares_add_up_and_wrong_ones_take_away_but_never_below_nothing(chosen: list[int], points: str) -> None:
    assert grade_question(share_out(THIRDS), chosen) == Fraction(points)


@given(
    st.dictionaries(IDS, st.integers(-100, 100).map(str), min_size=1),
    st.lists(IDS, unique=True),
)
def test_part_credit_agrees_with_adding_by_hand(shares: dict[int, str], chosen: list[int]) -> None:
    percent = sum(int(shares[choice]) for choice in chosen if choice in shares)
    assert grade_question(share_out(shares), chosen) == Fraction(min(max(percent, 0), 100), 100)


@pytest.mark.parametrize(("number", "share"), [(3, "33.33333"), (6, "16.66667"), (7, "14.28571"), (9, "11.11111")])
def test_shares_of_five_decimals_make_a_whole(number: int, share: str) -> None:
    shares = dict.fromkeys(range(number), share)
    assert grade_question(share_out(shares), list(range(number))) == 1


def test_one_answer_may_be_half_right() -> None:
    content = share_out({1: "100", 2: "50", 3: "-50"}, "single")
    assert [grade_question(content, [choice]) for choice in (1, 2, 3)] == [1, Fraction(1, 2), 0]
    assert grade_question(content, [1, 2]) == 0


# --- matching and ordering


@pytest.mark.parametrize(
    ("chosen", "points"), [([11, 12, 11], "1"), ([11, 11, 11], "2/3"), ([12, 11, 13], "0"), ([11, 12], "0"), ([], "0")]
)
def test_each_pair_counts(chosen: list[int], points: str) -> None:
    pairs = [{"id": key, "text": "x", "right": False, "option": option} for key, option in ((1, 11), (2, 12), (3, 11))]
    options = [{"id": key, "text": str(key)} for key in (11, 12, 13)]
    assert grade_question({"kind": "matching", "choices": pairs, "options": options}, chosen) == Fraction(points)


@given(st.permutations(range(1, 7)))
def test_each_place_counts(chosen: list[int]) -> None:
    right = [1, 2, 3, 4, 5, 6]
    in_place = [place for place in range(6) if chosen[place] == right[place]]
    assert grade_question(ask("ordering", set(), order=right), chosen) == Fraction(len(in_place), 6)


# --- texts and numbers


@pytest.mark.parametrize(
    ("accepted", "given", "points"),
    [
        ("El Niño", " el   nino ", 1),
        ("STAR Court", "star court.", 1),
        ("child’s rights", "Child's rights", 1),
        ("co–train", "co-train", 1),
        ("Straße", "STRASSE", 1),
        ("ﬁrst", "first", 1),
        ("court", "courts", 0),
        ("a b", "ab", 0),
    ],
)
def test_a_text_reads_the_same_without_case_and_accents(accepted: str, given: str, points: int) -> None:
    assert grade_question(accept("short_text", (accepted, None)), [given]) == points


def test_the_best_accepted_text_counts() -> None:
    content = accept("short_text", ("victim", "50"), ("Víctim", "80"), ("survivor", "100"))
    assert grade_question(content, ["VICTIM"]) == Fraction(4, 5)
    assert grade_question(content, ["survivor"]) == 1
    assert grade_question(content, []) == 0


@given(st.text(max_size=40))
def test_folding_twice_folds_no_further(text: str) -> None:
    assert fold_text(fold_text(text)) == fold_text(text)


@pytest.mark.parametrize(
    ("given", "points"),
    [("2.5", 1), ("2,5", 1), ("2.60", 1), ("2.4", 1), ("2.61", 0), ("2.39", 0), ("-2.5", 0), ("5/2", 0), ("", 0)],
)
def test_a_number_within_the_tolerance_counts(given: str, points: int) -> None:
    assert grade_question(accept("numeric", ("2.5", None), tolerance="0.1"), [given]) == points


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1,000", 1000),
        ("1,000,000.5", Fraction(2000001, 2)),
        ("1,5", Fraction(3, 2)),
        ("1,50", Fraction(3, 2)),
        (".5", Fraction(1, 2)),
        ("\u22123", -3),
        ("+3", 3),
        ("1 000", 1000),
        ("1e9", None),
        ("0x10", None),
        ("1,0,0", None),
        ("\u0663", None),
        ("NaN", None),
        ("9" * 41, None),
    ],
)
def test_what_reads_as_a_number(text: str, number: int | Fraction | None) -> None:
    assert read_number(text) == number


@given(st.fractions(-1000, 1000, max_denominator=50), st.fractions(0, 10, max_denominator=50))
def test_the_tolerance_includes_its_ends(value: Fraction, width: Fraction) -> None:
    text, tolerance = (str(round_down(number, Decimal("0.01"))) for number in (value, width))
    content = accept("numeric", (text, None), tolerance=tolerance)
    assert grade_question(content, [str(Decimal(text) + Decimal(tolerance))]) == 1
    assert grade_question(content, [str(Decimal(text) - Decimal(tolerance) - Decimal("0.01"))]) == 0


# --- whole attempts


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
