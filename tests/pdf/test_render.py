import base64
import io
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pikepdf
import pytest
from django.conf import settings
from PIL import Image

from lms.pdf import render
from lms.pdf.render import RenderError, render_pdf

PAGE = "<!doctype html><html><head><meta charset='utf-8'>{head}</head><body>{body}</body></html>"


def make(body: str = "<h1>Certificate</h1><p>Ana Reyes</p>", head: str = "") -> bytes:
    return render_pdf(PAGE.format(head=head, body=body), title="Certificate of completion", lang="en-US")


def open_pdf(data: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(data))


def test_it_works() -> None:
    data = make()
    assert data.startswith(b"%PDF-1.7")
    assert len(open_pdf(data).pages) == 1


def test_it_is_accessible() -> None:
    pdf = open_pdf(make())
    assert pdf.Root.Lang == "en-US"
    assert pdf.Root.MarkInfo.Marked == True  # noqa: E712  (pikepdf's own Boolean)
    assert pdf.docinfo.Title == "Certificate of completion"
    assert pdf.Root.ViewerPreferences.DisplayDocTitle == True  # noqa: E712
    kinds = set()
    todo = [pdf.Root.StructTreeRoot]
    while todo:
        element = todo.pop()
        if isinstance(element, pikepdf.Dictionary):
            kinds.add(str(element.get("/S", "")))
            children = element.get("/K", pikepdf.Array())
            todo.extend(children if isinstance(children, pikepdf.Array) else [children])
    assert {"/Document", "/H1", "/P"} <= kinds
    with pdf.open_metadata() as metadata:
        assert metadata["pdfuaid:part"] == "1"
        assert metadata["dc:title"] == "Certificate of completion"


def test_the_title_and_language_given_win_over_the_document() -> None:
    html = "<html lang='de'><head><title>Other</title></head><body><p>x</p></body></html>"
    pdf = open_pdf(render_pdf(html, title="Certificado", lang="es"))
    assert (pdf.docinfo.Title, pdf.Root.Lang) == ("Certificado", "es")


def test_the_same_document_gives_the_same_bytes() -> None:
    assert make() == make()


def test_embedded_images_and_fonts_are_printed() -> None:
    png = io.BytesIO()
    Image.new("RGB", (4, 4), "navy").save(png, "PNG")
    source = base64.b64encode(png.getvalue()).decode()
    pdf = open_pdf(make(f"<p><img alt='Seal' src='data:image/png;base64,{source}'></p>"))
    assert len(pdf.pages[0].get_images()) == 1


def test_links_stay() -> None:
    pdf = open_pdf(make("<p><a href='https://example.org/verify/x/'>Verify</a></p>"))
    assert str(pdf.pages[0].Annots[0].A.URI) == "https://example.org/verify/x/"


OUTSIDE = [
    "<img src='file:///etc/passwd'>",
    "<img src='FILE:///etc/passwd'>",
    "<img src='/etc/passwd'>",
    "<img src='logo.png'>",
    "<img src='//127.0.0.1/x.png'>",
    "<img src='http://127.0.0.1:{port}/x.png'>",
    "<img src='http://localhost:{port}/x.png'>",
    "<img src='ftp://127.0.0.1:{port}/x.png'>",
    "<object data='file:///etc/passwd'></object>",
    "<embed src='file:///etc/passwd'>",
    "<a rel='attachment' href='file:///etc/passwd'>x</a>",
    "<link rel='attachment' href='file:///etc/passwd'>",
    "<link rel='stylesheet' href='http://127.0.0.1:{port}/x.css'>",
    "<style>@import url(file:///etc/passwd);</style>",
    "<style>@import 'http://127.0.0.1:{port}/x.css';</style>",
    "<style>body {{ background: url(http://127.0.0.1:{port}/x.png) }}</style>",
    "<style>@font-face {{ font-family: x; src: url(file:///etc/passwd) }}</style>",
    "<style>@font-face {{ font-family: x; src: url(http://127.0.0.1:{port}/x.woff) }}</style>",
]


@pytest.mark.parametrize("body", OUTSIDE)
def test_whatever_stands_outside_the_document_is_refused(body: str) -> None:
    with pytest.raises(RenderError, match="only data: addresses"):
        make(body.format(port=9))


# Inside an SVG image WeasyPrint itself drops what can't be fetched: the picture stays empty, nothing is read.
IN_SVG = [
    "<svg width='9' height='9'><image href='file:///etc/passwd'/></svg>",
    "<svg width='9' height='9'><use href='file:///etc/passwd#a'/></svg>",
    '<img alt="x" src=\'data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>\'>',
    '<img alt="x" src=\'data:image/svg+xml,<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    '<svg xmlns="http://www.w3.org/2000/svg"><text>&e;</text></svg>\'>',
]

WATCHED = """
import os, socket, sys, tempfile
tempfile.gettempdir()  # Python tries this folder out once by writing to it
sys.path.insert(0, {base!r})
from lms.pdf.render import RenderError, render_pdf
html = "<!doctype html><html><head><meta charset='utf-8'></head><body>%s</body></html>"
render_pdf(html % "<p>warm</p>", title="x", lang="en")
listener = socket.create_server(("127.0.0.1", 0))
port = listener.getsockname()[1]
seen = []
def watch(event, args):
    if event.startswith("socket.") or event in ("subprocess.Popen", "os.system"):
        seen.append(event)
    elif event == "open" and not str(args[0]).endswith((".py", ".pyc", ".so")):
        seen.append(f"open {{args[0]}}")
sys.addaudithook(watch)
for body in {bodies!r}:
    try:
        render_pdf(html % (body.format(port=port) if "{{port}}" in body else body), title="x", lang="en")
    except RenderError:
        pass
open("/dev/null").close()  # that the watch is awake
print(seen, flush=True)
os._exit(0)  # a hook in Python can't be called while the interpreter is taken down
"""


def test_no_socket_is_opened_and_no_file_read() -> None:
    """The interpreter itself watches (PEP 578), with a listener ready on the loopback address."""
    script = WATCHED.format(base=str(settings.BASE_DIR), bodies=OUTSIDE + IN_SVG)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "['open /dev/null']"


@pytest.mark.parametrize("body", IN_SVG)
def test_a_file_named_in_an_svg_is_not_printed(body: str) -> None:
    pdf = open_pdf(make(body))
    assert not pdf.pages[0].get_images()


def test_a_broken_embedded_image_is_refused() -> None:
    with pytest.raises(RenderError):
        make("<img alt='x' src='data:image/png;base64,x'>")


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render, "MAX_PAGES", 3)
    assert make("<p style='break-after: page'>x</p>" * 3)
    with pytest.raises(RenderError, match="pages"):
        make("<p style='break-after: page'>x</p>" * 4)
    monkeypatch.setattr(render, "MAX_HTML_CHARACTERS", 1000)
    with pytest.raises(RenderError, match="characters"):
        make("x" * 1001)


def test_threads_share_the_fonts() -> None:
    start = threading.Barrier(4)

    def work(_number: int) -> bytes:
        start.wait()
        return make()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(work, range(4)))) == 1
