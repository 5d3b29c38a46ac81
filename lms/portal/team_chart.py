"""The drawing of a trend: shares in percent to points of an SVG (pure: values in, values out)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

TOP, LEFT = 16, 34
GRID = (0, 25, 50, 75, 100)
# Texts at the ends of the lines keep so many pixels apart.
APART = 17


@dataclass(frozen=True)
class Month:
    """A point of time with both shares in percent (none: nothing was required, or it is hidden)."""

    label: str
    short: str
    awareness: int | None
    response: int | None

    @property
    def gap(self) -> int | None:
        return None if self.awareness is None or self.response is None else self.awareness - self.response


@dataclass(frozen=True)
class Mark:
    """A text at a place of the drawing."""

    x: int
    y: int
    text: str


@dataclass(frozen=True)
class Drawing:
    """One drawing: paths, marks and the ends of the lines. ``look`` is its class."""

    look: str
    width: int
    height: int
    grid: Sequence[tuple[str, Mark]]
    gap: str
    awareness: str
    response: str
    below: Sequence[Mark]
    ends: Sequence[Mark]
    awareness_end: tuple[int, int] | None
    response_end: tuple[int, int] | None


def draw(months: Sequence[Month], *, awareness: str, response: str, gap: str) -> list[Drawing]:
    """Return a wide and a tall drawing of the months, in order; the words are those at the ends of the lines."""
    words = (awareness, response, gap)
    return [
        _draw(months, words, look="wide", size=(740, 290), right=630, bottom=258, every=1),
        _draw(months, words, look="tall", size=(340, 260), right=236, bottom=228, every=4),
    ]


def _draw(
    months: Sequence[Month],
    words: tuple[str, str, str],
    *,
    look: str,
    size: tuple[int, int],
    right: int,
    bottom: int,
    every: int,
) -> Drawing:
    step = (right - LEFT) / max(len(months) - 1, 1)
    xs = [round(LEFT + step * number) for number in range(len(months))]

    def y(percent: int) -> int:
        return round(bottom - (bottom - TOP) * percent / 100)

    places = list(zip(xs, months, strict=True))
    upper = [(x, y(month.awareness)) if month.awareness is not None else None for x, month in places]
    lower = [(x, y(month.response)) if month.response is not None else None for x, month in places]
    last = months[-1] if months else None
    ends = []
    if last is not None:
        shown = [
            (y(value), f"{word} {value}")
            for value, word in ((last.awareness, words[0]), (last.response, words[1]))
            if value is not None
        ]
        if last.gap is not None and last.awareness is not None and last.response is not None:
            shown.append(((y(last.awareness) + y(last.response)) // 2, f"{words[2]} {last.gap}"))
        ends = [Mark(right + 12, place + 4, text) for place, text in _spread(shown)]
    return Drawing(
        look=look,
        width=size[0],
        height=size[1],
        grid=[(f"M{LEFT} {y(line)}H{right}", Mark(LEFT - 8, y(line) + 4, str(line))) for line in GRID],
        gap=_area(upper, lower),
        awareness=_line(upper),
        response=_line(lower),
        below=[
            Mark(x, bottom + 24, month.short)
            for number, (x, month) in enumerate(places)
            if (len(months) - 1 - number) % every == 0
        ],
        ends=ends,
        awareness_end=upper[-1] if upper else None,
        response_end=lower[-1] if lower else None,
    )


def _spread(marks: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Move texts that would cover each other apart, from the top down."""
    placed: list[tuple[int, str]] = []
    for place, text in sorted(marks, key=lambda mark: mark[0]):
        place = max(place, placed[-1][0] + APART) if placed else place
        placed.append((place, text))
    return placed


def _line(points: Sequence[tuple[int, int] | None]) -> str:
    """A path through the points that are there, broken where one is missing."""
    path, pen_down = [], False
    for point in points:
        if point is not None:
            path.append(f"{'L' if pen_down else 'M'}{point[0]} {point[1]}")
        pen_down = point is not None
    return " ".join(path)


def _area(upper: Sequence[tuple[int, int] | None], lower: Sequence[tuple[int, int] | None]) -> str:
    """Closed paths between the two lines, one for each run of months that has both."""
    runs: list[list[tuple[tuple[int, int], tuple[int, int]]]] = [[]]
    for above, below in zip(upper, lower, strict=True):
        if above is None or below is None:
            runs.append([])
        else:
            runs[-1].append((above, below))
    paths = []
    for run in runs:
        if len(run) > 1:
            around = [above for above, _below in run] + [below for _above, below in reversed(run)]
            paths.append(_line(around) + "Z")
    return " ".join(paths)
