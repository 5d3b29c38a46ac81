"""The sheet of a certificate: sizes, ornament and type, worked out before the template sets them.

The ornament goes in as a background, which a tagged PDF marks as an artifact; only words and the code are content.
"""

from __future__ import annotations

import unicodedata
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, cos, pi, sin

import segno

FRAME = 10.5
INNER_FRAME = 16.0
LANTERN_SCALE = 0.66
GLOW = (0xFE, 0xF0, 0xC8)
RULE_TOP = 113.0
TIGHT_LIFT = 10.0
TIGHT_TOP = 105.0
SEAL_RADIUS = 15.0


@dataclass(frozen=True)
class Paper:
    """A landscape sheet and the places on it that depend on its size, in millimeters from left and top."""

    width: float
    height: float

    @property
    def middle(self) -> float:
        return round(self.width / 2, 2)

    @property
    def lantern_left(self) -> float:
        return round(self.middle - 20 * LANTERN_SCALE, 2)

    @property
    def rule_left(self) -> float:
        return round(self.middle - 60, 2)

    @property
    def rule_top(self) -> float:
        return RULE_TOP

    @property
    def name_bottom(self) -> float:
        """From the sheet's bottom to the foot of the name, which grows upward from the rule below it."""
        return round(self.height - RULE_TOP + 2, 2)

    @property
    def tight_rule_top(self) -> float:
        """The same on a sheet with lines of bodies, which need the room below."""
        return RULE_TOP - TIGHT_LIFT

    @property
    def tight_name_bottom(self) -> float:
        return round(self.name_bottom + TIGHT_LIFT, 2)

    @property
    def seal_top(self) -> float:
        """The middle of the seal: level with the middle of the QR code."""
        return round(self.height - 40.5, 2)

    @property
    def signer_top(self) -> float:
        """The line that a signatory signs on; name and title stand below it."""
        return round(self.height - 41, 2)

    @property
    def room(self) -> float:
        """For what stands below the name on a tight sheet: down to the signatures and the square code."""
        return round(self.height - 55.5 - TIGHT_TOP, 2)

    @property
    def corners(self) -> list[tuple[float, float]]:
        """The middles of the four corner pieces, which cover where the bands meet."""
        inset = (FRAME + INNER_FRAME) / 2
        across, down = round(self.width - inset, 2), round(self.height - inset, 2)
        return [(inset, inset), (across, inset), (inset, down), (across, down)]

    @property
    def outer(self) -> tuple[float, float]:
        """Width and height of the outer frame."""
        return round(self.width - 2 * FRAME, 2), round(self.height - 2 * FRAME, 2)

    @property
    def inner(self) -> tuple[float, float]:
        """Width and height of the inner frame."""
        return round(self.width - 2 * INNER_FRAME, 2), round(self.height - 2 * INNER_FRAME, 2)


PAPERS = {"letter": Paper(279.4, 215.9), "a4": Paper(297, 210)}

# Widths are counted in signs of ordinary mixed text; the limits follow from 243 mm of line at each size.
_NAME_SIZES = ((30, ""), (51, "long"), (160, "xlong"))
_COURSE_SIZES = ((46, ""), (150, "long"))
# The title of a sheet is one line of 219 mm.
_TITLE_SIZES = ((37, ""), (64, "long"))
# Two lines of name and two of title below a line of 56 mm; more of each in smaller type.
_SIGNER_NAME, _SIGNER_TITLE = 48, 54
# Sentences of facts: signs to a row at 11 points, and at 9.5 on a tight sheet; the height of a row there.
_FACT_SIGNS, _TIGHT_FACT_SIGNS, _TIGHT_FACT_ROW = 110, 124, 4.7
# What a tight sheet needs before them: "has completed" and the course, by its size.
_TIGHT_COURSES = {"": 13.7, "long": 17.2, "xlong": 19.0}
# Lines of the bodies: signs to a row, most rows, and the height of a row, at 7.5 and at 6.5 points.
_LINE_SIZES = ((150, 3, 3.45, ""), (173, 5, 3.0, "long"))


def text_width(text: str) -> float:
    """Return about how wide a text runs, in ordinary lower-case signs: capitals are wider, CJK signs twice as wide."""

    def sign_width(sign: str) -> float:
        if unicodedata.combining(sign):
            return 0
        if unicodedata.east_asian_width(sign) in "WF":
            return 2
        return 1.4 if sign.isupper() else 1

    return sum(map(sign_width, text))


def name_size(name: str) -> str:
    """Return the size class of a name: none up to about 28 signs, ``long`` to 48, ``xlong``, ``xxlong``."""
    return next((size for limit, size in _NAME_SIZES if text_width(name) <= limit), "xxlong")


def course_size(title: str) -> str:
    """Return the size class of a course title: none up to about 45 signs, ``long``, ``xlong``."""
    return next((size for limit, size in _COURSE_SIZES if text_width(title) <= limit), "xlong")


def title_size(title: str) -> str:
    """Return the size class of a sheet's title: none up to about 37 signs, ``long`` to 64, ``xlong``."""
    return next((size for limit, size in _TITLE_SIZES if text_width(title) <= limit), "xlong")


def signer_size(name: str, title: str) -> str:
    """Return the size class of a signatory: ``long`` where name or title would take more than two lines."""
    return "long" if text_width(name) > _SIGNER_NAME or text_width(title) > _SIGNER_TITLE else ""


def _rows(sentences: Iterable[str], signs: int) -> int:
    return sum(ceil(text_width(sentence) / signs) for sentence in sentences)


def is_tight(facts: Iterable[str]) -> bool:
    """Whether sentences of facts need more than the four rows that a sheet has room for in ordinary type."""
    return _rows(facts, _FACT_SIGNS) > 4


def lines_size(lines: Iterable[str], *, course: str, facts: Iterable[str], paper: Paper) -> str:
    """Return how all bodies' lines together are set below the course and the facts: ``""``, ``long`` (smaller) or on a
    ``page`` of their own."""
    lines = list(lines)
    taken = _TIGHT_COURSES[course_size(course)] + _rows(facts, _TIGHT_FACT_SIGNS) * _TIGHT_FACT_ROW
    for signs, most, height, size in _LINE_SIZES:
        rows = _rows(lines, signs)
        if rows <= most and taken + 1.2 + rows * height <= paper.room:
            return size
    return "page"


def qr_svg(address: str, *, title: str) -> str:
    """Return a QR code of the address as inline SVG with a title (error level M; the sheet leaves the quiet zone)."""
    return segno.make(address, error="m", micro=False).svg_inline(
        border=0, omitsize=True, title=title, svgclass=None, lineclass=None
    )


@dataclass(frozen=True)
class Ring:
    """One ring of light around the lantern; fainter and finer the farther out."""

    radius: float
    width: float
    opacity: float


def rings(paper: Paper) -> list[Ring]:
    """Return the rings of light, from the lantern to the corners of the sheet."""
    last = int(paper.width * 0.86)
    return [
        Ring(radius, round(max(0.12, 0.55 - radius * 0.0021), 3), round(max(0.08, 0.42 - radius * 0.0022), 3))
        for radius in range(24, last, 10)
    ]


def glow() -> list[tuple[float, str]]:
    """Return the lantern's light as discs, the widest first: radius and color, from the glow's yellow to white.

    Each step of color is too small to be seen; a gradient of one shape comes out clipped or not at all in the PDF.
    """
    steps, widest = 28, 64.0
    discs = []
    for step in range(steps):
        share = (step + 1) / steps
        red, green, blue = (round(255 - (255 - part) * share**1.6) for part in GLOW)
        discs.append((round(widest * (1 - step / steps), 2), f"#{red:02x}{green:02x}{blue:02x}"))
    return discs


def guilloche(paper: Paper) -> list[str]:
    """Return SVG paths of a fine band of crossing waves between the two frames, as on bonds and diplomas.

    Each side holds whole waves, so that its two ends look alike.
    """
    inset = (FRAME + INNER_FRAME) / 2
    depth = (INNER_FRAME - FRAME) / 2 - 1
    paths = []
    for phase in (0.0, pi):
        for horizontal in (True, False):
            length = (paper.width if horizontal else paper.height) - 2 * inset
            across = (paper.height if horizontal else paper.width) - inset
            waves = round(length / 6.5)
            steps = waves * 12
            for side in (inset, across):
                points = []
                for step in range(steps + 1):
                    along = inset + length * step / steps
                    away = side + depth * cos(2 * pi * waves * step / steps + phase)
                    points.append(f"{along:.2f} {away:.2f}" if horizontal else f"{away:.2f} {along:.2f}")
                paths.append("M" + "L".join(points))
    return paths


def rosette() -> list[str]:
    """Return SVG paths of an engraved rosette around 0 0: six strands of twelve waves, each turned a little."""
    paths = []
    for strand in range(6):
        points = []
        for step in range(289):
            angle = 2 * pi * step / 288
            radius = SEAL_RADIUS * (0.8 + 0.2 * cos(12 * angle + strand * pi / 3))
            points.append(f"{radius * cos(angle):.2f} {radius * sin(angle):.2f}")
        paths.append("M" + "L".join(points) + "z")
    return paths


def data_uri(svg: str) -> str:
    """Return an SVG document as an address that needs no fetching."""
    return "data:image/svg+xml;base64," + b64encode(svg.encode()).decode("ascii")
