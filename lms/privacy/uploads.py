"""Which files may come in, by size, by extension and by what they really contain; and how they go out."""

import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.text import get_valid_filename
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

MEGABYTE = 1024 * 1024
HEAD = 4096
MARKUP = (b"<!doctype", b"<html", b"<svg", b"<script", b"<?xml", b"<body", b"<head", b"<iframe", b"<!--")


def _starts_with(*signatures: bytes) -> Callable[[IO[bytes], bytes], bool]:
    return lambda file, head: head.startswith(signatures)


def _is_webp(file: IO[bytes], head: bytes) -> bool:
    return head[:4] == b"RIFF" and head[8:12] == b"WEBP"


def _is_mp4(file: IO[bytes], head: bytes) -> bool:
    return head[4:8] == b"ftyp"


def _is_text(file: IO[bytes], head: bytes) -> bool:
    """Text in one of the usual encodings, and not markup that a browser could run."""
    if encoding := _find_utf16(head):
        head = head[: len(head) // 2 * 2].decode(encoding, errors="ignore").encode()
    beginning = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return b"\x00" not in head and not beginning.startswith(MARKUP)


def _find_utf16(head: bytes) -> str:
    """By the byte order mark; without one when most of every second byte are zero, as some exports have it."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    for zeros, encoding in ((head[1::2], "utf-16-le"), (head[0::2], "utf-16-be")):
        if zeros.count(0) > len(zeros) // 2:
            return encoding
    return ""


def _is_captions(file: IO[bytes], head: bytes) -> bool:
    return head.removeprefix(b"\xef\xbb\xbf").startswith(b"WEBVTT") and _is_text(file, head)


def _is_office(part: str) -> Callable[[IO[bytes], bytes], bool]:
    def sniff(file: IO[bytes], head: bytes) -> bool:
        if not head.startswith(b"PK\x03\x04"):
            return False
        try:
            with zipfile.ZipFile(file) as archive:
                names = set(archive.namelist())
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
            return False
        has_macros = any(name.lower().endswith("vbaproject.bin") for name in names)
        return {"[Content_Types].xml", part} <= names and not has_macros

    return sniff


def _is_open_document(file: IO[bytes], head: bytes) -> bool:
    """A text of LibreOffice, without macros."""
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
            kind = archive.open("mimetype").read(HEAD) if "mimetype" in names else b""
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        return False
    return kind == b"application/vnd.oasis.opendocument.text" and not any(name.startswith("Basic/") for name in names)


@dataclass(frozen=True)
class FileKind:
    extensions: tuple[str, ...]
    name: object
    megabytes: int
    sniff: Callable[[IO[bytes], bytes], bool]


KINDS = {
    "png": FileKind(("png",), gettext_lazy("a PNG image"), 10, _starts_with(b"\x89PNG\r\n\x1a\n")),
    "jpeg": FileKind(("jpg", "jpeg"), gettext_lazy("a JPEG image"), 10, _starts_with(b"\xff\xd8\xff")),
    "webp": FileKind(("webp",), gettext_lazy("a WebP image"), 10, _is_webp),
    "pdf": FileKind(("pdf",), gettext_lazy("a PDF"), 20, _starts_with(b"%PDF-")),
    "csv": FileKind(("csv", "tsv", "txt"), gettext_lazy("a CSV file"), 50, _is_text),
    "xlsx": FileKind(("xlsx",), gettext_lazy("an Excel workbook (.xlsx)"), 50, _is_office("xl/workbook.xml")),
    "docx": FileKind(("docx",), gettext_lazy("a Word document (.docx)"), 20, _is_office("word/document.xml")),
    "odt": FileKind(("odt",), gettext_lazy("a text document (.odt)"), 20, _is_open_document),
    "text": FileKind(("txt",), gettext_lazy("a plain text (.txt)"), 5, _is_text),
    "pptx": FileKind(("pptx",), gettext_lazy("a PowerPoint file (.pptx)"), 50, _is_office("ppt/presentation.xml")),
    "vtt": FileKind(("vtt",), gettext_lazy("captions (.vtt)"), 2, _is_captions),
    "mp4": FileKind(("mp4", "m4v"), gettext_lazy("an MP4 video"), 500, _is_mp4),
}


def validate_upload(file: File, *, kinds: Iterable[str]) -> str:
    """The kind of the uploaded file, one of `kinds` (keys of KINDS); its reading position is at the start afterwards.

    Raises ValidationError, in words, for an empty or too large file, an extension that is not asked for, and content
    that is not what the extension says.  HTML and SVG are in no kind: a browser would run what they carry.
    """
    wanted = {key: KINDS[key] for key in kinds}
    extension = get_valid_filename(file.name or "file").rpartition(".")[2].lower()
    key = next((key for key, kind in wanted.items() if extension in kind.extensions), None)
    if key is None:
        names = ", ".join(str(kind.name) for kind in wanted.values())
        raise ValidationError(_("This kind of file can't be used here. Choose %(names)s.") % {"names": names}, "kind")
    kind = wanted[key]
    if not file.size:
        raise ValidationError(_("The file is empty."), "empty")
    if file.size > kind.megabytes * MEGABYTE:
        limit = _("The file is larger than %(megabytes)s MB, the most for %(name)s.")
        raise ValidationError(limit % {"megabytes": kind.megabytes, "name": kind.name}, "size")
    file.seek(0)
    head = file.read(HEAD)
    file.seek(0)
    is_what_it_says = kind.sniff(file, head)
    file.seek(0)
    if not is_what_it_says:
        raise ValidationError(
            _("The file's name says %(name)s, but its content is something else.") % {"name": kind.name}, "content"
        )
    return key


def contained(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let the files that a view sends run nothing on this origin, whatever they turn out to be. Its pages stay as they
    are."""

    @wraps(view)
    def contain(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        if "Content-Disposition" in response:
            response["Content-Security-Policy"] = "default-src 'none'; sandbox"
            response["X-Content-Type-Options"] = "nosniff"
        return response

    return contain
