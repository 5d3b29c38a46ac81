"""Moodle XML (https://docs.moodle.org/en/Moodle_XML_format), with the ordering plugin's questions.

Read with a hardened parser: a document type, an entity of its own, or a reference outside is refused, and nothing is
fetched.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from xml.sax import SAXParseException, handler
from xml.sax.saxutils import escape, quoteattr
from xml.sax.xmlreader import AttributesImpl

from defusedxml import DefusedXmlException
from defusedxml.expatreader import DefusedExpatParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from quizzes.enums import QuestionKind

from .questions import (
    MAX_NAME,
    Answer,
    Choice,
    Media,
    Problem,
    Question,
    Unreadable,
    read_number,
    read_percent,
    write_number,
    write_percent,
)
from .reading import Outcome, Reading, plain_category
from .texts import Markup, one_line, to_html, to_text

MAX_DEPTH = 20
MAX_ELEMENTS = 400_000

_MARKUPS: dict[str, Markup] = {
    "": "html",
    "html": "html",
    "moodle_auto_format": "moodle",
    "plain_text": "plain",
    "markdown": "markdown",
}
_TRUE = {"true", "1"}


@dataclass(slots=True)
class _Element:
    """An XML element, with the line on which it begins."""

    tag: str
    attributes: dict[str, str]
    line: int
    children: list[_Element] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)

    def all(self, tag: str) -> list[_Element]:
        return [child for child in self.children if child.tag == tag]

    def first(self, tag: str) -> _Element | None:
        return next((child for child in self.children if child.tag == tag), None)

    @property
    def own_text(self) -> str:
        return "".join(self.parts)

    def text(self, tag: str = "") -> str:
        """The text of a child element, or of the element itself; Moodle puts most into a further ``text``."""
        element = self.first(tag) if tag else self
        if element is None:
            return ""
        inner = element.first("text")
        return (inner or element).own_text

    def flag(self, tag: str) -> bool | None:
        return None if self.first(tag) is None else self.text(tag).strip().lower() in _TRUE

    @property
    def markup(self) -> Markup:
        name = self.attributes.get("format", "").strip().lower()
        if name not in _MARKUPS:
            raise Unreadable(_("“%(format)s” is no format of a text.") % {"format": name[:40]}, self.line)
        return _MARKUPS[name]


class _Builder(handler.ContentHandler):
    """Builds the elements of a file, within bounds."""

    def __init__(self, parser: DefusedExpatParser) -> None:
        super().__init__()
        self.parser = parser
        self.root = _Element("", {}, 0)
        self.open = [self.root]
        self.count = 0

    @property
    def line(self) -> int:
        return int(self.parser.getLineNumber() or 1)

    def startElement(self, name: str, attrs: AttributesImpl) -> None:
        self.count += 1
        if len(self.open) > MAX_DEPTH or self.count > MAX_ELEMENTS:
            raise Unreadable(_("The file is nested too deeply, or has too many parts."), self.line)
        element = _Element(name, dict(attrs), self.line)
        self.open[-1].children.append(element)
        self.open.append(element)

    def endElement(self, name: str) -> None:
        self.open.pop()

    def characters(self, content: str) -> None:
        self.open[-1].parts.append(content)


def read(data: bytes) -> Iterator[Outcome]:
    """Yield the questions and problems of a Moodle XML file, in order. Raises Unreadable for a file as a whole."""
    topic = ""
    for element in _parse(data).children:
        if element.tag != "question":
            yield Problem(element.line, element.tag[:60], _("This is no part of a question file; it was left out."))
        elif element.attributes.get("type", "").strip() == "category":
            category = element.first("category")
            topic = plain_category(category.text() if category else "")
        else:
            reader = _QuestionReader(element, topic)
            yield from Reading(element.line, one_line(element.text("name"))).collect(reader.read)


def _parse(data: bytes) -> _Element:
    parser = DefusedExpatParser(forbid_dtd=True, forbid_entities=True, forbid_external=True)
    builder = _Builder(parser)
    parser.setContentHandler(builder)
    parser.setErrorHandler(handler.ErrorHandler())
    try:
        # In one piece: fed by pieces, a long token would be read again with each.
        parser.feed(data)
        parser.close()
    except SAXParseException as error:
        reason = _("This is not readable XML: %(reason)s.") % {"reason": error.getMessage()}
        raise Unreadable(reason, error.getLineNumber()) from None
    except DefusedXmlException:
        reason = _("The file defines a document type or entities, which is refused for safety.")
        raise Unreadable(reason, builder.line) from None
    except (LookupError, ValueError):
        raise Unreadable(_("The file names an encoding that is not known."), 1) from None
    root = builder.root.first("quiz")
    if root is None:
        raise Unreadable(_("This is not Moodle XML: it has no <quiz>."), 1)
    return root


class _QuestionReader:
    def __init__(self, element: _Element, topic: str) -> None:
        self.element = element
        self.topic = topic

    def read(self, reading: Reading) -> Question:
        kind = self.element.attributes.get("type", "").strip()
        stem = self.element.first("questiontext")
        self.reading = reading
        media = self.read_media(stem)
        readers = {
            "multichoice": self.read_choices,
            "multichoiceset": self.read_set,
            "truefalse": self.read_true_false,
            "shortanswer": self.read_short_text,
            "numerical": self.read_numeric,
            "matching": self.read_matching,
            "match": self.read_matching,
            "ordering": self.read_ordering,
        }
        if not reading.name and stem is not None:
            reading.name = to_text(stem.text()[:200], "html", [])[:60]
        if kind not in readers:
            raise Unreadable(
                _("A question of type “%(type)s” is not supported.") % {"type": _TYPES.get(kind, kind)[:40]}
            )
        question = Question(
            kind=QuestionKind.SINGLE,
            name=one_line(self.element.text("name")),
            stem_html=self.html(stem, frozenset(file.name for file in media)),
            feedback=self.html(self.element.first("generalfeedback")),
            tags=self.read_tags(),
            topic=self.topic,
            code=one_line(self.element.text("idnumber"))[:MAX_NAME],
            media=media,
            line=self.element.line,
        )
        self.name_unsupported()
        return readers[kind](question)

    def html(self, element: _Element | None, files: frozenset[str] = frozenset()) -> str:
        if element is None:
            return ""
        return to_html(element.text(), element.markup, self.reading.losses, files)

    def plain(self, element: _Element | None) -> str:
        return "" if element is None else to_text(element.text(), element.markup, self.reading.losses)

    def read_media(self, stem: _Element | None) -> list[Media]:
        media: list[Media] = []
        for element in stem.all("file") if stem else []:
            name = one_line(element.attributes.get("name", ""))
            try:
                content = base64.b64decode("".join(element.own_text.split()), validate=True)
            except (binascii.Error, ValueError):
                content = b""
            if not name or not content or element.attributes.get("encoding", "base64") != "base64":
                self.reading.losses.append(_("its file “%(name)s” can't be read") % {"name": name[:60]})
            elif name not in [file.name for file in media]:
                media.append(Media(name, content))
        return media

    def read_tags(self) -> list[str]:
        tags = self.element.first("tags")
        texts = [one_line(tag.text()) for tag in tags.all("tag")] if tags else []
        return list(dict.fromkeys(text for text in texts if text))

    def name_unsupported(self) -> None:
        """What Moodle knows of any question and we don't."""
        losses = self.reading.losses
        if hints := [hint for hint in self.element.all("hint") if hint.text().strip()]:
            losses.append(
                ngettext("its %(number)d hint is missing", "its %(number)d hints are missing", len(hints))
                % {"number": len(hints)}
            )
        if any(
            self.element.text(tag).strip()
            for tag in ("correctfeedback", "partiallycorrectfeedback", "incorrectfeedback")
        ):
            losses.append(_("what is said of a right, partly right or wrong answer as a whole is missing"))
        grade = self.element.text("defaultgrade").strip()
        if grade and read_number(grade) != 1:
            losses.append(_("it is worth 1 point, not %(points)s") % {"points": write_number(read_number(grade))})

    def share(self, answer: _Element) -> Fraction:
        return read_percent(answer.attributes.get("fraction", "0") or "0")

    def read_choices(self, question: Question) -> Question:
        single = self.element.flag("single")
        choices = [
            Choice(self.plain(answer), self.share(answer), self.plain(answer.first("feedback")))
            for answer in self.element.all("answer")
        ]
        return replace(
            question,
            kind=QuestionKind.MULTIPLE if single is False else QuestionKind.SINGLE,
            choices=choices,
            keep_order=self.element.flag("shuffleanswers") is False,
        )

    def read_set(self, question: Question) -> Question:
        """The plugin's questions whose answers must all be found."""
        question = self.read_choices(question)
        right = sum(choice.fraction > 0 for choice in question.choices)
        choices = [replace(choice, fraction=Fraction(choice.fraction > 0, right or 1)) for choice in question.choices]
        return replace(question, kind=QuestionKind.MULTIPLE, choices=choices, all_or_nothing=True)

    def read_true_false(self, question: Question) -> Question:
        answers = {answer.text().strip().lower(): answer for answer in self.element.all("answer")}
        if set(answers) != {"true", "false"}:
            raise Unreadable(_("Its answers are not “true” and “false”."))
        choices = [
            Choice(text, self.share(answers[text.lower()]), self.plain(answers[text.lower()].first("feedback")))
            for text in ("True", "False")
        ]
        if sorted(choice.fraction for choice in choices) != [0, 1]:
            raise Unreadable(_("Either “true” or “false” must be right."))
        return replace(question, kind=QuestionKind.TRUE_FALSE, choices=choices)

    def read_short_text(self, question: Question) -> Question:
        answers, otherwise = [], ""
        for answer in self.element.all("answer"):
            value, share = one_line(answer.text()), self.share(answer)
            feedback = self.plain(answer.first("feedback"))
            if value == "*" and not share:
                otherwise = feedback
            else:
                answers.append(Answer(self.reading.literal(value), share, feedback=feedback))
        return replace(
            question,
            kind=QuestionKind.SHORT_TEXT,
            answers=answers,
            otherwise=otherwise,
            case_sensitive=bool(self.element.flag("usecase")),
        )

    def read_numeric(self, question: Question) -> Question:
        answers, otherwise = [], ""
        for answer in self.element.all("answer"):
            value, share = answer.text().strip(), self.share(answer)
            feedback = self.plain(answer.first("feedback"))
            if value in ("*", "") and not share:
                otherwise = feedback
            else:
                tolerance = abs(read_number(answer.text("tolerance").strip() or "0"))
                answers.append(Answer(read_number(value), share, tolerance, feedback))
        units = self.element.first("units")
        if units and units.all("unit"):
            names = ", ".join(one_line(unit.text("unit_name"))[:20] for unit in units.all("unit")[:5])
            self.reading.losses.append(_("its units (%(names)s) are missing") % {"names": names})
        return replace(question, kind=QuestionKind.NUMERIC, answers=answers, otherwise=otherwise)

    def read_matching(self, question: Question) -> Question:
        pairs = [
            (self.plain(part), one_line(answer.text()) if (answer := part.first("answer")) else "")
            for part in self.element.all("subquestion")
        ]
        return replace(
            question,
            kind=QuestionKind.MATCHING,
            pairs=pairs,
            keep_order=self.element.flag("shuffleanswers") is False,
        )

    def read_ordering(self, question: Question) -> Question:
        if self.element.text("selecttype").strip().upper() not in ("", "ALL", "0"):
            self.reading.losses.append(_("all of its items are shown, not some of them"))
        answers = self.element.all("answer")
        places = [read_number(answer.attributes.get("fraction", "") or "0") for answer in answers]
        if len(set(places)) == len(answers):
            answers = [answer for _place, answer in sorted(zip(places, answers, strict=True), key=lambda pair: pair[0])]
        return replace(question, kind=QuestionKind.ORDERING, order=[self.plain(answer) for answer in answers])


_TYPES = {"cloze": "cloze (embedded answers)", "": "?"}


# --- writing


def write(questions: Iterable[Question], problems: list[Problem]) -> str:
    """Return the questions as a Moodle XML file; what it can't hold is added to ``problems``."""
    topic, parts = "", []
    for question in questions:
        if losses := _list_losses(question):
            problems.append(Problem(question.line, question.name, "; ".join(losses), left_out=False))
        if question.topic != topic:
            topic = question.topic
            path = escape(f"$course$/top/{topic}")
            parts.append(f'<question type="category"><category><text>{path}</text></category></question>')
        parts.append(_write_question(question))
    return '<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n' + "\n".join(parts) + "\n</quiz>\n"


def _list_losses(question: Question) -> list[str]:
    losses = []
    if question.module:
        losses.append(_("Moodle XML names no module"))
    if question.all_or_nothing:
        losses.append(_("in Moodle, part of the right answers is worth part of the point"))
    if question.keep_order and question.kind not in _SHUFFLED:
        losses.append(_("Moodle XML can't say that its answers are never shuffled"))
    if question.case_sensitive and question.kind != QuestionKind.SHORT_TEXT:
        losses.append(_("only a short text can tell capital and small letters apart"))
    return losses


_SHUFFLED = {QuestionKind.SINGLE, QuestionKind.MULTIPLE, QuestionKind.MATCHING}
_WRITTEN = {
    QuestionKind.SINGLE: "multichoice",
    QuestionKind.MULTIPLE: "multichoice",
    QuestionKind.TRUE_FALSE: "truefalse",
    QuestionKind.SHORT_TEXT: "shortanswer",
    QuestionKind.NUMERIC: "numerical",
    QuestionKind.MATCHING: "matching",
    QuestionKind.ORDERING: "ordering",
}


def _text(tag: str, text: str, *, markup: str = "", files: str = "") -> str:
    markup = f' format="{markup}"' if markup else ""
    return f"<{tag}{markup}><text>{escape(text)}</text>{files}</{tag}>"


def _write_question(question: Question) -> str:
    files = "".join(
        f'<file name={quoteattr(file.name)} path="/" encoding="base64">{base64.b64encode(file.content).decode()}</file>'
        for file in question.media
    )
    lines = [
        _text("name", question.name),
        _text("questiontext", question.stem_html, markup="html", files=files),
        _text("generalfeedback", question.feedback, markup="html"),
        "<defaultgrade>1</defaultgrade>",
        f"<idnumber>{escape(question.code)}</idnumber>",
        *_write_answers(question),
    ]
    if question.tags:
        lines.append(f"<tags>{''.join(_text('tag', tag) for tag in question.tags)}</tags>")
    body = "\n    ".join(lines)
    return f'  <question type="{_WRITTEN[question.kind]}">\n    {body}\n  </question>'


def _answer(share: str, text: str, feedback: str, further: str = "") -> str:
    said = _text("feedback", feedback, markup="plain_text")
    return f'<answer fraction="{share}" format="plain_text"><text>{escape(text)}</text>{said}{further}</answer>'


def _write_answers(question: Question) -> list[str]:
    shuffle = f"<shuffleanswers>{'false' if question.keep_order else 'true'}</shuffleanswers>"
    otherwise = [_answer("0", "*", question.otherwise)] if question.otherwise else []
    choices = [_answer(write_percent(choice.fraction), choice.text, choice.feedback) for choice in question.choices]
    match question.kind:
        case QuestionKind.TRUE_FALSE:
            return [
                _answer(write_percent(choice.fraction), choice.text.lower(), choice.feedback)
                for choice in question.choices
            ]
        case QuestionKind.MATCHING:
            return [shuffle, *(_write_pair(*pair) for pair in question.pairs)]
        case QuestionKind.ORDERING:
            head = "<layouttype>VERTICAL</layouttype><selecttype>ALL</selecttype><selectcount>0</selectcount>"
            items = [_answer(str(place), text, "") for place, text in enumerate(question.order, start=1)]
            return [head, "<gradingtype>ABSOLUTE_POSITION</gradingtype>", *items]
        case QuestionKind.SHORT_TEXT:
            texts = [
                _answer(write_percent(answer.fraction), str(answer.value).replace("*", "\\*"), answer.feedback)
                for answer in question.answers
            ]
            return [f"<usecase>{int(question.case_sensitive)}</usecase>", *texts, *otherwise]
        case QuestionKind.NUMERIC:
            numbers = [
                _answer(
                    write_percent(answer.fraction),
                    write_number(Decimal(answer.value)),
                    answer.feedback,
                    f"<tolerance>{write_number(answer.tolerance)}</tolerance>",
                )
                for answer in question.answers
            ]
            return [*numbers, *otherwise]
    single = question.kind == QuestionKind.SINGLE
    return [f"<single>{'true' if single else 'false'}</single>", shuffle, *choices]


def _write_pair(left: str, right: str) -> str:
    answer = f"<answer><text>{escape(right)}</text></answer>"
    return f'<subquestion format="plain_text"><text>{escape(left)}</text>{answer}</subquestion>'
