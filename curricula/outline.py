"""The order of a course's modules and sections, as players and progress read it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.html import strip_tags
from wagtail import blocks

from curricula.models import CoursePage, ModulePage

# Not read by learners, or read only instead of the text beside it: neither counts as reading time.
_NOT_READ = {"trainer_note", "handout"}


@dataclass(frozen=True)
class SectionOutline:
    """A section: its block id, title and block value (``block.render`` draws it)."""

    id: str
    title: str
    block: Any


@dataclass(frozen=True)
class ModuleOutline:
    """A module: ``key`` is its page's translation key, the same in every language."""

    key: UUID
    title: str
    page: ModulePage
    sections: list[SectionOutline]


def course_outline(course_page: CoursePage) -> list[ModuleOutline]:
    """Return the live modules of the page with their sections, in order (one query)."""
    return [
        ModuleOutline(
            key=page.translation_key,
            title=page.title,
            page=page,
            sections=[SectionOutline(id=child.id, title=child.value["title"], block=child) for child in page.body],
        )
        for page in course_page.live_modules()
    ]


@dataclass(frozen=True)
class ReadingLoad:
    """What a module asks of a learner: words, seconds of video, minutes of practice."""

    words: int
    video_seconds: int
    practice_minutes: int


def reading_load(module: ModulePage) -> ReadingLoad:
    """Return what the module's sections ask of a learner."""
    words = seconds = minutes = 0
    for section in module.body:
        words += _count_words(section.value["title"])
        for child in section.value["content"]:
            if child.block_type in _NOT_READ:
                continue
            if child.block_type == "video":
                seconds += child.value["seconds"]
                continue
            if child.block_type == "practice":
                minutes += child.value["minutes"]
                continue
            value = {"text": child.value["text"]} if child.block_type == "sensitive" else child.value
            words += sum(_count_words(text) for text in _texts(value))
    return ReadingLoad(words, seconds, minutes)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict | blocks.StructValue):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple | blocks.list_block.ListValue):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, str) or hasattr(value, "source"):
        yield getattr(value, "source", value)


def _count_words(text: str) -> int:
    return len(re.findall(r"\w[\w'’-]*", strip_tags(text.replace("<", " <"))))
