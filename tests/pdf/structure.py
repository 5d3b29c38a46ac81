"""What makes a PDF accessible, read from its own objects."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pikepdf

TEXT_OPERATORS = {"Tj", "TJ", "'", '"'}


def open_pdf(data: bytes) -> pikepdf.Pdf:
    return pikepdf.open(BytesIO(data))


def elements(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Dictionary]:
    """Yield every element of the structure, in the order in which it is read."""

    def walk(node: Any) -> Iterator[pikepdf.Dictionary]:
        if isinstance(node, pikepdf.Array):
            for child in node:
                yield from walk(child)
        elif isinstance(node, pikepdf.Dictionary):
            if "/S" in node:
                yield node
            if "/K" in node:
                yield from walk(node.K)

    yield from walk(pdf.Root.StructTreeRoot.K)


def kinds(pdf: pikepdf.Pdf) -> list[str]:
    return [str(element.S) for element in elements(pdf)]


def list_untagged(pdf: pikepdf.Pdf) -> list[str]:
    """Return what is shown outside of every tag and artifact: text, pictures and drawings of the pages themselves."""
    found = []
    for page in pdf.pages:
        inside = 0
        for operands, operator in pikepdf.parse_content_stream(page):
            name = str(operator)
            if name in {"BDC", "BMC"}:
                inside += 1
            elif name == "EMC":
                inside -= 1
            elif not inside and name in {*TEXT_OPERATORS, "Do", "S", "f", "B", "sh"}:
                found.append(f"{name} {list(operands)}")
    return found


def list_loose_fonts(pdf: pikepdf.Pdf) -> list[str]:
    """Return the fonts that are named and not embedded."""
    loose = []
    for item in pdf.objects:
        is_font = isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/FontDescriptor"
        if is_font and not any(key in item for key in ("/FontFile", "/FontFile2", "/FontFile3")):
            loose.append(str(item.FontName))
    return loose


def check_accessible(pdf: pikepdf.Pdf, *, lang: str) -> None:
    """Hold a document to what PDF/UA-1 asks for and can be read from its objects."""
    assert str(pdf.Root.Lang) == lang
    assert pdf.Root.MarkInfo.Marked
    assert pdf.Root.ViewerPreferences.DisplayDocTitle
    assert pdf.docinfo.Title
    with pdf.open_metadata() as metadata:
        assert metadata["pdfuaid:part"] == "1"
        assert metadata["dc:title"]
    names = kinds(pdf)
    assert names.count("/H1") == 1
    assert all(str(figure.get("/Alt", "")) for figure in elements(pdf) if figure.S == "/Figure")
    assert list_untagged(pdf) == []
    assert list_loose_fonts(pdf) == []
    assert all(page.get("/Tabs") == "/S" for page in pdf.pages)
