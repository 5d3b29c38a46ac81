"""The little HTML that a question may carry."""

from __future__ import annotations

import nh3

INLINE_TAGS = {"abbr", "br", "code", "em", "q", "strong", "sub", "sup"}
BLOCK_TAGS = INLINE_TAGS | {"a", "li", "ol", "p", "ul"}


def clean_inline(html: str) -> str:
    """Return the HTML with nothing left but emphasis within a line; text stays, scripts and styles do not."""
    return nh3.clean(html, tags=INLINE_TAGS, attributes={"abbr": {"title"}}).strip()


def clean_block(html: str) -> str:
    """As ``clean_inline``, with paragraphs, lists and links."""
    attributes = {"abbr": {"title"}, "a": {"href"}}
    return nh3.clean(
        html, tags=BLOCK_TAGS, attributes=attributes, url_schemes={"https", "http", "mailto", "tel"}
    ).strip()
