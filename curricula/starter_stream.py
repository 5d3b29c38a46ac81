"""Sections and blocks of the starter files as the stored values of StreamFields."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from wagtail import blocks
from wagtail.blocks.base import get_error_json_data

from curricula import starter_text
from curricula.starter_files import PROSE, Block, Section

# Ids come from names, never from chance: a learner's place and a translated segment keep theirs when the text changes.
_NAMESPACE = uuid.UUID("5a0f4c52-6f0b-5d0e-9a52-8f7f3d1c2b60")


class BlockRefused(Exception):
    """A block's own rules don't allow what stands on this line of the file."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason


def block_id(*names: str) -> uuid.UUID:
    """The id of what these names lead to (course code, module slug, section slug ...)."""
    return uuid.uuid5(_NAMESPACE, "/".join(names))


def section_values(
    stream: blocks.StreamBlock, sections: Sequence[Section], *, seed: uuid.UUID, slugs: Sequence[str] | None = None
) -> list[dict[str, Any]]:
    """The ``section`` blocks of a stream. ``slugs`` are those of the original, when ``sections`` is a translation."""
    section_block = stream.child_blocks["section"]
    values = []
    for slug, section in zip(slugs or [section.slug for section in sections], sections, strict=True):
        section_id = uuid.uuid5(seed, slug)
        value = {
            "title": section.title,
            "content": block_values(section_block.child_blocks["content"], section.blocks, seed=section_id),
        }
        values.append({"type": "section", "id": str(section_id), "value": value})
    return values


def block_values(stream: blocks.StreamBlock, parts: Iterable[Block], *, seed: uuid.UUID) -> list[dict[str, Any]]:
    """The blocks of a stream; an id is the block's kind and its number among those of its kind.

    Raises BlockRefused at what the block's own rules don't allow.
    """
    values = []
    numbers: dict[str, int] = {}
    for part in parts:
        numbers[part.kind] = numbers.get(part.kind, 0) + 1
        part_id = uuid.uuid5(seed, f"{part.kind}/{numbers[part.kind]}")
        name = part.kind.replace("-", "_")
        block = stream.child_blocks[name]
        value = stored_value(block, part.values["text"] if part.kind == PROSE else part.values, part_id)
        try:
            block.clean(block.to_python(value))
        except ValidationError as error:
            raise BlockRefused(part.line, " ".join(_messages(get_error_json_data(error)))) from error
        values.append({"type": name, "id": str(part_id), "value": value})
    return values


def _messages(found: Any) -> Iterator[str]:
    """The words in a block's errors, each with the name of the field it is about."""
    if isinstance(found, Mapping):
        for key, inner in found.items():
            for message in _messages(inner):
                yield message if key in ("messages", "blockErrors") or isinstance(key, int) else f"{key}: {message}"
    elif isinstance(found, list):
        for inner in found:
            yield from _messages(inner)
    elif isinstance(found, str):
        yield found


def stored_value(block: blocks.Block, value: Any, seed: uuid.UUID) -> Any:
    """A value of a starter file as ``block`` stores it: Markdown becomes rich text where the block holds rich text."""
    if isinstance(block, blocks.ListBlock):
        ids = [uuid.uuid5(seed, str(number)) for number in range(len(value))]
        return [
            {"type": "item", "id": str(item_id), "value": stored_value(block.child_block, item, item_id)}
            for item_id, item in zip(ids, value, strict=True)
        ]
    if isinstance(block, blocks.StructBlock) and isinstance(value, Mapping):
        return {
            name: stored_value(block.child_blocks[name], inner, uuid.uuid5(seed, name)) for name, inner in value.items()
        }
    if isinstance(block, blocks.RichTextBlock):
        return starter_text.to_html(value)
    if isinstance(value, date):
        return value.isoformat()
    return starter_text.to_plain(value) if isinstance(value, str) else value
