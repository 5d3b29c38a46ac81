"""Small counts that leave the house are hidden, so that nobody can be recognized in a table.

The method: a count from 1 to one under the minimum is hidden; zeros are shown.  Totals are shown beside the cells, so
a lone hidden cell could be recomputed from its row or column: in every line that has one, the smallest further cell is
hidden too, until no line with a total on show hides only one cell, or cells that sum to less than the minimum.  Totals
are cells of the table in this; they are hidden last.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.conf import settings

Shown = int | None


@dataclass(frozen=True)
class Table:
    """A table of counts as it may be shown; None stands for a hidden count."""

    cells: list[list[Shown]]
    row_totals: list[Shown]
    column_totals: list[Shown]
    total: Shown


def suppress(cells: Sequence[Sequence[int]], *, minimum: int | None = None) -> Table:
    """The table with its totals, small counts hidden.  `minimum` is the settings' SMALL_CELL_MINIMUM unless given.

    Raises ValueError for rows of different lengths or a negative count.
    """
    rows = [list(row) for row in cells]
    if len({len(row) for row in rows}) > 1 or any(count < 0 for row in rows for count in row):
        raise ValueError("A table of counts has rows of one length and no negative count.")
    least = _get_minimum(minimum)
    full = [[*row, sum(row)] for row in rows]
    width = len(full[0]) if full else 1
    full.append([sum(row[column] for row in full) for column in range(width)])
    hidden = {
        (row, column) for row, counts in enumerate(full) for column, count in enumerate(counts) if 0 < count < least
    }
    while more := _find_complement(full, hidden, least):
        hidden.add(more)
    shown = [
        [None if (row, column) in hidden else count for column, count in enumerate(counts)]
        for row, counts in enumerate(full)
    ]
    return Table(
        cells=[row[:-1] for row in shown[:-1]],
        row_totals=[row[-1] for row in shown[:-1]],
        column_totals=shown[-1][:-1],
        total=shown[-1][-1],
    )


def suppress_one(count: int, *, minimum: int | None = None) -> Shown:
    """A count that stands alone: None when it is small, itself otherwise."""
    return None if 0 < count < _get_minimum(minimum) else count


def suppress_percent(part: int, whole: int, *, minimum: int | None = None) -> Shown:
    """Whole percent, rounded down; None when the part, the rest or the whole is small, or when there is no whole."""
    if whole == 0 or None in {suppress_one(count, minimum=minimum) for count in (part, whole - part, whole)}:
        return None
    return part * 100 // whole


def _get_minimum(minimum: int | None) -> int:
    return int(settings.SMALL_CELL_MINIMUM) if minimum is None else minimum


Place = tuple[int, int]


def _find_complement(full: list[list[int]], hidden: set[Place], minimum: int) -> Place | None:
    """The next place to hide, in the first line that could be recomputed; None when there is none."""
    for line in _lines(full):
        *inner, total = line
        out = [place for place in line if place in hidden]
        if not out:
            continue
        laid_open = total not in hidden and sum(full[row][column] for row, column in out) < minimum
        if len(out) == 1 or laid_open:
            left = [place for place in inner if place not in hidden] or [total]
            if total in hidden and left == [total]:
                continue
            return min(left, key=lambda place: (full[place[0]][place[1]] == 0, full[place[0]][place[1]], place))
    return None


def _lines(full: list[list[int]]) -> Iterator[list[Place]]:
    """Rows, then columns; the last place of each is its total."""
    height, width = len(full), len(full[0])
    for row in range(height):
        yield [(row, column) for column in range(width)]
    for column in range(width):
        yield [(row, column) for row in range(height)]
