"""What question files hold, whatever their format: plain values, nothing of a database.

Texts named ``…_html`` and ``feedback`` are sanitized HTML; all other texts are plain, on one line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Context, Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from quizzes.enums import QuestionKind

MAX_QUESTIONS = 2_000
MAX_LINES = 100
"""Choices, pairs, items or answers of one question."""
MAX_PART = 500
"""Letters of a plain text: as many as the question bank keeps of a choice."""
MAX_NAME = 200

# Files write a third as 33.33333 percent, and some as 33.33: so near to a fraction of few parts, it is that fraction.
FEWEST_PARTS = 20
NEAR = Fraction(1, 20_000)
_NUMBER = re.compile(r"[+-]?(?:\d{1,30}(?:\.\d{0,30})?|\.\d{1,30})(?:[eE][+-]?\d{1,2})?", re.ASCII)
_EXACT = Context(prec=300)


class Unreadable(Exception):
    """Why a question, or a whole file, can't be taken over, in words; ``line`` counts from 1."""

    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


@dataclass(frozen=True, slots=True)
class Problem:
    """What a file holds and a question can't: ``left_out`` whole, or taken over without what ``reason`` names.

    ``line`` counts from 1 (None where the file as a whole is meant, or a question without a file); ``item`` is the
    question's name.
    """

    line: int | None
    item: str
    reason: str
    left_out: bool = True


@dataclass(frozen=True, slots=True)
class Choice:
    """A possible answer. ``fraction`` is its share of the point, 1 for all of it; negative, it takes away."""

    text: str
    fraction: Fraction
    feedback: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is written: text, or a number with the distance from it that is still accepted."""

    value: str | Decimal
    fraction: Fraction = Fraction(1)
    tolerance: Decimal = Decimal(0)
    feedback: str = ""


@dataclass(frozen=True, slots=True)
class Media:
    """A file that the question's text shows, under ``PLUGIN_FILE`` + ``name``."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Question:
    """One question. Which of ``choices``, ``pairs``, ``order`` and ``answers`` is filled follows from its ``kind``.

    ``pairs`` are prompts and what fits them; an empty prompt makes an option that fits nothing. ``order`` holds the
    items in their right order. ``all_or_nothing``: of several answers, a part of the right ones is worth nothing,
    whatever their fractions. ``otherwise`` is read by a learner whose written answer is none of ``answers``. ``code``
    is the question's own identifier, ``topic`` what it belongs to (in Moodle's words, a category), ``module`` the
    course module that our own files name. ``line`` is where it stood; questions that differ in nothing else are equal.
    """

    kind: QuestionKind
    name: str
    stem_html: str
    choices: list[Choice] = field(default_factory=list)
    pairs: list[tuple[str, str]] = field(default_factory=list)
    order: list[str] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    otherwise: str = ""
    all_or_nothing: bool = False
    case_sensitive: bool = False
    keep_order: bool = False
    feedback: str = ""
    tags: list[str] = field(default_factory=list)
    topic: str = ""
    code: str = ""
    module: str = ""
    media: list[Media] = field(default_factory=list)
    line: int | None = field(default=None, compare=False)

    @property
    def accepted(self) -> list[tuple[str | Decimal, Fraction]]:
        """The written answers that are worth something, each with its share of the point."""
        return [(answer.value, answer.fraction) for answer in self.answers if answer.fraction > 0]

    @property
    def tolerance(self) -> Decimal:
        """How far from the best answer a number may be; 0 where nothing but the number itself is accepted."""
        best = max(self.answers, key=lambda answer: answer.fraction, default=None)
        return best.tolerance if best else Decimal(0)


@dataclass(frozen=True, slots=True)
class QuestionFile:
    """What was read: the questions that can be taken over, and everything that can't, named."""

    questions: list[Question]
    problems: list[Problem]


def read_number(text: str) -> Decimal:
    """Return the number a file writes, with a point before its decimals. Raises Unreadable."""
    text = text.strip()
    if not _NUMBER.fullmatch(text):
        raise Unreadable(_("“%(text)s” is not a number, such as 12 or 0.5.") % {"text": text[:40]})
    return Decimal(text) + 0 if Decimal(text) else Decimal(0)


def read_percent(text: str) -> Fraction:
    """Return the share of the point that a percentage stands for: 33.33333 is a third. Raises Unreadable."""
    exact = Fraction(read_number(text)) / 100
    if abs(exact) > 1:
        raise Unreadable(_("A share of %(percent)s percent is beyond 100 percent.") % {"percent": text.strip()})
    simple = exact.limit_denominator(FEWEST_PARTS)
    return simple if abs(simple - exact) < NEAR else exact


def write_percent(share: Fraction) -> str:
    """Return the share in percent, so that ``read_percent`` gives the same share."""
    percent = _EXACT.divide(Decimal(share.numerator * 100), Decimal(share.denominator))
    return write_number(percent if Fraction(percent) == share * 100 else percent.quantize(Decimal("1E-5")))


def write_number(number: Decimal) -> str:
    """Return the number without an exponent and without zeros at its end."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def read_range(low: str, high: str) -> tuple[Decimal, Decimal]:
    """Return the middle of a range and how far its ends are from there. Raises Unreadable."""
    ends = read_number(low), read_number(high)
    middle = _EXACT.divide(_EXACT.add(*ends), Decimal(2))
    return middle, _EXACT.abs(_EXACT.subtract(ends[0], middle))


def check_question(question: Question) -> list[str]:
    """Return what is odd about a question that can be taken over all the same.

    Raises Unreadable where nobody could answer it, or where it is too large.
    """
    if not question.stem_html:
        raise Unreadable(_("It has no question text."))
    lines = question.choices or question.pairs or question.order or question.answers
    if len(lines) > MAX_LINES:
        raise Unreadable(
            _("It has %(number)d answers; at most %(most)d can be taken over.")
            % {"number": len(lines), "most": MAX_LINES}
        )
    match question.kind:
        case QuestionKind.SINGLE | QuestionKind.MULTIPLE | QuestionKind.TRUE_FALSE:
            return _check_choices(question)
        case QuestionKind.MATCHING:
            _check_texts([right for _left, right in question.pairs])
            _check_texts([left for left, _right in question.pairs if left], least=1)
        case QuestionKind.ORDERING:
            _check_texts(question.order)
        case _:
            if not question.accepted:
                raise Unreadable(_("No answer to it is right."))
            _check_texts([str(answer.value) for answer in question.answers], least=1)
    return []


def _check_choices(question: Question) -> list[str]:
    texts = [choice.text for choice in question.choices]
    _check_texts(texts)
    if len(set(texts)) < len(texts):
        raise Unreadable(_("Two of its answers have the same text."))
    gains = [choice.fraction for choice in question.choices if choice.fraction > 0]
    if not gains:
        raise Unreadable(_("No answer to it is right."))
    if question.kind != QuestionKind.MULTIPLE and max(gains) < 1:
        raise Unreadable(_("No single answer to it gives the full point."))
    total = sum(gains, Fraction())
    if question.kind == QuestionKind.MULTIPLE and total != 1:
        return [_("its right answers add up to %(percent)s percent") % {"percent": write_percent(total)}]
    return []


def _check_texts(texts: list[str], least: int = 2) -> None:
    if len(texts) < least:
        raise Unreadable(_("It has too few answers."))
    if not all(texts):
        raise Unreadable(_("One of its answers has no text."))
    if any(len(text) > MAX_PART for text in texts):
        raise Unreadable(_("One of its answers is longer than %(most)d letters.") % {"most": MAX_PART})
