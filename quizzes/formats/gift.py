"""GIFT, Moodle's plain text format: https://docs.moodle.org/en/GIFT_format.

Beyond that page: ``[id:…]`` and ``[tag:…]`` in comments, as Moodle writes them, and the ordering plugin's ``{>…}``.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from functools import partial
from itertools import pairwise
from typing import get_args

from django.utils.translation import gettext as _

from quizzes.enums import QuestionKind

from .questions import (
    MAX_NAME,
    Answer,
    Choice,
    Problem,
    Question,
    Unreadable,
    read_number,
    read_percent,
    read_range,
    write_number,
    write_percent,
)
from .reading import Outcome, Reading, plain_category
from .texts import Markup, one_line, to_html, to_text

GAP = "_____"

_ESCAPE = re.compile(r"\\([\\~=#{}:n])")
_SPECIAL = re.compile(r"[\\~=#{}:]")
_TITLE_END = re.compile(r"\\.|(::)", re.DOTALL)
_BRACE = re.compile(r"\\.|([{}])", re.DOTALL)
_MARK = re.compile(r"\\.|([=~])", re.DOTALL)
_HASH = re.compile(r"\\.|(#)", re.DOTALL)
_GENERAL = re.compile(r"\\.|(####)", re.DOTALL)
_MARKUP = re.compile(rf"\s*\[({'|'.join(get_args(Markup))})\]", re.IGNORECASE)
_WEIGHT = re.compile(r"\s*%([+-]?[0-9]{1,9}(?:\.[0-9]{0,30})?)%")
_LABEL = re.compile(r"\[(id|tag):")
_LABEL_END = re.compile(r"\\\]|(\])")
_COMMENT_TAIL = re.compile(r"(?:^|(?<=\s))//[^\n]*")
_AT_START = {"[": "&#91;", "%": "&#37;", "/": "&#47;"}
_TRUE_FALSE = {"T": True, "TRUE": True, "F": False, "FALSE": False}


@dataclass
class _Item:
    """The lines between two blank ones."""

    line: int
    text: str = ""
    code: str = ""
    tags: list[str] = field(default_factory=list)


def read(text: str) -> Iterator[Outcome]:
    """Yield the questions and problems of a GIFT file, in its order."""
    topic = ""
    for item in _items(text):
        if item.text.startswith("$CATEGORY:"):
            first, _newline, rest = item.text.partition("\n")
            topic = plain_category(first.removeprefix("$CATEGORY:"))
            if not rest.strip():
                continue
            item = replace(item, line=item.line + 1, text=rest.strip())
        yield from Reading(item.line).collect(partial(_read_item, item, topic))


def _items(text: str) -> Iterator[_Item]:
    lines: list[str] = []
    item = _Item(0)
    for number, line in enumerate([*text.split("\n"), ""], start=1):
        plain = line.strip()
        if plain.startswith("//"):
            _read_labels(plain, item)
        elif plain:
            item.line = item.line or number
            lines.append(line.rstrip())
        elif lines:
            item.text = "\n".join(lines).strip()
            yield item
            lines, item = [], _Item(0)
        else:
            item = _Item(0)


def _read_labels(comment: str, item: _Item) -> None:
    position = 0
    while start := _LABEL.search(comment, position):
        end = _find(_LABEL_END, comment, start.end())
        if end is None:
            return
        value = one_line(comment[start.end() : end].replace("\\]", "]"))
        if start[1] == "id":
            item.code = value[:MAX_NAME]
        elif value and value not in item.tags:
            item.tags.append(value)
        position = end


def _find(pattern: re.Pattern[str], text: str, start: int = 0) -> int | None:
    """Where the pattern's first group matches first; what is escaped is stepped over."""
    return next((found.start() for found in pattern.finditer(text, start) if found[1]), None)


def _unescape(text: str) -> str:
    return _ESCAPE.sub(lambda found: "\n" if found[1] == "n" else found[1], text)


def _split_markup(text: str, default: Markup) -> tuple[Markup, str]:
    """The markup that a prefix such as ``[html]`` names, and the text without it."""
    prefix = _MARKUP.match(text)
    if prefix is None:
        return default, text
    markup: Markup = prefix[1].lower()  # type: ignore[assignment]
    return markup, text[prefix.end() :]


class _Part:
    """A stretch of GIFT text: its line ends and escapes undone."""

    def __init__(self, text: str, markup: Markup, reading: Reading) -> None:
        self.reading = reading
        self.markup = markup
        text = text.strip()
        if self.markup in ("moodle", "plain"):
            # Only an escaped end of line is one in these; the others are how the file is wrapped.
            text = " ".join(text.split("\n"))
        self.text = _unescape(text)

    @property
    def html(self) -> str:
        return to_html(self.text, self.markup, self.reading.losses)

    @property
    def plain(self) -> str:
        return to_text(self.text, self.markup, self.reading.losses)


def _part(text: str, default: Markup, reading: Reading) -> _Part:
    markup, text = _split_markup(text, default)
    return _Part(text, markup, reading)


def _read_item(item: _Item, topic: str, reading: Reading) -> Question:
    text, title = item.text, ""
    if text.startswith("::"):
        end = _find(_TITLE_END, text, 2)
        if end is None:
            raise Unreadable(_("Its name has no :: at its end."))
        title, text = one_line(_unescape(text[2:end])), text[end + 2 :].strip()
    reading.name = title
    braces = [found.start() for found in _BRACE.finditer(text) if found[1]]
    opening = braces[0] if braces else len(text)
    markup, before = _split_markup(text[:opening], "moodle")
    reading.name = title or one_line(_unescape(before))[:60]
    if not braces:
        raise Unreadable(_("A description without answers is not a question: it is not supported."))
    if text[opening] == "}":
        raise Unreadable(_("A closing brace stands before the opening one; a brace in a text is written as \\}."))
    if len(braces) == 1:
        raise Unreadable(_("Its answers have no closing brace before the next blank line."))
    if len(braces) > 2 or text[braces[1]] == "{":
        raise Unreadable(_("It has more than one pair of braces; a brace in a text is written as \\{ or \\}."))
    answers, after = text[opening + 1 : braces[1]].strip(), text[braces[1] + 1 :]
    stem = _Part(
        before.strip() + (before[len(before.rstrip()) :] + GAP + after if after.strip() else ""), markup, reading
    )
    question = Question(
        kind=QuestionKind.SINGLE,
        name=title,
        stem_html=stem.html,
        tags=item.tags,
        topic=topic,
        code=item.code,
        line=item.line,
    )
    return _read_answers(answers, question, markup, reading)


def _read_answers(answers: str, question: Question, markup: Markup, reading: Reading) -> Question:
    general = _find(_GENERAL, answers)
    if general is not None:
        question = replace(question, feedback=_part(answers[general + 4 :], markup, reading).html)
        answers = answers[:general].strip()
    if not answers:
        raise Unreadable(_("An essay, which nobody can grade here, is not supported."))
    if answers.startswith("#"):
        return _read_numeric(answers[1:], question, markup, reading)
    if answers.startswith(">"):
        return _read_ordering(answers[1:], question, markup, reading)
    segments = _segments(answers)
    if all(sign == "" for sign, _text in segments):
        answer, *feedback = _split_feedback(answers)
        if (right := _TRUE_FALSE.get(_COMMENT_TAIL.sub("", answer).strip().upper())) is not None:
            return _read_true_false(right, feedback, question, markup, reading)
    if any(sign == "~" for sign, _text in segments):
        return _read_choices(segments, question, markup, reading)
    if (pairs := [text for sign, text in segments if sign]) and all("->" in text for text in pairs):
        return _read_matching(segments, question, markup, reading)
    return _read_short_text(segments, question, markup, reading)


def _segments(answers: str) -> list[tuple[str, str]]:
    """The answers, each after its sign; text before the first sign has none."""
    starts = [found.start() for found in _MARK.finditer(answers) if found[1]]
    segments = [(answers[start], answers[start + 1 : end]) for start, end in pairwise([*starts, len(answers)])]
    lead = _COMMENT_TAIL.sub("", answers[: starts[0]]) if starts else answers
    return [("", lead), *segments] if lead.strip() else segments


def _split_feedback(text: str) -> list[str]:
    parts, start = [], 0
    for found in _HASH.finditer(text):
        if found[1]:
            parts.append(text[start : found.start()])
            start = found.end()
    return [*parts, text[start:]]


def _weighted(sign: str, text: str) -> tuple[Fraction, str, str]:
    """The share of an answer, the answer, and its feedback."""
    weight = _WEIGHT.match(text)
    share = read_percent(weight[1]) if weight else Fraction(sign != "~")
    answer, *feedback = _split_feedback(text[weight.end() if weight else 0 :])
    return share, answer.strip(), "#".join(feedback)


def _read_choices(segments: list[tuple[str, str]], question: Question, markup: Markup, reading: Reading) -> Question:
    if segments[0][0] == "":
        raise Unreadable(_("Before its first answer stands text that has neither = nor ~."))
    choices = []
    for sign, text in segments:
        share, answer, feedback = _weighted(sign, text)
        choices.append(
            Choice(
                _part(answer, markup, reading).plain, share, _part(feedback, markup, reading).plain if feedback else ""
            )
        )
    several = all(sign == "~" for sign, _text in segments)
    return replace(question, kind=QuestionKind.MULTIPLE if several else QuestionKind.SINGLE, choices=choices)


def _read_true_false(
    right: bool, feedback: list[str], question: Question, markup: Markup, reading: Reading
) -> Question:
    # The first feedback is for the wrong answer, the second for the right one.
    wrong_text, right_text = ([_part(text, markup, reading).plain for text in feedback] + ["", ""])[:2]
    choices = [
        Choice("True", Fraction(right), right_text if right else wrong_text),
        Choice("False", Fraction(not right), wrong_text if right else right_text),
    ]
    return replace(question, kind=QuestionKind.TRUE_FALSE, choices=choices)


def _read_matching(segments: list[tuple[str, str]], question: Question, markup: Markup, reading: Reading) -> Question:
    pairs = []
    for sign, text in segments:
        left, arrow, right = text.partition("->")
        if not sign or not arrow:
            raise Unreadable(_("One of its pairs has no = before it or no -> within it."))
        pairs.append((_part(left, markup, reading).plain, one_line(_unescape(right))))
    return replace(question, kind=QuestionKind.MATCHING, pairs=pairs)


def _read_ordering(answers: str, question: Question, markup: Markup, reading: Reading) -> Question:
    options, _newline, lines = answers.partition("\n")
    if "RANDOM" in options.upper() or "CONTIG" in options.upper() or options.upper().split()[1:2] == ["REL"]:
        reading.losses.append(_("that only some of its items are shown"))
    texts = [text for text in re.split(r"\n", lines) if text.strip()]
    order = [_part(text.strip().removeprefix("="), markup, reading).plain for text in texts]
    return replace(question, kind=QuestionKind.ORDERING, order=order)


def _read_short_text(segments: list[tuple[str, str]], question: Question, markup: Markup, reading: Reading) -> Question:
    answers: list[Answer] = []
    otherwise = ""
    for sign, text in segments:
        share, answer, feedback = _weighted(sign, text)
        words = _part(feedback, markup, reading).plain if feedback else ""
        value = one_line(_unescape(answer))
        if value == "*" and not share:
            otherwise = words
        else:
            answers.append(Answer(reading.literal(value), share, feedback=words))
    return replace(question, kind=QuestionKind.SHORT_TEXT, answers=answers, otherwise=otherwise)


def _read_numeric(text: str, question: Question, markup: Markup, reading: Reading) -> Question:
    answers: list[Answer] = []
    otherwise = ""
    for sign, segment in _segments(text):
        share, answer, feedback = _weighted(sign, segment)
        words = _part(feedback, markup, reading).plain if feedback else ""
        if not share and answer in ("", "*"):
            otherwise = words
        else:
            value, tolerance = _read_tolerance(_unescape(answer))
            answers.append(Answer(value, share, tolerance, words))
    return replace(question, kind=QuestionKind.NUMERIC, answers=answers, otherwise=otherwise)


def _read_tolerance(text: str) -> tuple[Decimal, Decimal]:
    low, dots, high = text.partition("..")
    if dots:
        return read_range(low, high)
    value, colon, tolerance = text.partition(":")
    return read_number(value), abs(read_number(tolerance)) if colon else Decimal(0)


# --- writing


def write(questions: Iterable[Question], problems: list[Problem]) -> str:
    """Return the questions as a GIFT file; what GIFT can't hold is added to ``problems``."""
    topic, parts = "", []
    for question in questions:
        if any("->" in str(answer.value) for answer in question.answers):
            problems.append(Problem(question.line, question.name, _("In GIFT, an answer with -> is read as a pair.")))
            continue
        losses = _list_losses(question)
        if losses:
            problems.append(Problem(question.line, question.name, "; ".join(losses), left_out=False))
        if question.topic != topic:
            topic = question.topic
            parts.append(f"$CATEGORY: {topic}\n")
        parts.append(_write_question(question))
    return "\n".join(parts)


def _list_losses(question: Question) -> list[str]:
    losses = []
    if question.media:
        losses.append(_("GIFT holds no files: its pictures are missing"))
    if question.module:
        losses.append(_("GIFT names no module"))
    if question.all_or_nothing:
        losses.append(_("in GIFT, part of the right answers is worth part of the point"))
    if question.case_sensitive:
        losses.append(_("in GIFT, capital and small letters are never told apart"))
    if question.keep_order:
        losses.append(_("GIFT can't say that its answers are never shuffled"))
    return losses


def _write_question(question: Question) -> str:
    labels = [f"[id:{_label(question.code)}]"] if question.code else []
    labels += [f"[tag:{_label(tag)}]" for tag in question.tags]
    comment = f"// {' '.join(labels)}\n" if labels else ""
    feedback = f"\t####[html]{_escape(question.feedback)}\n" if question.feedback else ""
    return (
        f"{comment}::{_escape(question.name)}::[html]{_escape(question.stem_html)}{{"
        f"{_write_answers(question)}{feedback}}}\n"
    )


def _label(text: str) -> str:
    # A backslash at the end would escape the bracket; the space between them is read as none.
    return text.replace("]", "\\]") + (" " if text.endswith("\\") else "")


def _escape(text: str) -> str:
    return _SPECIAL.sub(lambda found: "\\" + found[0], text)


def _words(text: str) -> str:
    """A plain text in a question whose markup is HTML."""
    words = html.escape(text, quote=False)
    # At the beginning these would be read as a markup's name, a weight, or a comment.
    return _escape(_AT_START[words[0]] + words[1:] if words[:1] in _AT_START else words)


def _feedback(text: str) -> str:
    return f"#{_words(text)}" if text else ""


def _write_answers(question: Question) -> str:
    lines: list[str] = []
    match question.kind:
        case QuestionKind.TRUE_FALSE:
            true, false = question.choices
            right, wrong = (true, false) if true.fraction else (false, true)
            both = f"#{_words(wrong.feedback)}{_feedback(right.feedback)}" if right.feedback or wrong.feedback else ""
            return f"{'TRUE' if true.fraction else 'FALSE'}{both}\n"
        case QuestionKind.SINGLE | QuestionKind.MULTIPLE:
            lines = [
                f"{_sign(choice, question)}{_words(choice.text)}{_feedback(choice.feedback)}"
                for choice in question.choices
            ]
        case QuestionKind.MATCHING:
            lines = [f"={_words(left)} -> {_escape(right)}" for left, right in question.pairs]
        case QuestionKind.ORDERING:
            head = f">{len(question.order)} ALL VERTICAL ABSOLUTE_POSITION SHOW"
            return "\n\t".join([head, *(_words(text) for text in question.order)]) + "\n"
        case QuestionKind.SHORT_TEXT:
            lines = [
                f"=%{write_percent(answer.fraction)}%{_escape(_star(str(answer.value)))}{_feedback(answer.feedback)}"
                for answer in question.answers
            ]
            if question.otherwise:
                lines.append(f"=%0%*{_feedback(question.otherwise)}")
        case QuestionKind.NUMERIC:
            lines = [_write_number(answer) for answer in question.answers]
            lines += [f"~{_feedback(question.otherwise)}"] if question.otherwise else []
            return "#\n\t" + "\n\t".join(lines) + "\n"
    return "\n\t" + "\n\t".join(lines) + "\n"


def _sign(choice: Choice, question: Question) -> str:
    weight = f"%{write_percent(choice.fraction)}%"
    if question.kind == QuestionKind.MULTIPLE:
        return "~" + weight
    return "=" if choice.fraction == 1 else f"~{weight if choice.fraction else ''}"


def _star(value: str) -> str:
    return value.replace("*", "\\*")


def _write_number(answer: Answer) -> str:
    value, tolerance = write_number(Decimal(answer.value)), write_number(answer.tolerance)
    return f"=%{write_percent(answer.fraction)}%{value}:{tolerance}{_feedback(answer.feedback)}"
