"""No file that somebody uploaded runs anything on this origin."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image as Picture
from wagtail.documents.models import Document
from wagtail.images.models import Image

from curricula.enums import EditorGroup
from tests.conftest import Cast

# Wagtail and the test client leave files open.
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]
SCRIPT = b"<script>alert(document.domain)</script>"


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def author(cast: Cast, client: Client) -> Client:
    cast.editor.groups.add(Group.objects.get(name=EditorGroup.MEDIA))
    client.force_login(cast.editor, backend="django.contrib.auth.backends.ModelBackend")
    return client


def drawn(kind: str, size: tuple[int, int] = (8, 8)) -> bytes:
    stream = io.BytesIO()
    Picture.new("RGB", size, "navy").save(stream, kind)
    return stream.getvalue()


def zipped(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/"), content)
    return stream.getvalue()


def upload(author: Client, kind: str, name: str, content: bytes) -> dict[str, Any]:
    answer = author.post(
        f"/cms/{kind}/multiple/add/",
        {"files[]": SimpleUploadedFile(name, content), "title": "A file", "collection": 1},
        headers={"x-requested-with": "XMLHttpRequest"},
    )
    assert answer.status_code == 200
    return answer.json()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("a.html", SCRIPT),
        ("a.pdf", SCRIPT),
        ("a.txt", b"<!doctype html>" + SCRIPT),
        ("a.csv", b"\xef\xbb\xbf  <svg onload=alert(1)>"),
        ("a.vtt", SCRIPT),
        ("a.docx", zipped(x=b"y")),
        ("a.odt", zipped(mimetype=b"text/html")),
        ("a.odt", zipped(mimetype=b"application/vnd.oasis.opendocument.text", Basic__Standard__a=b"Sub x")),
        ("a.js", b"alert(1)"),
        ("a.pdf.html", b"%PDF-1.7"),
        ("empty.pdf", b""),
    ],
)
def test_a_document_is_what_its_name_says_or_is_refused(author: Client, name: str, content: bytes) -> None:
    answer = upload(author, "documents", name, content)
    assert not answer["success"]
    assert answer["error_message"]
    assert not Document.objects.exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", b"%PDF-1.7\n" + SCRIPT),
        ("a.txt", b"Plain words, then\n" + SCRIPT),
        ("a.odt", zipped(mimetype=b"application/vnd.oasis.opendocument.text")),
        ("a.mp4", b"\x00\x00\x00\x18ftypmp42" + SCRIPT),
    ],
)
def test_a_document_goes_out_as_a_file_that_runs_nothing(author: Client, name: str, content: bytes) -> None:
    answer = upload(author, "documents", name, content)
    assert answer["success"], answer
    served = Client().get(Document.objects.get().url)
    assert served.status_code == 200
    assert served["Content-Disposition"].startswith("attachment")
    assert served["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert served["X-Content-Type-Options"] == "nosniff"
    assert "html" not in served["Content-Type"]
    assert "svg" not in served["Content-Type"]
    served.close()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("a.png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("a.png", drawn("JPEG")),
        ("a.gif", SCRIPT),
        ("a.png", drawn("PNG")[:40]),
        ("a.html", drawn("PNG")),
        ("wide.png", drawn("PNG", (20_001, 2_000))),
    ],
)
def test_an_image_is_one_and_not_too_large_or_is_refused(author: Client, name: str, content: bytes) -> None:
    answer = upload(author, "images", name, content)
    assert not answer["success"]
    assert not Image.objects.exists()


def test_a_picture_is_drawn_anew_and_the_upload_is_never_sent(author: Client, settings: Any) -> None:
    """What hides behind the picture's end, or in its remarks, is not in what readers get."""
    assert upload(author, "images", "a.png", drawn("PNG") + SCRIPT)["success"]
    image = Image.objects.get()
    visitor = Client()
    assert visitor.get(image.file.url).status_code == 404
    rendition = image.get_rendition("max-4x4|format-webp")
    served = visitor.get(rendition.url)
    assert (served.status_code, served["Content-Type"]) == (200, "image/webp")
    assert served["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert served["X-Content-Type-Options"] == "nosniff"
    assert "Cookie" not in served.get("Vary", "")
    assert b"script" not in b"".join(served.streaming_content)


@pytest.mark.parametrize(
    "name",
    [
        "../documents/secret.png",
        "..%2fdocuments%2fsecret.png",
        "x.svg",
        "x.html",
        "..png",
        ".png",
        "%00.png",
        "a b.png",
    ],
)
def test_nothing_but_pictures_is_sent(client: Client, settings: Any, name: str) -> None:
    for place in ("documents/secret.png", "images/x.svg", "images/x.html"):
        target = Path(settings.MEDIA_ROOT) / place
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(ContentFile(SCRIPT).read())
    assert client.get(f"/media/images/{name}").status_code == 404
