"""Between question files and the bank, as pure rules: what a file's question becomes, what of it is lost, and back."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.text import slugify
from django.utils.translation import gettext as _

from .enums import QuestionKind
from .formats import Answer, Choice, Question
from .formats.questions import read_percent, write_number, write_percent
from .formats.texts import html_to_text
from .markup import clean_block, clean_inline

LONGEST = {"code": 80, "topic": 120, "tags": 200}
LAST_BREAKS = re.compile(r"(?:\s*<br>)+\s*$")
END_OF_BLOCK = re.compile(r"</(?:p|li|ul|ol)>")


@dataclass(frozen=True, slots=True)
class BankLine:
    """A line of a question in the bank; see ``quizzes.models.Choice``."""

    text: str
    match: str = ""
    right: bool = False
    share: Decimal | None = None
    feedback: str = ""


@dataclass(frozen=True, slots=True)
class BankQuestion:
    """A question as the bank keeps it."""

    code: str
    kind: QuestionKind
    stem: str
    lines: list[BankLine]
    explanation: str = ""
    topic: str = ""
    tags: list[str] = field(default_factory=list)
    tolerance: Decimal | None = None
    keep_order: bool = False

    def reads_as(self, other: BankQuestion) -> bool:
        """Whether both ask the same in the same words with the same key, whatever they are called."""
        return (self.kind, self.stem, self.lines, self.tolerance) == (
            other.kind,
            other.stem,
            other.lines,
            other.tolerance,
        )


def take_over(question: Question) -> tuple[BankQuestion, list[str]]:
    """Return what the bank makes of a file's question, and in words what it does not take over."""
    lost: list[str] = []
    answers = _keep_one_tolerance(question, lost)
    if question.media or "<img" in question.stem_html:
        names = ", ".join(one.name for one in question.media)
        lost.append(_("its pictures and files are not taken over: %(names)s") % {"names": names or _("unnamed")})
    if question.case_sensitive:
        lost.append(_("capital and small letters are not told apart here"))
    if question.otherwise:
        lost.append(_("the feedback on any other answer is not taken over"))
    tags = [part for tag in question.tags for piece in tag.split(",") if (part := piece.strip().lower())]
    while len(", ".join(tags)) > LONGEST["tags"]:
        lost.append(_("its tag “%(tag)s” is not taken over: there are too many") % {"tag": tags.pop()[:60]})
    if len(question.topic) > LONGEST["topic"]:
        lost.append(_("its topic is cut to %(most)d letters") % {"most": LONGEST["topic"]})
    kept = BankQuestion(
        code=slugify(question.code or question.name)[: LONGEST["code"]].strip("-") or "question",
        kind=question.kind,
        stem=_inline(question.stem_html),
        lines=_lines(question, answers),
        explanation=clean_block(question.feedback),
        topic=question.topic[: LONGEST["topic"]],
        tags=list(dict.fromkeys(tags)),
        tolerance=_tolerance(answers) if question.kind == QuestionKind.NUMERIC else None,
        keep_order=question.keep_order,
    )
    return kept, lost


def _inline(markup: str) -> str:
    """The HTML on one paragraph: where a block ended, a line does."""
    return LAST_BREAKS.sub("", clean_inline(END_OF_BLOCK.sub("<br>", markup)))


def _keep_one_tolerance(question: Question, lost: list[str]) -> list[Answer]:
    """The answers whose tolerance is that of the first of the best ones; the bank has one for a whole question."""
    if question.kind != QuestionKind.NUMERIC:
        return question.answers
    kept = [answer for answer in question.answers if answer.tolerance == question.tolerance]
    if len(kept) < len(question.answers):
        lost.append(_("of its answers, only those with the same tolerance are taken over"))
    return kept


def _tolerance(answers: list[Answer]) -> Decimal | None:
    return next((answer.tolerance.normalize() for answer in answers if answer.tolerance), None)


def _lines(question: Question, answers: list[Answer]) -> list[BankLine]:
    match question.kind:
        case QuestionKind.MATCHING:
            return [BankLine(text=left, match=right) for left, right in question.pairs]
        case QuestionKind.ORDERING:
            return [BankLine(text=item) for item in question.order]
        case QuestionKind.SHORT_TEXT | QuestionKind.NUMERIC:
            return [
                BankLine(
                    text=write_number(answer.value) if isinstance(answer.value, Decimal) else answer.value,
                    share=None if answer.fraction == 1 else _percent(answer.fraction),
                    feedback=html_to_text(answer.feedback),
                )
                for answer in answers
            ]
        case QuestionKind.MULTIPLE:
            return [
                BankLine(
                    text=choice.text,
                    right=choice.fraction > 0,
                    share=_percent(choice.fraction) if choice.fraction and not question.all_or_nothing else None,
                    feedback=html_to_text(choice.feedback),
                )
                for choice in question.choices
            ]
    # Where one choice is worth a part, each says what it is worth.
    partly = any(choice.fraction not in (0, 1) for choice in question.choices)
    return [
        BankLine(
            text=choice.text,
            right=choice.fraction == 1,
            share=_percent(choice.fraction) if partly and choice.fraction else None,
            feedback=html_to_text(choice.feedback),
        )
        for choice in question.choices
    ]


def _percent(share: Fraction) -> Decimal:
    return Decimal(write_percent(share)).quantize(Decimal("0.00001")).normalize()


def give_back(question: BankQuestion) -> Question:
    """Return a question of the bank as files hold it."""
    several = question.kind == QuestionKind.MULTIPLE
    all_or_nothing = several and all(line.share is None for line in question.lines)
    number = sum(line.right for line in question.lines)
    choices = [
        Choice(
            text=line.text,
            fraction=Fraction(int(line.right), number if all_or_nothing else 1)
            if line.share is None
            else read_percent(f"{line.share:f}"),
            feedback=html.escape(line.feedback, quote=False),
        )
        for line in question.lines
    ]
    tolerance = question.tolerance or Decimal(0)
    written = question.kind in (QuestionKind.SHORT_TEXT, QuestionKind.NUMERIC)
    chosen = question.kind in (QuestionKind.SINGLE, QuestionKind.TRUE_FALSE, QuestionKind.MULTIPLE)
    return Question(
        kind=question.kind,
        name=question.code,
        stem_html=question.stem,
        choices=choices if chosen else [],
        pairs=[(line.text, line.match) for line in question.lines] if question.kind == QuestionKind.MATCHING else [],
        order=[line.text for line in question.lines] if question.kind == QuestionKind.ORDERING else [],
        answers=[_answer(question.kind, line, tolerance) for line in question.lines] if written else [],
        all_or_nothing=all_or_nothing,
        keep_order=question.keep_order,
        feedback=question.explanation,
        tags=question.tags,
        topic=question.topic,
        code=question.code,
    )


def _answer(kind: QuestionKind, line: BankLine, tolerance: Decimal) -> Answer:
    return Answer(
        value=Decimal(line.text.replace(",", ".")) if kind == QuestionKind.NUMERIC else line.text,
        fraction=Fraction(1) if line.share is None else read_percent(f"{line.share:f}"),
        tolerance=tolerance,
        feedback=html.escape(line.feedback, quote=False),
    )


def to_content(question: BankQuestion) -> dict[str, Any]:
    """Return the question as a version's content (see ``quizzes.contents``), its lines numbered from 1."""
    return {
        "kind": question.kind.value,
        "stem": question.stem,
        "explanation": question.explanation,
        "tolerance": None if question.tolerance is None else str(question.tolerance),
        "keep_order": question.keep_order,
        "variants": {},
        "choices": [
            {
                "id": number,
                "text": line.text,
                "match": line.match,
                "right": line.right,
                "share": None if line.share is None else str(line.share),
                "feedback": line.feedback,
            }
            for number, line in enumerate(question.lines, start=1)
        ],
    }


def from_content(content: Mapping[str, Any], *, code: str, topic: str, tags: list[str]) -> BankQuestion:
    """Return the question that a version's content says."""
    return BankQuestion(
        code=code,
        kind=QuestionKind(content["kind"]),
        stem=content["stem"],
        explanation=content["explanation"],
        topic=topic,
        tags=tags,
        tolerance=None if content["tolerance"] is None else Decimal(content["tolerance"]),
        keep_order=content["keep_order"],
        lines=[
            BankLine(
                text=line["text"],
                match=line["match"],
                right=line["right"],
                share=None if line["share"] is None else Decimal(line["share"]),
                feedback=line["feedback"],
            )
            for line in content["choices"]
        ],
    )
