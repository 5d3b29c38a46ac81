"""A drawing that many documents share: made once, then laid under each page as one object that is no content.

WeasyPrint draws an SVG anew for every document; on a certificate that is two thirds of its time.
"""

from __future__ import annotations

import zlib
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pydyf

NAME = "backdrop"


@dataclass(frozen=True)
class Backdrop:
    """An SVG document as large as the page, in millimeters."""

    svg: str
    width: float
    height: float

    @property
    def html(self) -> str:
        """A document with nothing but the drawing, as the background of its one page."""
        source = b64encode(self.svg.encode()).decode("ascii")
        size = f"{self.width}mm {self.height}mm"
        return (
            f"<!doctype html><style>@page {{ size: {size}; margin: 0; "
            f'background: url("data:image/svg+xml;base64,{source}") no-repeat 0 0 / {size} }}</style>'
        )


@dataclass(frozen=True)
class Drawing:
    """The drawing as a PDF holds it: a compressed form with its size and the transparencies that it names."""

    content: bytes
    box: tuple[float, ...]
    states: tuple[tuple[str, tuple[tuple[str, float], ...]], ...]


def read_drawing(pdf: pydyf.PDF) -> Drawing:
    """Return the one form of a document that shows nothing else.

    Raises ValueError for a drawing that needs fonts, pictures or patterns: these would have to be carried along.
    """
    forms = [one for one in pdf.objects if isinstance(one, pydyf.Stream) and one.extra.get("Subtype") == "/Form"]
    if len(forms) != 1:
        raise ValueError(f"a backdrop is one drawing, not {len(forms)}")
    [form] = forms
    number = int(form.extra["Resources"].split()[0])
    resources: dict[str, Any] = pdf.objects[number]
    if any(resources[kind] for kind in ("XObject", "Pattern", "Shading")):
        raise ValueError("a backdrop has lines and areas of one color only")
    content = b"\n".join(map(pydyf._to_bytes, form.stream))
    return Drawing(
        content=zlib.compress(content),
        box=tuple(form.extra["BBox"]),
        states=tuple((name, tuple(state.items())) for name, state in resources["ExtGState"].items()),
    )


def lay_under(drawing: Drawing) -> Callable[[Any, pydyf.PDF], None]:
    """Return what lays the drawing under every page of a document that WeasyPrint is about to write."""

    def finish(_document: Any, pdf: pydyf.PDF) -> None:
        form = pydyf.Stream(
            [drawing.content],
            pydyf.Dictionary(
                {
                    "Type": "/XObject",
                    "Subtype": "/Form",
                    "BBox": pydyf.Array(drawing.box),
                    "Resources": pydyf.Dictionary(
                        {
                            "ExtGState": pydyf.Dictionary(
                                {name: pydyf.Dictionary(dict(state)) for name, state in drawing.states}
                            )
                        }
                    ),
                    "Group": pydyf.Dictionary(
                        {"Type": "/Group", "S": "/Transparency", "I": "true", "CS": "/DeviceRGB"}
                    ),
                    "Filter": "/FlateDecode",
                }
            ),
        )
        pdf.add_object(form)
        pages = [one for one in pdf.objects if isinstance(one, pydyf.Dictionary) and one.get("Type") == "/Page"]
        for page in pages:
            content, resources = (pdf.objects[int(page[key].split()[0])] for key in ("Contents", "Resources"))
            resources["XObject"][NAME] = form.reference
            height = page["MediaBox"][3]
            # The drawing counts in pixels of 1/96 inch from the top, as it did on its own page.
            place = f"q 0.75 0 0 -0.75 0 {height:.4f} cm /{NAME} Do Q"
            content.stream[:0] = ["/Artifact <</Type /Background>> BDC", place, "EMC"]

    return finish
