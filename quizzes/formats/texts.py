"""Texts out of question files: bytes to text, and each markup to the little HTML that a question carries."""

from __future__ import annotations

import codecs
import html
import re
from collections.abc import Iterator
from typing import Literal, NamedTuple
from urllib.parse import unquote

import nh3
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt

from quizzes.markup import BLOCK_TAGS

from .questions import Unreadable

Markup = Literal["html", "moodle", "markdown", "plain"]

MAX_TEXT = 40_000
MAX_MARKDOWN = 8_000
# Reading HTML takes time by the square of its depth, so that the number of its tags is bounded.
MAX_TAGS = 1_500
PLUGIN_FILE = "@@PLUGINFILE@@/"

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# What XML can't hold; tabs and ends of lines are spaces in most places and stay.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")

_INLINE = {"abbr", "br", "code", "em", "q", "strong", "sub", "sup", "a", "img"}
_LISTS = {"ul", "ol", "li"}
_SAME_AS = {"b": "strong", "i": "em", "kbd": "code", "samp": "code", "tt": "code", "var": "em", "cite": "em"}
_PARAGRAPHS = {
    *("p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "section", "article", "center", "hr"),
    *("dl", "dt", "dd", "figure", "figcaption", "header", "footer", "tr", "table"),
}
_CELLS = {"td", "th"}
_WITHIN_LINES = {"span", "font", "u", "small", "big", "s", "del", "ins", "mark", "nolink", "bdi", "bdo", "ruby"}
_UNSHOWN = {"audio", "video", "iframe", "object", "embed", "svg", "math", "canvas"}
_FIELDS = {"form", "input", "textarea", "select", "button"}
_KNOWN = {*_INLINE, *_LISTS, *_SAME_AS, *_PARAGRAPHS, *_CELLS, *_WITHIN_LINES, *_UNSHOWN, *_FIELDS, "tbody", "thead"}
_OTHER_SIGN = re.compile(rf"<(?!/?(?:{'|'.join(sorted(_KNOWN))}|script|style)(?=[\s/>])|!--)", re.IGNORECASE)
_TOKEN = re.compile(r'<(/?)([a-z][a-z0-9]*)((?: [a-z-]+="[^"]*")*)>|([^<]+|<)')
_ATTRIBUTE = re.compile(r' ([a-z-]+)="([^"]*)"')
_VOID = {"br", "img", "hr", "input", "embed"}
_FORMULA = re.compile(r"\\\(|\\\[|\$\$")
_SCHEMES = {"https", "http", "mailto", "tel"}

_MARKDOWN = MarkdownIt("commonmark")
_MARKDOWN_ALONE = MarkdownIt("commonmark", {"html": False})


def decode(data: bytes) -> str:
    """Return the text of a file in UTF-8, UTF-16 or UTF-32, with line ends as ``\\n``.

    Nothing is guessed: bytes of an older encoding read as a wrong letter would go unnoticed. Raises Unreadable.
    """
    encoding, start = next(((name, len(bom)) for bom, name in _BOMS if data.startswith(bom)), ("utf-8", 0))
    if not start and b"\0" in data[:200]:
        encoding = "utf-16-le" if data[1:2] == b"\0" else "utf-16-be"
    try:
        text = data[start:].decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, start + error.start) + 1
        raise Unreadable(
            _("The file is not in UTF-8: byte %(byte)s stands for no letter. Save it again as UTF-8.")
            % {"byte": f"0x{data[start + error.start]:02X}"},
            line,
        ) from None
    if "\0" in text:
        raise Unreadable(_("This is not a text file."), text.count("\n", 0, text.index("\0")) + 1)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def one_line(text: str) -> str:
    """Return the plain text with single spaces and no control signs."""
    return " ".join(_CONTROLS.sub("", text).split())


def to_html(text: str, markup: Markup, losses: list[str], files: frozenset[str] = frozenset()) -> str:
    """Return sanitized HTML of a text: emphasis, paragraphs, lists and links, and pictures that are among ``files``.

    What is lost is named in ``losses``. The HTML of this function is left as it is by it. Raises Unreadable where the
    text is too large.
    """
    result = _fold(_rough_html(text, markup, losses), losses, files)
    # Each turn undoes a nesting that sanitizing alone leaves open to a second reading.
    for _turn in range(4):
        again = _fold(_sanitize(result), [], files)
        if again == result:
            return result
        result = again
    return html.escape(_text_of(result, []), quote=False)


def markdown_to_html(text: str, losses: list[str]) -> str:
    """As ``to_html``, of Markdown in which HTML is not markup, as our own files are written."""
    _check_size(text, MAX_MARKDOWN)
    return to_html(_MARKDOWN_ALONE.render(_CONTROLS.sub("", text)), "html", losses)


def to_text(text: str, markup: Markup, losses: list[str]) -> str:
    """Return the text in plain letters on one line; what is lost is named in ``losses``. Raises Unreadable."""
    return one_line(text) if markup == "plain" else _text_of(_rough_html(text, markup, losses), losses)


def html_to_text(markup: str) -> str:
    """Return what a reader reads of HTML that ``to_html`` made, on one line."""
    return _text_of(markup, [])


def _check_size(text: str, most: int) -> None:
    if len(text) > most:
        raise Unreadable(_("One of its texts is longer than %(most)d letters.") % {"most": most})
    if text.count("<") > MAX_TAGS:
        raise Unreadable(_("One of its texts has more than %(most)d tags.") % {"most": MAX_TAGS})


def _rough_html(text: str, markup: Markup, losses: list[str]) -> str:
    """HTML that is well formed and harmless, with every tag that ``_fold`` knows."""
    text = _CONTROLS.sub("", text)
    _check_size(text, MAX_MARKDOWN if markup == "markdown" else MAX_TEXT)
    if _FORMULA.search(text):
        losses.append(_("formulas are shown as they are written"))
    if markup == "plain":
        text = html.escape(text, quote=False)
    if markup == "markdown":
        text = _MARKDOWN.render(text)
        _check_size(text, MAX_TEXT * 4)
    elif markup != "html":
        text = _OTHER_SIGN.sub("&lt;", text).strip().replace("\n", "<br>")
        _check_size(text, MAX_TEXT * 4)
    return _sanitize(text)


def _sanitize(text: str) -> str:
    return nh3.clean(
        text,
        tags=_KNOWN,
        attributes={"a": {"href"}, "abbr": {"title"}, "img": {"src", "alt"}},
        url_schemes=_SCHEMES,
        link_rel=None,
    )


class _Token(NamedTuple):
    """A tag (``name`` in lower case, ``closing`` or not) or a piece of text (no name, escaped)."""

    name: str
    closing: bool
    attributes: dict[str, str]
    text: str


def _tokens(markup: str) -> Iterator[_Token]:
    for found in _TOKEN.finditer(markup):
        slash, name, attributes, text = found.groups()
        yield _Token(
            name or "",
            bool(slash),
            {key: one_line(value) for key, value in _ATTRIBUTE.findall(attributes or "")},
            text or "",
        )


def _text_of(markup: str, losses: list[str]) -> str:
    parts: list[str] = []
    for token in _tokens(markup):
        if not token.name:
            parts.append(token.text)
        elif token.name in _PARAGRAPHS or token.name in _LISTS or token.name in _CELLS or token.name == "br":
            parts.append(" ")
        elif not token.closing:
            if token.name == "img":
                losses.append(_("a picture in an answer or its feedback is missing"))
            elif token.name in _UNSHOWN or token.name in _FIELDS:
                losses.append(_("an embedded part (%(tag)s) is missing") % {"tag": token.name})
            elif token.name in _INLINE or token.name in _SAME_AS:
                losses.append(_("emphasis or links in an answer or its feedback are missing"))
    return one_line(html.unescape("".join(parts)))


class _Folder:
    """Writes tokens as paragraphs and lists, with emphasis opened again in each."""

    def __init__(self, losses: list[str], files: frozenset[str]) -> None:
        self.losses = losses
        self.files = files
        self.blocks: list[str] = []
        self.line: list[str] = []
        self.open: list[tuple[str, str]] = []
        self.lists = 0
        self.hidden = ""

    def take(self, token: _Token) -> None:
        if self.hidden:
            if token.name == self.hidden and token.closing:
                self.hidden = ""
        elif not token.name:
            self.line.append(re.sub(r"[ \t\n]+", " ", token.text))
        elif token.name in _LISTS:
            self.take_list(token)
        elif token.name in _PARAGRAPHS:
            if token.name == "table" and not token.closing:
                self.losses.append(_("a table is shown as lines of text"))
            self.end_paragraph()
        elif token.name in _CELLS:
            self.line.append(" ")
        elif token.name == "br":
            self.line.append("<br>")
        elif token.name == "img":
            self.take_picture(token)
        elif token.name in _UNSHOWN or token.name in _FIELDS:
            if not token.closing:
                self.losses.append(_("an embedded part (%(tag)s) is missing") % {"tag": token.name})
                self.hidden = token.name if token.name not in _VOID else ""
        else:
            self.take_inline(token, _SAME_AS.get(token.name, token.name))

    def take_inline(self, token: _Token, name: str) -> None:
        if name not in _INLINE:
            return
        if not token.closing:
            if any(opened == name for opened, _tag in self.open):
                self.open.append(("", ""))
                return
            attributes = "".join(f' {key}="{value}"' for key, value in token.attributes.items())
            self.open.append((name, f"<{name}{attributes}>"))
            self.line.append(self.open[-1][1])
        elif self.open:
            opened, _tag = self.open.pop()
            self.line.append(f"</{opened}>" if opened else "")

    def take_picture(self, token: _Token) -> None:
        source = token.attributes.get("src", "")
        alternative = token.attributes.get("alt", "")
        name = unquote(html.unescape(source).removeprefix(PLUGIN_FILE).partition("?")[0])
        if name in self.files and source.startswith(PLUGIN_FILE):
            self.line.append(f'<img src="{source}" alt="{alternative}">')
            return
        self.line.append(alternative.replace("<", "&lt;"))
        self.losses.append(_("a picture that is not in the file is missing"))

    def take_list(self, token: _Token) -> None:
        if not self.lists:
            self.end_paragraph()
        self.line.append(f"</{token.name}>" if token.closing else f"<{token.name}>")
        if token.name != "li":
            self.lists += -1 if token.closing else 1
            if not self.lists:
                self.blocks.append(_trim(self.close_open()))
                self.reopen()

    def end_paragraph(self) -> None:
        if self.lists:
            self.line.append("<br>")
            return
        text = _trim(self.close_open())
        if text:
            self.blocks.append(f"<p>{text}</p>")
        self.reopen()

    def close_open(self) -> str:
        self.line.extend(f"</{name}>" for name, _tag in reversed(self.open) if name)
        return "".join(self.line)

    def reopen(self) -> None:
        self.line = [tag for _name, tag in self.open]

    def result(self) -> str:
        self.end_paragraph()
        if len(self.blocks) == 1 and self.blocks[0].startswith("<p>"):
            return self.blocks[0][3:-4]
        return "".join(self.blocks)


_EMPTY = re.compile(r"<(abbr|code|em|q|strong|sub|sup|a)(?: [a-z]+=\"[^\"]*\")*>( ?)</\1>")
_BREAK_AT_EDGE = re.compile(r" ?<br> ?(?=</?(?:li|ul|ol)>|$)|(?<=<li>)(?:<br>| )+| (?=<(?:br|/?li|/?ul|/?ol)>)")
_AFTER_BREAK = re.compile(r"(<br>|</?(?:li|ul|ol)>) +")


def _trim(text: str) -> str:
    """The line without empty emphasis, and without spaces and breaks at its ends."""
    for _turn in range(6):
        before = text
        text = _EMPTY.sub(r"\2", text).strip(" ")
        text = _AFTER_BREAK.sub(r"\1", text)
        text = _BREAK_AT_EDGE.sub("", text).removeprefix("<br>")
        if text == before:
            break
    return text


def _fold(markup: str, losses: list[str], files: frozenset[str]) -> str:
    folder = _Folder(losses, files)
    for token in _tokens(markup):
        folder.take(token)
    folded = folder.result()
    return nh3.clean(
        folded,
        tags=BLOCK_TAGS | {"img"},
        attributes={"abbr": {"title"}, "a": {"href"}, "img": {"src", "alt"}},
        url_schemes=_SCHEMES,
        link_rel=None,
    ).strip()
