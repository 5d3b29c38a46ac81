import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.privacy.counts import Table, suppress, suppress_one, suppress_percent


def test_it_works() -> None:
    table = suppress([[20, 3, 30], [40, 50, 60]], minimum=11)
    assert table == Table(
        cells=[[None, None, 30], [None, None, 60]],
        row_totals=[53, 150],
        column_totals=[60, 53, 90],
        total=203,
    )


def test_zeros_and_large_counts_are_shown() -> None:
    table = suppress([[0, 11], [25, 0]], minimum=11)
    assert table.cells == [[0, 11], [25, 0]]
    assert (table.row_totals, table.column_totals, table.total) == ([11, 25], [25, 11], 36)


def test_a_small_total_is_hidden_too() -> None:
    table = suppress([[3, 0]], minimum=11)
    assert (table.cells, table.row_totals, table.total) == ([[None, 0]], [None], None)


def test_two_hidden_cells_that_sum_to_a_small_count_take_a_third_along() -> None:
    table = suppress([[2, 3, 20, 40]], minimum=11)
    assert table.cells[0][:3] == [None, None, None]
    assert table.cells[0][3] == 40


def test_the_settings_say_how_small(settings: object) -> None:
    settings.SMALL_CELL_MINIMUM = 5  # type: ignore[attr-defined]
    assert (suppress_one(4), suppress_one(5), suppress_one(0)) == (None, 5, 0)
    assert suppress([[4]]).cells == [[None]]


@pytest.mark.parametrize(
    ("part", "whole", "percent"),
    [(0, 0, None), (0, 40, 0), (20, 40, 50), (3, 40, None), (38, 40, None), (40, 40, 100), (5, 9, None), (19, 30, 63)],
)
def test_percentages(part: int, whole: int, percent: int | None) -> None:
    assert suppress_percent(part, whole, minimum=11) == percent


@pytest.mark.parametrize("cells", [[[1, 2], [3]], [[-1]]])
def test_what_is_no_table_of_counts_is_refused(cells: list[list[int]]) -> None:
    with pytest.raises(ValueError, match="table of counts"):
        suppress(cells, minimum=11)


@pytest.mark.parametrize("cells", [[], [[]], [[], []]])
def test_an_empty_table(cells: list[list[int]]) -> None:
    table = suppress(cells, minimum=11)
    assert table.cells == cells
    assert table.total == 0


counts = st.integers(0, 40)
tables = st.integers(1, 5).flatmap(
    lambda width: st.lists(st.lists(counts, min_size=width, max_size=width), min_size=1, max_size=5)
)


@given(tables)
def test_no_lone_hidden_count_is_left_in_any_line(cells: list[list[int]]) -> None:
    table = suppress(cells, minimum=11)
    full = [[*row, total] for row, total in zip(table.cells, table.row_totals, strict=True)]
    full.append([*table.column_totals, table.total])
    for line in [*full, *zip(*full, strict=True)]:
        assert list(line).count(None) != 1


@given(tables)
def test_what_is_shown_is_true_and_nothing_small_is_shown(cells: list[list[int]]) -> None:
    table = suppress(cells, minimum=11)
    for row, shown_row in zip(cells, table.cells, strict=True):
        for count, shown in zip(row, shown_row, strict=True):
            assert shown in (count, None)
            if 0 < count < 11:
                assert shown is None
    for row, total in zip(cells, table.row_totals, strict=True):
        assert total in (sum(row), None)
        if 0 < sum(row) < 11:
            assert total is None


@given(tables)
def test_what_is_hidden_in_a_line_is_no_small_sum(cells: list[list[int]]) -> None:
    table = suppress(cells, minimum=11)
    for row, shown_row, total in zip(cells, table.cells, table.row_totals, strict=True):
        if total is not None and None in shown_row:
            assert sum(count for count, shown in zip(row, shown_row, strict=True) if shown is None) >= 11
