"""Markdown of the starter files to the few HTML elements that rich text has here, and to plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

_MARKDOWN = MarkdownIt("commonmark", {"html": False})
_TAGS = {"p", "h3", "ul", "ol", "li", "b", "i", "a", "br"}
_SCHEMES = {"http", "https", "mailto", "tel"}
_BLOCKS = {"paragraph", "heading", "bullet_list", "ordered_list", "list_item", "inline"}
_INLINES = {"text", "softbreak", "hardbreak", "strong", "em", "link", "text_special"}
# What rich text can't hold, in the words of a person who writes the file.
_REFUSED = {
    "fence": "a fenced block of an unknown kind",
    "code_block": "an indented block: prose starts at the left edge",
    "blockquote": "a quotation block: use a callout",
    "hr": "a rule: start a new section instead",
    "image": "an image: images are added in the content management system",
    "code_inline": "code in backticks",
}
_RAW_HTML = re.compile(r"</?[a-zA-Z][a-zA-Z0-9]*(\s[^<>]*)?/?>")
_TABLE_RULE = re.compile(r"^\s*\|?\s*:?-{2,}:?\s*\|", re.MULTILINE)


class MarkdownError(Exception):
    """Something that the Markdown of a starter file may not hold; ``line`` counts from 0 in the text given."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason


def parse(text: str) -> list[Token]:
    """The block tokens of CommonMark, unchecked."""
    return _MARKDOWN.parse(text)


def to_html(text: str) -> str:
    """Rich text HTML of a piece of Markdown.

    Raises MarkdownError at what rich text can't hold.
    """
    return render(parse(text))


def render(tokens: Sequence[Token]) -> str:
    """Rich text HTML of block tokens: bold as ``b`` and italic as ``i``, as the rich text editor itself saves them.

    Line breaks inside a paragraph of the file are spaces, and a list item has no paragraph of its own, so that wrapping
    a file anew changes nothing.
    """
    _check(tokens)
    tokens = list(tokens)
    in_item = 0
    for token in tokens:
        if token.type in ("list_item_open", "list_item_close"):
            in_item += token.nesting
        elif token.type.startswith("paragraph"):
            token.hidden = in_item > 0
        for child in token.children or ():
            if child.type == "softbreak":
                child.type, child.content = "text", " "
            elif child.tag in ("strong", "em"):
                child.tag = {"strong": "b", "em": "i"}[child.tag]
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    html = re.sub(r">\s*\n\s*<", "><", html).replace("\n", "").replace("<br />", "<br/>")
    return nh3.clean(html, tags=_TAGS, attributes={"a": {"href"}}, url_schemes=_SCHEMES, link_rel=None).strip()


def to_question_html(text: str) -> str:
    """HTML as questions carry it: ``strong`` and ``em``, and no paragraph around a text of one paragraph."""
    html = to_html(text)
    for rich, plain in (("b>", "strong>"), ("i>", "em>")):
        html = html.replace(f"<{rich}", f"<{plain}").replace(f"</{rich}", f"</{plain}")
    return html[3:-4] if html.count("<p>") == 1 and html.startswith("<p>") and html.endswith("</p>") else html


def to_plain(text: str) -> str:
    """The text with its line wraps undone; paragraphs stay apart by an empty line."""
    return "\n\n".join(" ".join(part.split()) for part in re.split(r"\n\s*\n", text.strip()))


def shape(tokens: Sequence[Token]) -> list[str]:
    """The sequence of headings, paragraphs and list items: what a translation must repeat."""
    return [
        token.tag
        for token in tokens
        if token.type in ("heading_open", "list_item_open", "bullet_list_open", "ordered_list_open")
        or (token.type == "paragraph_open" and not token.hidden)
    ]


def words(text: str) -> int:
    """How many words a reader reads in a piece of Markdown or of rich text HTML."""
    return len(re.findall(r"\w[\w'’.,-]*", re.sub(r"<[^>]+>|\]\([^)]*\)", " ", text)))


def _check(tokens: Sequence[Token]) -> None:
    line, depth = 0, 0
    paragraphs_of_item: list[int] = []
    for token in tokens:
        line = token.map[0] if token.map else line
        name = re.sub(r"_(open|close)$", "", token.type)
        if name not in _BLOCKS:
            raise MarkdownError(line, f"Prose can't hold {_REFUSED.get(name, name.replace('_', ' '))}.")
        if token.type == "heading_open" and token.tag != "h3":
            raise MarkdownError(line, "Inside a section, headings are written with ### and nothing else.")
        if token.type == "list_item_open":
            paragraphs_of_item.append(0)
        elif token.type == "list_item_close":
            paragraphs_of_item.pop()
        elif token.type == "paragraph_open" and paragraphs_of_item:
            paragraphs_of_item[-1] += 1
            if paragraphs_of_item[-1] > 1:
                raise MarkdownError(line, "A list item holds one paragraph.")
        depth += token.nesting if name in ("bullet_list", "ordered_list") else 0
        if depth > 2:
            raise MarkdownError(line, "Lists go two levels deep at most.")
        if token.type == "inline":
            _check_inline(token, line)


def _check_inline(token: Token, line: int) -> None:
    if _TABLE_RULE.search(token.content):
        raise MarkdownError(line, "Tables are not read here: use a list.")
    for child, at in _children(token, line):
        name = re.sub(r"_(open|close)$", "", child.type)
        if name not in _INLINES:
            raise MarkdownError(at, f"Prose can't hold {_REFUSED.get(name, name.replace('_', ' '))}.")
        if name == "text" and _RAW_HTML.search(child.content):
            raise MarkdownError(at, "HTML is not read here: write Markdown.")
        if child.type == "link_open":
            address = str(child.attrGet("href") or "")
            if not address.startswith(("/", "#")) and address.split(":", 1)[0] not in _SCHEMES:
                raise MarkdownError(at, f"A link must start with https://, mailto:, tel: or /, not {address!r}.")


def _children(token: Token, line: int) -> Iterator[tuple[Token, int]]:
    """Inline tokens with their line: each break inside the paragraph counts one."""
    for child in token.children or ():
        yield child, line
        line += child.type in ("softbreak", "hardbreak")
