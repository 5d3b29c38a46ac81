"""Aiken: single choice as plain text (https://docs.moodle.org/en/Aiken_format)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fractions import Fraction
from string import ascii_uppercase

from django.utils.translation import gettext as _

from quizzes.enums import QuestionKind

from .questions import Choice, Problem, Question, Unreadable
from .reading import Outcome, Reading
from .texts import html_to_text, one_line, to_html

_CHOICE = re.compile(r"([A-Z])[.)](.*)")
_ANSWER = re.compile(r"ANSWER\s*:(.*)", re.IGNORECASE)
_LETTER = re.compile(r"([A-Za-z])[.)]?")


def looks_like(text: str) -> bool:
    """Whether a text has a line ``ANSWER:`` below a line of an answer with its letter."""
    chosen = False
    for line in text.split("\n"):
        line = line.strip()
        if chosen and _ANSWER.match(line):
            return True
        chosen = chosen or _CHOICE.match(line) is not None
    return False


def read(text: str) -> Iterator[Outcome]:
    """Yield the questions and problems of an Aiken file, in its order."""
    reader = _Reader()
    for number, line in enumerate(text.split("\n"), start=1):
        yield from reader.take(number, line.strip())
    yield from reader.end()


# What a question without a name of its own is called by: so many letters of its text.
TITLE_LENGTH = 60


class _Reader:
    def __init__(self) -> None:
        self.start(0)

    def start(self, line: int, *stem: str) -> None:
        self.line = line
        self.stem = list(stem)
        self.choices: list[tuple[str, str]] = []
        self.after_gap = False

    def take(self, number: int, line: str) -> Iterator[Outcome]:
        if not line:
            self.after_gap = True
        elif answer := _ANSWER.match(line):
            yield from self.close(number, answer[1].strip())
        elif choice := _CHOICE.match(line):
            if self.stem:
                self.choices.append((choice[1], one_line(choice[2])))
            else:
                yield Problem(number, one_line(line)[:60], _("An answer stands here without a question before it."))
        elif self.stem and (self.choices or self.after_gap):
            yield from self.end()
            self.start(number, line)
        elif self.stem:
            self.stem.append(line)
        else:
            self.start(number, line)
        if line:
            self.after_gap = False

    def end(self) -> Iterator[Problem]:
        if self.stem:
            reason = _("It has no line “ANSWER:” before the next question or the end of the file.")
            yield Problem(self.line, self.title(), reason)
        self.start(0)

    def title(self) -> str:
        return one_line(self.stem[0])[:TITLE_LENGTH] if self.stem else ""

    def close(self, number: int, letter: str) -> Iterator[Outcome]:
        if not self.stem:
            yield Problem(number, f"ANSWER: {letter}"[:60], _("“ANSWER:” stands here without a question before it."))
            return
        yield from Reading(self.line, self.title()).collect(lambda reading: self.question(number, letter, reading))
        self.start(0)

    def question(self, number: int, letter: str, reading: Reading) -> Question:
        letters = [given for given, _text in self.choices]
        if len(letters) < 2:
            raise Unreadable(_("It has too few answers."), number)
        if len(set(letters)) < len(letters):
            raise Unreadable(_("Two of its answers have the same letter."))
        key = _LETTER.fullmatch(letter)
        if not key or key[1].upper() not in letters:
            raise Unreadable(
                _("“ANSWER: %(letter)s” names none of its answers.") % {"letter": letter[:20]},
                number,
            )
        return Question(
            kind=QuestionKind.SINGLE,
            name="",
            stem_html=to_html(" ".join(self.stem), "plain", reading.losses),
            choices=[Choice(text, Fraction(given == key[1].upper())) for given, text in self.choices],
            line=self.line,
        )


# --- writing


def write(questions: Iterable[Question], problems: list[Problem]) -> str:
    """Return the questions as an Aiken file; what Aiken can't hold is added to ``problems``."""
    parts = []
    for question in questions:
        reason = _refuse(question)
        if reason:
            problems.append(Problem(question.line, question.name, reason))
            continue
        if losses := _list_losses(question):
            problems.append(Problem(question.line, question.name, "; ".join(losses), left_out=False))
        parts.append(_write_question(question))
    return "\n".join(parts)


def _refuse(question: Question) -> str:
    if question.kind not in (QuestionKind.SINGLE, QuestionKind.TRUE_FALSE):
        return _("Aiken holds questions with one right answer, not this kind.")
    if len(question.choices) > len(ascii_uppercase):
        return _("Aiken has letters for %(most)d answers.") % {"most": len(ascii_uppercase)}
    if sum(choice.fraction == 1 for choice in question.choices) != 1:
        return _("Aiken holds exactly one right answer.")
    stem = html_to_text(question.stem_html)
    if not stem:
        return _("Nothing of its text can be read in plain letters.")
    if _CHOICE.match(stem) or _ANSWER.match(stem):
        return _("Its text begins as an answer does in Aiken.")
    return ""


def _list_losses(question: Question) -> list[str]:
    losses = []
    if "<" in question.stem_html:
        losses.append(_("Aiken holds plain text: emphasis, paragraphs, lists, links and pictures are missing"))
    if question.feedback or any(choice.feedback for choice in question.choices):
        losses.append(_("Aiken holds no feedback"))
    if any(choice.fraction not in (0, 1) for choice in question.choices):
        losses.append(_("Aiken holds no shares of a point"))
    if question.kind == QuestionKind.TRUE_FALSE:
        losses.append(_("Aiken knows true and false as any two answers"))
    if question.name != html_to_text(question.stem_html)[:TITLE_LENGTH]:
        losses.append(_("Aiken holds no names"))
    if question.tags or question.topic or question.code or question.module:
        losses.append(_("Aiken holds no tags, topics or codes"))
    if question.keep_order:
        losses.append(_("Aiken can't say that its answers are never shuffled"))
    return losses


def _write_question(question: Question) -> str:
    lines = [html_to_text(question.stem_html)]
    for letter, choice in zip(ascii_uppercase, question.choices, strict=False):
        lines.append(f"{letter}) {choice.text}")
    key = next(
        letter for letter, choice in zip(ascii_uppercase, question.choices, strict=False) if choice.fraction == 1
    )
    return "\n".join([*lines, f"ANSWER: {key}", ""])
