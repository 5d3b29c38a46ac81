"""The drawing of a trend, by its values."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lms.portal.team_chart import Month, draw

PERCENT = st.none() | st.integers(0, 100)


def months(*values: tuple[int | None, int | None]) -> list[Month]:
    return [Month(f"{number}", f"{number}", *value) for number, value in enumerate(values)]


def drawn(*values: tuple[int | None, int | None]):
    return draw(months(*values), awareness="Awareness", response="Response", gap="Gap")


def test_it_works() -> None:
    wide, tall = drawn((0, 0), (50, 25), (100, 50))
    assert wide.awareness == "M34 258 L332 137 L630 16"
    assert wide.response == "M34 258 L332 198 L630 137"
    assert wide.gap == "M34 258 L332 137 L630 16 L630 137 L332 198 L34 258Z"
    assert [mark.text for mark in wide.ends] == ["Awareness 100", "Gap 50", "Response 50"]
    assert [mark.text for mark in tall.below] == ["2"]


@pytest.mark.parametrize(
    ("values", "awareness", "gap"),
    [
        ([], "", ""),
        ([(None, None)] * 3, "", ""),
        ([(10, None), (None, 20), (30, 30)], "M34 234 M630 185", ""),
        (
            [(50, 50), (None, 50), (50, 50), (50, 50)],
            "M34 137 M431 137 L630 137",
            "M431 137 L630 137 L630 137 L431 137Z",
        ),
    ],
)
def test_a_month_without_a_share_breaks_the_line(values: list, awareness: str, gap: str) -> None:
    wide = drawn(*values)[0]
    assert (wide.awareness, wide.gap) == (awareness, gap)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=50)
@given(st.lists(st.tuples(PERCENT, PERCENT), max_size=13))
def test_everything_stays_inside_and_no_text_covers_another(values: list[tuple[int | None, int | None]]) -> None:
    for drawing in drawn(*values):
        for path in (drawing.awareness, drawing.response, drawing.gap):
            for x, y in re.findall(r"(\d+) (\d+)", path):
                assert 0 <= int(x) <= drawing.width
                assert 0 <= int(y) <= drawing.height
        places = [mark.y for mark in drawing.ends]
        assert all(after - before >= 17 for before, after in pairwise(places))
        assert all(place <= drawing.height for place in places)
