"""What answers tell about questions, by tables and against the same figures worked out the long way."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.statistics import (
    FEWEST_FOR_FLAGS,
    Answer,
    Flag,
    ItemFigures,
    analyze,
    find_flags,
    measure_gain,
    student_quantile,
)


def item(*answers: Answer) -> ItemFigures:
    return analyze((1, answer) for answer in answers)[1]


def test_it_works() -> None:
    # Four learners: the two who know more get it, the other two choose "b".
    figures = item(Answer(1, 9, 10, ["a"]), Answer(1, 8, 20, ["a"]), Answer(0, 3, 40, ["b"]), Answer(0, 2, None, ["b"]))
    assert (figures.tries, figures.answered, figures.difficulty, figures.seconds) == (4, 4, 0.5, 20)
    assert figures.discrimination == pytest.approx(0.986, abs=0.001)
    assert (figures.marks["a"].count, figures.marks["a"].rest_mean, figures.marks["b"].rest_mean) == (2, 8.5, 2.5)


def test_nothing_is_said_of_nothing() -> None:
    assert analyze([]) == {}
    empty = ItemFigures()
    assert (empty.difficulty, empty.discrimination, empty.seconds, find_flags(empty)) == (None, None, None, [])


@pytest.mark.parametrize(
    "answers",
    [
        [Answer(1, 3), Answer(1, 5)],
        [Answer(0, 4), Answer(1, 4)],
        [Answer(1, 4)],
        [Answer(1 / 3, 0.1 + 0.2)] * 7,
    ],
)
def test_what_is_the_same_for_all_discriminates_nobody(answers: list[Answer]) -> None:
    assert item(*answers).discrimination is None


# --- against a naive twin

POINTS = st.sampled_from([0.0, 0.25, 0.5, 2 / 3, 1.0])
ANSWERS = st.lists(
    st.builds(
        Answer,
        points=POINTS,
        rest=st.integers(0, 36).map(lambda quarters: quarters / 4),
        seconds=st.none() | st.integers(0, 3_600).map(float),
        marks=st.lists(st.sampled_from("abcd"), max_size=3, unique=True).map(tuple),
    ),
    min_size=1,
    max_size=40,
)


def naive_correlation(ones: Sequence[float], others: Sequence[float]) -> float | None:
    """In two passes, by deviations from the means."""
    if len(set(ones)) < 2 or len(set(others)) < 2:
        return None
    one, other = statistics.fmean(ones), statistics.fmean(others)
    together = math.fsum((a - one) * (b - other) for a, b in zip(ones, others, strict=True))
    return together / math.sqrt(math.fsum((a - one) ** 2 for a in ones) * math.fsum((b - other) ** 2 for b in others))


@given(ANSWERS)
def test_the_figures_agree_with_those_of_lists(answers: list[Answer]) -> None:
    figures = item(*answers)
    assert figures.tries == len(answers)
    assert figures.answered == sum(bool(answer.marks) for answer in answers)
    assert figures.difficulty == pytest.approx(statistics.fmean(answer.points for answer in answers))
    seconds = [answer.seconds for answer in answers if answer.seconds is not None]
    assert figures.seconds == (statistics.median(seconds) if seconds else None)
    for mark in "abcd":
        rests = [answer.rest for answer in answers if mark in answer.marks]
        assert (mark in figures.marks) is bool(rests)
        if rests:
            assert figures.marks[mark].count == len(rests)
            assert figures.marks[mark].rest_mean == pytest.approx(statistics.fmean(rests))


@given(ANSWERS)
def test_discrimination_agrees_with_the_correlation_of_two_lists(answers: list[Answer]) -> None:
    ours = item(*answers).discrimination
    theirs = naive_correlation([answer.points for answer in answers], [answer.rest for answer in answers])
    assert ours == (None if theirs is None else pytest.approx(theirs, abs=1e-6))
    assert ours is None or -1 <= ours <= 1


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 9)), min_size=2, max_size=40))
def test_of_right_and_wrong_it_is_the_point_biserial_formula(given: list[tuple[bool, int]]) -> None:
    """(mean of those who got it - mean of those who did not) / deviation * root of the two shares."""
    ours = item(*(Answer(float(right), float(rest)) for right, rest in given)).discrimination
    right = [rest for got, rest in given if got]
    wrong = [rest for got, rest in given if not got]
    deviation = statistics.pstdev(rest for _got, rest in given)
    if not right or not wrong or deviation == 0:
        assert ours is None
        return
    shares = math.sqrt(len(right) * len(wrong)) / len(given)
    expected = (statistics.fmean(right) - statistics.fmean(wrong)) / deviation * shares
    assert ours == pytest.approx(expected, abs=1e-6)


# --- flags


def many(*groups: tuple[int, Answer]) -> ItemFigures:
    return item(*(answer for number, answer in groups for _one in range(number)))


RIGHT, WRONG, WEAK = Answer(1, 8, None, ["key"]), Answer(0, 3, None, ["lure"]), Answer(1, 2, None, ["key"])


@pytest.mark.parametrize(
    ("figures", "flags"),
    [
        (many((14, RIGHT), (6, WRONG)), []),
        (many((4, RIGHT), (4, WRONG)), []),
        (many((38, RIGHT), (2, WRONG)), [Flag.TOO_EASY]),
        (many((2, RIGHT), (38, WRONG)), [Flag.TOO_HARD]),
        (many((10, RIGHT), (10, WEAK), (10, Answer(0, 4.9, None, ["lure"]))), [Flag.TELLS_LITTLE]),
        (many((10, WEAK), (10, Answer(0, 7, None, ["lure"]))), [Flag.TURNED_AROUND, Flag.RIVAL]),
        (many((14, RIGHT), (6, Answer(0, 3, None, []))), [Flag.NEVER_CHOSEN]),
        (many((FEWEST_FOR_FLAGS - 1, WEAK)), []),
        # One strong learner who slipped is no rival.
        (many((20, RIGHT), (9, WRONG), (1, Answer(0, 9, None, ["other"]))), []),
    ],
)
def test_what_an_author_should_look_at(figures: ItemFigures, flags: list[Flag]) -> None:
    wrong = ["lure", "other"] if "other" in figures.marks else ["lure"]
    assert find_flags(figures, right=["key"], wrong=wrong) == flags


# --- gain


# Student's t, 97.5 percent: the table of any textbook.
@pytest.mark.parametrize(
    ("degrees", "value"),
    [
        (1, 12.706),
        (2, 4.303),
        (3, 3.182),
        (4, 2.776),
        (5, 2.571),
        (9, 2.262),
        (10, 2.228),
        (29, 2.045),
        (30, 2.042),
        (120, 1.980),
        (50_000, 1.962),
    ],
)
def test_students_table(degrees: int, value: float) -> None:
    assert student_quantile(0.975, degrees) == pytest.approx(value, abs=0.001)


def test_a_gain_with_its_interval() -> None:
    gain = measure_gain([(50, 70), (40, 70), (60, 70), (50, 90)])
    assert gain is not None
    # Gains 20, 30, 10, 40: mean 25, deviation 12.910, margin 3.182 x 12.910 / 2.
    assert (gain.n, gain.before, gain.after, gain.gain) == (4, 50, 75, 25)
    assert gain.low == pytest.approx(4.457, abs=0.01)
    assert gain.high == pytest.approx(45.543, abs=0.01)


def test_of_one_pair_no_interval_is_told_and_of_none_nothing() -> None:
    gain = measure_gain([(50, 70)])
    assert gain is not None
    assert (gain.gain, gain.low, gain.high) == (20, None, None)
    assert measure_gain([]) is None


PERCENT = st.integers(0, 100).map(float)


@given(st.lists(st.tuples(PERCENT, PERCENT), min_size=2, max_size=40))
def test_the_interval_holds_the_mean_and_turns_around_with_the_pairs(pairs: list[tuple[float, float]]) -> None:
    gain, loss = measure_gain(pairs), measure_gain([(after, before) for before, after in pairs])
    assert gain is not None
    assert loss is not None
    assert gain.low is not None
    assert gain.high is not None
    assert loss.high is not None
    assert gain.low - 1e-9 <= gain.gain <= gain.high + 1e-9
    assert gain.gain == pytest.approx(gain.after - gain.before, abs=1e-9)
    assert loss.high == pytest.approx(-gain.low, abs=1e-9)
