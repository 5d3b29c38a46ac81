"""One question being read: where it stands, what it is called, and what of it gets lost."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from django.utils.translation import gettext as _

from .questions import MAX_NAME, Problem, Question, Unreadable, check_question
from .texts import html_to_text, one_line

Outcome = Question | Problem

DERIVED_NAME = 80
_CONTEXT = re.compile(r"\$[a-z0-9]+\$")
_STAR = re.compile(r"\\.|(\*)", re.DOTALL)


class Reading:
    """Collects what a format's module finds out about one question while it reads it."""

    def __init__(self, line: int | None, name: str = "") -> None:
        self.line = line
        self.name = name
        self.losses: list[str] = []

    def literal(self, value: str) -> str:
        """Return a short answer without Moodle's escape of an asterisk. Raises Unreadable at an asterisk that stands
        for any text."""
        if any(found[1] for found in _STAR.finditer(value)):
            raise Unreadable(
                _("Its answer “%(answer)s” has an asterisk for any text, which is not supported.")
                % {"answer": value[:40]}
            )
        return value.replace("\\*", "*")

    def collect(self, read: Callable[[Reading], Question]) -> Iterator[Outcome]:
        """Yield the question that ``read`` returns, and its problem, if there is one."""
        try:
            question = read(self)
            question = replace(question, name=question.name[:MAX_NAME].strip() or _derive_name(question.stem_html))
            losses = [*self.losses, *check_question(question)]
        except Unreadable as problem:
            yield Problem(problem.line or self.line, self.name, problem.reason)
            return
        yield question
        if losses:
            yield Problem(self.line, question.name, name_losses(losses), left_out=False)


def name_losses(losses: list[str]) -> str:
    """Return the reason of a question that is taken over, though not whole."""
    return _("Taken over, but %(losses)s.") % {"losses": "; ".join(dict.fromkeys(losses))}


def _derive_name(stem_html: str) -> str:
    text = html_to_text(stem_html)
    if len(text) <= DERIVED_NAME:
        return text
    return text[:DERIVED_NAME].rpartition(" ")[0] or text[:DERIVED_NAME]


def plain_category(path: str) -> str:
    """Return a category's path without the place in Moodle that it hangs from (``$course$/top/``)."""
    parts = [part.strip() for part in one_line(path).split("/")]
    while parts and (parts[0] in ("", "top") or _CONTEXT.fullmatch(parts[0])):
        del parts[0]
    return "/".join(parts)[:MAX_NAME].strip()
