"""Our own question files: the ``quiz.yaml`` beside a course, and the kinds that such a file can hold besides.

A file has a ``title``, a ``pass_percent`` and ``questions``; each question an ``id``, a ``kind``, a ``stem`` in
Markdown (or ``stem_html``), and, by its kind, ``choices``, ``pairs``, ``order`` or ``answers``.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any, TypeVar

import yaml
from django.utils.translation import gettext as _

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
from .reading import Outcome, Reading
from .texts import html_to_text, markdown_to_html, one_line, to_html

MAX_BYTES = 1_000_000
MAX_DEPTH = 12

T = TypeVar("T")

_KINDS = {
    kind.value: kind
    for kind in (
        QuestionKind.SINGLE,
        QuestionKind.MULTIPLE,
        QuestionKind.TRUE_FALSE,
        QuestionKind.MATCHING,
        QuestionKind.ORDERING,
        QuestionKind.SHORT_TEXT,
        QuestionKind.NUMERIC,
    )
}
_MARKDOWN_SIGNS = re.compile(r"[\\`*_\[\]<>#+\-.!|~&{}()=:]")


class _Loader(yaml.SafeLoader):
    """Composes nodes, builds no values of them, and follows no alias."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event = self.peek_event()
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise Unreadable(_("Anchors and aliases (& and *) are not used here; put the text in quotes."), line)
        if self.depth >= MAX_DEPTH:
            raise Unreadable(_("The file is nested too deeply."), line)
        self.depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1


class _Fields:
    """Takes named values out of a mapping; what nobody took is named by ``close``."""

    def __init__(self, node: yaml.Node) -> None:
        self.line = node.start_mark.line + 1
        if not isinstance(node, yaml.MappingNode):
            raise Unreadable(_("Fields are expected here, each as “name: value”."), self.line)
        self.nodes: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else "?"
            if name in self.nodes:
                raise Unreadable(_("“%(name)s” is given twice.") % {"name": name[:40]}, key.start_mark.line + 1)
            self.nodes[name] = value
        self.taken: set[str] = set()

    def text(self, name: str) -> str:
        self.taken.add(name)
        node = self.nodes.get(name)
        if node is None:
            return ""
        if not isinstance(node, yaml.ScalarNode):
            raise Unreadable(_("“%(name)s” must be text.") % {"name": name}, node.start_mark.line + 1)
        # A text may look like a number, a date or a yes: here it is what is written.
        return "" if node.tag == "tag:yaml.org,2002:null" else node.value.strip()

    def flag(self, name: str) -> bool:
        text = self.text(name).lower()
        if text not in ("", "true", "false"):
            raise Unreadable(_("“%(name)s” must be true or false.") % {"name": name}, self.line)
        return text == "true"

    def nodes_of(self, name: str) -> list[yaml.Node]:
        self.taken.add(name)
        node = self.nodes.get(name)
        if node is None:
            return []
        if not isinstance(node, yaml.SequenceNode):
            raise Unreadable(_("“%(name)s” must be a list.") % {"name": name}, node.start_mark.line + 1)
        return list(node.value)

    def texts(self, name: str) -> list[str]:
        for node in self.nodes_of(name):
            if not isinstance(node, yaml.ScalarNode):
                raise Unreadable(_("Each entry of “%(name)s” must be text.") % {"name": name}, node.start_mark.line + 1)
        return [one_line(node.value) for node in self.nodes_of(name)]

    def each(self, name: str, read: Callable[[_Fields], T]) -> list[T]:
        entries = [_Fields(node) for node in self.nodes_of(name)]
        values = [read(entry) for entry in entries]
        for entry in entries:
            entry.close()
        return values

    def close(self) -> None:
        if unknown := [name for name in self.nodes if name not in self.taken]:
            raise Unreadable(_("“%(name)s” is not known here.") % {"name": unknown[0][:40]}, self.line)


def read(text: str) -> Iterator[Outcome]:
    """Yield the questions and problems of a file, in its order. Raises Unreadable for the file as a whole."""
    fields = _Fields(_compose(text))
    entries = fields.nodes_of("questions")
    for name in ("title", "pass_percent"):
        fields.text(name)
    fields.close()
    seen: set[str] = set()
    for node in entries:
        line = node.start_mark.line + 1
        yield from Reading(line, _peek_id(node)).collect(partial(_read_question, node, seen))


def _compose(text: str) -> yaml.Node:
    try:
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = _("This is not readable YAML: %(reason)s.") % {"reason": error.problem or error.context}
        raise Unreadable(reason, mark.line + 1 if mark else None) from None
    except (yaml.YAMLError, ValueError):
        raise Unreadable(_("This is not readable YAML.")) from None
    if node is None:
        raise Unreadable(_("The file is empty."), 1)
    return node


def _peek_id(node: yaml.Node) -> str:
    if not isinstance(node, yaml.MappingNode):
        return ""
    scalars = [(key.value, value.value) for key, value in node.value if isinstance(value, yaml.ScalarNode)]
    return one_line(str({str(key): value for key, value in scalars}.get("id", "")))[:MAX_NAME]


def _read_question(node: yaml.Node, seen: set[str], reading: Reading) -> Question:
    fields = _Fields(node)
    code, kind = one_line(fields.text("id")), fields.text("kind")
    if not code and not fields.text("name"):
        raise Unreadable(_("“%(name)s” is missing.") % {"name": "id"})
    if code and code in seen:
        raise Unreadable(_("The id “%(id)s” is given twice.") % {"id": code[:80]})
    seen.add(code)
    if kind not in _KINDS:
        raise Unreadable(
            _("A question of kind “%(kind)s” is not supported; the kinds are %(kinds)s.")
            % {"kind": kind[:40], "kinds": ", ".join(_KINDS)}
        )
    media = fields.each("media", partial(_read_media, reading))
    names = frozenset(file.name for file in media)
    question = Question(
        kind=_KINDS[kind],
        name=one_line(fields.text("name")) or code,
        stem_html=_read_html(fields, "stem", reading, names),
        choices=fields.each("choices", _read_choice),
        pairs=fields.each("pairs", lambda pair: (one_line(pair.text("left")), one_line(pair.text("right")))),
        order=fields.texts("order"),
        answers=fields.each("answers", partial(_read_answer, _KINDS[kind])),
        otherwise=one_line(fields.text("otherwise")),
        case_sensitive=fields.flag("case_sensitive"),
        keep_order=fields.flag("keep_order"),
        feedback=_read_html(fields, "explanation", reading, frozenset()),
        tags=list(dict.fromkeys(tag for tag in fields.texts("tags") if tag)),
        topic=one_line(fields.text("topic")),
        code=code[:MAX_NAME],
        module=one_line(fields.text("module")),
        media=media,
        line=node.start_mark.line + 1,
    )
    fields.close()
    _check_kind(question)
    return _share_alike(question, any("share" in _names(node) for node in fields.nodes_of("choices")))


def _names(node: yaml.Node) -> list[str]:
    return [str(key.value) for key, _value in node.value]


def _share_alike(question: Question, has_shares: bool) -> Question:
    """Of several answers, those marked right without shares must all be found, and none besides."""
    if question.kind != QuestionKind.MULTIPLE or has_shares:
        return question
    right = sum(choice.fraction for choice in question.choices)
    choices = [replace(choice, fraction=choice.fraction / (right or 1)) for choice in question.choices]
    return replace(question, choices=choices, all_or_nothing=True)


def _read_html(fields: _Fields, name: str, reading: Reading, files: frozenset[str]) -> str:
    markdown, markup = fields.text(name), fields.text(f"{name}_html")
    if markdown and markup:
        raise Unreadable(_("Either “%(name)s” or “%(name)s_html” is given, not both.") % {"name": name})
    if markup:
        return to_html(markup, "html", reading.losses, files)
    return markdown_to_html(markdown, reading.losses)


def _read_choice(fields: _Fields) -> Choice:
    share = fields.text("share")
    right = fields.flag("right")
    fraction = read_percent(share) if share else Fraction(right)
    return Choice(one_line(fields.text("text")), fraction, one_line(fields.text("feedback")))


def _read_answer(kind: QuestionKind, fields: _Fields) -> Answer:
    share, tolerance = fields.text("share"), fields.text("tolerance")
    value = one_line(fields.text("value"))
    return Answer(
        read_number(value) if kind == QuestionKind.NUMERIC else value,
        read_percent(share) if share else Fraction(1),
        abs(read_number(tolerance)) if tolerance else Decimal(0),
        one_line(fields.text("feedback")),
    )


def _read_media(reading: Reading, fields: _Fields) -> Media:
    name = one_line(fields.text("name"))
    try:
        return Media(name, base64.b64decode("".join(fields.text("base64").split()), validate=True))
    except (binascii.Error, ValueError):
        raise Unreadable(_("Its file “%(name)s” can't be read.") % {"name": name[:60]}, fields.line) from None


def _check_kind(question: Question) -> None:
    """Refuses what a file can say and its kind can't mean."""
    given = {
        "choices": bool(question.choices),
        "pairs": bool(question.pairs),
        "order": bool(question.order),
        "answers": bool(question.answers),
    }
    wanted = {
        QuestionKind.MATCHING: "pairs",
        QuestionKind.ORDERING: "order",
        QuestionKind.SHORT_TEXT: "answers",
        QuestionKind.NUMERIC: "answers",
    }.get(question.kind, "choices")
    if wrong := [name for name, is_given in given.items() if is_given and name != wanted]:
        raise Unreadable(
            _("A question of kind %(kind)s has “%(wanted)s”, not “%(name)s”.")
            % {"kind": question.kind.value, "wanted": wanted, "name": wrong[0]}
        )
    if question.kind == QuestionKind.TRUE_FALSE and [choice.text for choice in question.choices] != ["True", "False"]:
        raise Unreadable(_("A true_false question has the two choices “True” and “False”, in this order."))


# --- writing


class _Dumper(yaml.SafeDumper):
    """Writes texts so that none is taken for a number, and without references between them."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def write(questions: Iterable[Question], problems: list[Problem]) -> str:
    """Return the questions as one of our own files, which holds all of a question."""
    seen: set[str] = set()
    entries = []
    for question in questions:
        if question.code and question.code in seen:
            reason = _("another question has its id, which is missing here")
            problems.append(Problem(question.line, question.name, reason, left_out=False))
            question = replace(question, code="")
        seen.add(question.code)
        entries.append(_write_question(question))
    content = {"title": _("Questions"), "questions": entries}
    return yaml.dump(content, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=120)


def _write_question(question: Question) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "id": question.code,
        "kind": question.kind.value,
        "name": question.name if question.name != question.code else "",
        "topic": question.topic,
        "module": question.module,
        "tags": question.tags,
        **_write_html("stem", question.stem_html),
        **_write_html("explanation", question.feedback),
        "case_sensitive": question.case_sensitive,
        "keep_order": question.keep_order,
        "choices": [_write_choice(choice, question) for choice in question.choices],
        "pairs": [{"left": left, "right": right} for left, right in question.pairs],
        "order": question.order,
        "answers": [_write_answer(answer) for answer in question.answers],
        "otherwise": question.otherwise,
        "media": [{"name": file.name, "base64": base64.b64encode(file.content).decode()} for file in question.media],
    }
    return {name: value for name, value in entry.items() if value}


def _write_choice(choice: Choice, question: Question) -> dict[str, Any]:
    by_share = question.kind == QuestionKind.MULTIPLE and not question.all_or_nothing
    is_right = choice.fraction > 0 if question.all_or_nothing else choice.fraction == 1
    worth: dict[str, Any] = {"share": write_percent(choice.fraction)} if by_share or not is_right else {"right": True}
    return {
        "text": choice.text,
        **(worth if choice.fraction else {}),
        **({"feedback": choice.feedback} if choice.feedback else {}),
    }


def _write_answer(answer: Answer) -> dict[str, Any]:
    value = write_number(answer.value) if isinstance(answer.value, Decimal) else answer.value
    entry = {
        "value": value,
        "share": "" if answer.fraction == 1 else write_percent(answer.fraction),
        "tolerance": write_number(answer.tolerance) if answer.tolerance else "",
        "feedback": answer.feedback,
    }
    return {name: text for name, text in entry.items() if text or name == "value"}


def _write_html(name: str, markup: str) -> dict[str, str]:
    """As Markdown where that says the same, as HTML otherwise."""
    if "<" not in markup.replace("<strong>", "").replace("</strong>", "").replace("<em>", "").replace("</em>", ""):
        text = _MARKDOWN_SIGNS.sub(lambda sign: "\\" + sign[0], html.unescape(re.sub(r"<[^>]*>", "\0", markup)))
        marks = iter(re.findall(r"</?(strong|em)>", markup))
        text = re.sub("\0", lambda _mark: {"strong": "**", "em": "*"}[next(marks)], text)
        for candidate in (html_to_text(markup), text):
            if markdown_to_html(candidate, []) == markup:
                return {name: candidate}
    return {f"{name}_html": markup}
