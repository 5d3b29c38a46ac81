"""What is written is read again as it was."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quizzes import formats
from quizzes.enums import QuestionKind
from quizzes.formats import Answer, Choice, Format, Question, QuestionFile
from quizzes.formats.questions import read_number, read_percent, write_number, write_percent
from quizzes.formats.texts import to_html

from . import strategies as made


def written_and_read(questions: list[Question], kind: Format) -> QuestionFile:
    return formats.read(formats.write(questions, format=kind), name=f"questions.{kind}")


def refused(read: QuestionFile) -> list[str]:
    return [problem.reason for problem in read.problems if problem.left_out]


def without_duplicates(questions: list[Question]) -> list[Question]:
    """Our own files hold an id once."""
    return [replace(question, code="") for question in questions]


@settings(max_examples=120, deadline=None)
@given(st.lists(made.whole_questions(), min_size=1, max_size=3))
def test_moodle_xml_gives_equal_questions(questions: list[Question]) -> None:
    read = written_and_read(questions, Format.MOODLE_XML)
    assert refused(read) == []
    assert read.questions == questions
    assert formats.list_losses(questions, format="xml") == []


@settings(max_examples=120, deadline=None)
@given(
    st.lists(made.whole_questions().map(lambda asked: replace(asked, module="what-csec-is")), min_size=1, max_size=3)
)
def test_our_own_files_give_equal_questions(questions: list[Question]) -> None:
    questions = without_duplicates(questions)
    read = written_and_read(questions, Format.OWN)
    assert refused(read) == []
    assert read.questions == questions
    assert formats.list_losses(questions, format="yaml") == []


@settings(max_examples=150, deadline=None)
@given(st.lists(made.questions, min_size=1, max_size=3))
def test_gift_gives_equal_questions_or_names_them(questions: list[Question]) -> None:
    losses = formats.list_losses(questions, format="gift")
    left_out = [question for question in questions if any("->" in str(answer.value) for answer in question.answers)]
    assert [loss.item for loss in losses] == [question.name for question in left_out]
    read = written_and_read(questions, Format.GIFT)
    kept = [question for question in questions if question not in left_out]
    assert read.questions == kept
    assert not kept or refused(read) == []


@settings(max_examples=120, deadline=None)
@given(st.lists(st.one_of(made.single(), made.multiple(), made.numeric), min_size=1, max_size=3))
def test_aiken_gives_equal_keys_or_names_what_it_leaves_out(questions: list[Question]) -> None:
    losses = formats.list_losses(questions, format="aiken")
    left_out = [loss.item for loss in losses if loss.left_out]
    read = written_and_read(questions, Format.AIKEN)
    assert len(read.questions) == len(questions) - len(left_out)
    again = written_and_read(read.questions, Format.AIKEN)
    assert again.questions == read.questions
    kept = [question for question in questions if formats.list_losses([question], format="aiken")[:1] == []]
    assert all(question in read.questions for question in kept)


PLAIN = Question(
    kind=QuestionKind.SINGLE,
    name="Which is right?",
    stem_html="Which is right?",
    choices=[Choice("this", Fraction(1)), Choice("that", Fraction(0))],
)


@pytest.mark.parametrize("kind", list(Format))
def test_every_format_holds_a_plain_question_whole(kind: Format) -> None:
    assert formats.list_losses([PLAIN], format=kind) == []
    assert written_and_read([PLAIN], kind) == QuestionFile([PLAIN], [])


@pytest.mark.parametrize(
    ("change", "losers"),
    [
        ({"module": "one"}, {"gift", "xml", "aiken"}),
        ({"all_or_nothing": True, "kind": QuestionKind.MULTIPLE}, {"gift", "xml", "aiken"}),
        ({"keep_order": True}, {"gift", "aiken"}),
        ({"feedback": "Because."}, {"aiken"}),
        ({"stem_html": "Which is <em>right</em>?"}, {"aiken"}),
        ({"tags": ["law"]}, {"aiken"}),
        ({"name": "Q1"}, {"aiken"}),
    ],
)
def test_what_a_format_cannot_hold_is_named(change: dict, losers: set[str]) -> None:
    question = replace(PLAIN, **change)
    for kind in Format:
        losses = formats.list_losses([question], format=kind)
        assert bool(losses) == (kind.value in losers), kind
        assert (written_and_read([question], kind).questions == [question]) == (kind.value not in losers), kind


def test_capital_letters_that_count_are_lost_in_gift_alone() -> None:
    question = replace(PLAIN, kind=QuestionKind.SHORT_TEXT, choices=[], answers=[Answer("NaCl")], case_sensitive=True)
    assert formats.list_losses([question], format="gift")
    assert written_and_read([question], Format.MOODLE_XML).questions == [question]
    assert written_and_read([question], Format.OWN).questions == [question]


@given(made.shares)
def test_a_share_is_written_so_that_it_is_read_the_same(share: Fraction) -> None:
    assert read_percent(write_percent(share)) == share


@pytest.mark.parametrize(
    ("percent", "share"),
    [
        ("100", Fraction(1)),
        ("33.33333", Fraction(1, 3)),
        ("33.333", Fraction(1, 3)),
        ("-33.3333333", Fraction(-1, 3)),
        ("66.66667", Fraction(2, 3)),
        ("14.28571", Fraction(1, 7)),
        ("33", Fraction(33, 100)),
        ("0", Fraction(0)),
        ("12.5", Fraction(1, 8)),
        ("7.77", Fraction(777, 10_000)),
    ],
)
def test_percentages_stand_for_exact_shares(percent: str, share: Fraction) -> None:
    assert read_percent(percent) == share


@given(made.numbers)
def test_a_number_is_written_so_that_it_is_read_the_same(number: Decimal) -> None:
    assert read_number(write_number(number)) == number


@settings(max_examples=150, deadline=None)
@given(made.markup, st.sampled_from(["html", "moodle", "markdown", "plain"]))
def test_sanitized_html_stays_as_it_is(text: str, markup: str) -> None:
    once = to_html(text, markup, [])  # type: ignore[arg-type]
    assert to_html(once, "html", []) == once
    assert "<script" not in once


def test_aiken_leaves_out_a_text_of_which_nothing_can_be_read() -> None:
    [loss] = formats.list_losses([replace(PLAIN, stem_html="<em><br></em>")], format="aiken")
    assert loss.left_out
