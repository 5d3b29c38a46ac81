from __future__ import annotations

import pytest

from lms.pdf.render import Backdrop, RenderError, render_pdf

from .structure import check_accessible, list_untagged, open_pdf

CIRCLE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="100mm" height="80mm" viewBox="0 0 100 80">'
    '<circle cx="50" cy="40" r="{radius}" stroke="#07648d" stroke-opacity=".4" fill="none"/></svg>'
)
HTML = (
    "<!doctype html><html lang='en'><head><style>@page {{ size: 100mm 80mm; margin: 5mm }}</style></head>"
    "<body><h1>One</h1>{rest}</body></html>"
)


def make(svg: str = CIRCLE.format(radius=30), rest: str = "") -> bytes:
    return render_pdf(HTML.format(rest=rest), title="One", lang="en", backdrop=Backdrop(svg, 100, 80))


def test_it_works() -> None:
    pdf = open_pdf(make())
    check_accessible(pdf, lang="en")
    assert list(pdf.pages[0].Resources.XObject.keys()) == ["/backdrop"]
    assert pdf.pages[0].Contents.read_bytes().startswith(b"/Artifact")


def test_the_same_drawing_gives_the_same_bytes_and_another_one_others() -> None:
    assert make() == make()
    assert make(CIRCLE.format(radius=30)) != make(CIRCLE.format(radius=20))


def test_it_lies_under_every_page() -> None:
    pdf = open_pdf(make(rest="<p style='break-before: page'>Two</p>"))
    assert len(pdf.pages) == 2
    assert all(page.Contents.read_bytes().startswith(b"/Artifact") for page in pdf.pages)
    assert list_untagged(pdf) == []


@pytest.mark.parametrize(
    "inside",
    [
        "<text x='1' y='9'>Words are content</text>",
        "<image href='file:///etc/passwd' width='9' height='9'/>",
        "<linearGradient id='g'><stop/></linearGradient><rect width='9' height='9' fill='url(#g)'/>",
    ],
)
def test_words_pictures_and_gradients_are_no_backdrop_or_leave_no_trace(inside: str) -> None:
    svg = CIRCLE.format(radius=30).replace("</svg>", f"{inside}</svg>")
    try:
        pdf = open_pdf(make(svg))
    except RenderError:
        return
    form = pdf.pages[0].Resources.XObject["/backdrop"]
    assert list(form.Resources.keys()) == ["/ExtGState"]
    assert b"Tj" not in form.read_bytes()
    assert b" Do" not in form.read_bytes()
