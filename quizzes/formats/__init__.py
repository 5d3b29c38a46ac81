"""Question files in and out: GIFT, Moodle XML, Aiken and our own.

``read`` takes bytes and a name and returns what can be taken over and what can't; ``write`` is its reverse. Neither
touches a database, a disk or a network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from pathlib import PurePath

from django.utils.translation import gettext as _

from . import aiken, gift, moodle_xml, own
from .questions import MAX_QUESTIONS, Answer, Choice, Media, Problem, Question, QuestionFile, Unreadable
from .reading import Outcome
from .texts import decode

__all__ = [
    "Answer",
    "Choice",
    "Format",
    "Media",
    "Problem",
    "Question",
    "QuestionFile",
    "list_losses",
    "read",
    "tell_format",
    "write",
]

MAX_BYTES = 10_000_000


class Format(StrEnum):
    """A format of question files, by the ending of its files' names."""

    GIFT = "gift"
    MOODLE_XML = "xml"
    AIKEN = "aiken"
    OWN = "yaml"


_ENDINGS = {
    ".gift": Format.GIFT,
    ".xml": Format.MOODLE_XML,
    ".aiken": Format.AIKEN,
    ".yaml": Format.OWN,
    ".yml": Format.OWN,
}
_MOST_BYTES = {
    Format.GIFT: 2_000_000,
    Format.AIKEN: 2_000_000,
    Format.OWN: own.MAX_BYTES,
    Format.MOODLE_XML: MAX_BYTES,
}


def read(data: bytes, *, name: str) -> QuestionFile:
    """Return the questions of a file and its problems, each with its line; raises nothing, whatever the bytes are.

    The format is told by the ending of ``name`` (.gift, .xml, .aiken, .yaml, .yml) and, for .txt, by the content.
    """
    questions: list[Question] = []
    problems: list[Problem] = []
    try:
        for outcome in _outcomes(data, name):
            if isinstance(outcome, Problem):
                problems.append(outcome)
            else:
                questions.append(outcome)
            if len(questions) + len(problems) > 2 * MAX_QUESTIONS or len(questions) > MAX_QUESTIONS:
                del questions[MAX_QUESTIONS:]
                raise Unreadable(
                    _("The file has more than %(most)d questions; the rest was not read.") % {"most": MAX_QUESTIONS},
                    outcome.line,
                )
        if not questions and not problems:
            raise Unreadable(_("The file holds no questions."))
    except Unreadable as problem:
        problems.append(Problem(problem.line, name, problem.reason))
    return QuestionFile(questions, problems)


def write(questions: Iterable[Question], *, format: Format | str) -> bytes:
    """Return the questions as a file in UTF-8. What the format can't hold is missing: ``list_losses`` names it.

    Raises ValueError for a format that is not known.
    """
    return _WRITERS[Format(format)](questions, []).encode()


def list_losses(questions: Iterable[Question], *, format: Format | str) -> list[Problem]:
    """Return what ``write`` leaves out in this format, question by question."""
    problems: list[Problem] = []
    _WRITERS[Format(format)](questions, problems)
    return problems


def tell_format(data: bytes, *, name: str) -> Format:
    """Return the format of a file by its name's ending and, for .txt, by its content. Raises Unreadable."""
    ending = PurePath(name).suffix.lower()
    if ending in _ENDINGS:
        return _ENDINGS[ending]
    if ending != ".txt":
        raise Unreadable(
            _("Files named …%(ending)s are not read here; the endings are .gift, .xml, .aiken, .yaml and .txt.")
            % {"ending": ending[:20]}
        )
    text = decode(data[: _MOST_BYTES[Format.GIFT]])
    if text.lstrip()[:5].lower() in ("<?xml", "<quiz"):
        return Format.MOODLE_XML
    return Format.AIKEN if aiken.looks_like(text) else Format.GIFT


def _outcomes(data: bytes, name: str) -> Iterator[Outcome]:
    if len(data) > MAX_BYTES:
        raise Unreadable(_("The file is larger than %(most)d MB.") % {"most": MAX_BYTES // 1_000_000})
    kind = tell_format(data, name=name)
    if len(data) > _MOST_BYTES[kind]:
        raise Unreadable(_("The file is larger than %(most)d MB.") % {"most": _MOST_BYTES[kind] // 1_000_000})
    return moodle_xml.read(data) if kind == Format.MOODLE_XML else _TEXT_READERS[kind](decode(data))


_TEXT_READERS: dict[Format, Callable[[str], Iterator[Outcome]]] = {
    Format.GIFT: gift.read,
    Format.AIKEN: aiken.read,
    Format.OWN: own.read,
}
_WRITERS: dict[Format, Callable[[Iterable[Question], list[Problem]], str]] = {
    Format.GIFT: gift.write,
    Format.MOODLE_XML: moodle_xml.write,
    Format.AIKEN: aiken.write,
    Format.OWN: own.write,
}
