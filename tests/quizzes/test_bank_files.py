"""From a file into the bank and back: equal questions, or the loss in words."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings

from quizzes.bank_files import BankLine, from_content, give_back, take_over, to_content
from quizzes.enums import QuestionKind
from quizzes.formats import Answer, Choice, Media, Question
from quizzes.forms import find_problem
from quizzes.grading import grade_question

from .formats import strategies as made


def choices(**shares: str) -> list[Choice]:
    return [Choice(text, Fraction(share)) for text, share in shares.items()]


def test_it_works() -> None:
    question = Question(
        QuestionKind.SINGLE,
        name="Lamp oil",
        stem_html="<p>Which <strong>oil</strong>?</p><p>One.</p>",
        choices=[Choice("Olive", Fraction(1), "<p>Yes.</p>"), Choice("Sand", Fraction(0))],
        feedback="<p>Oil burns.</p>",
        tags=["Lamps", "oil, fire"],
        topic="Light",
    )
    kept, lost = take_over(question)
    assert lost == []
    assert (kept.code, kept.stem, kept.tags) == (
        "lamp-oil",
        "Which <strong>oil</strong>?<br>One.",
        ["lamps", "oil", "fire"],
    )
    assert kept.lines == [BankLine("Olive", right=True, feedback="Yes."), BankLine("Sand")]


@pytest.mark.parametrize(
    ("question", "words"),
    [
        (Question(QuestionKind.SHORT_TEXT, "a", "x", answers=[Answer("A")], case_sensitive=True), "capital and small"),
        (Question(QuestionKind.SHORT_TEXT, "a", "x", answers=[Answer("A")], otherwise="No."), "any other answer"),
        (
            Question(QuestionKind.SINGLE, "a", "x", choices(a="1", b="0"), media=[Media("p.png", b"1")]),
            "not taken over: p.png",
        ),
        (
            Question(
                QuestionKind.NUMERIC,
                "a",
                "x",
                answers=[
                    Answer(Decimal(5), tolerance=Decimal(1)),
                    Answer(Decimal(5), Fraction(1, 2), tolerance=Decimal(3)),
                ],
            ),
            "the same tolerance",
        ),
        (Question(QuestionKind.SINGLE, "a", "x", choices(a="1", b="0"), topic="t" * 121), "cut to 120"),
        (
            Question(QuestionKind.SINGLE, "a", "x", choices(a="1", b="0"), tags=["t" * 90, "u" * 90, "v" * 90]),
            "too many",
        ),
    ],
)
def test_what_is_lost_is_named(question: Question, words: str) -> None:
    _kept, lost = take_over(question)
    assert any(words in reason for reason in lost)


def answer_points(question: Question) -> dict[str, Fraction]:
    """What each choice alone, or each written answer, is worth."""
    content = to_content(take_over(question)[0])
    if question.choices:
        return {choice["text"]: grade_question(content, [choice["id"]]) for choice in content["choices"]}
    return {choice["text"]: grade_question(content, [choice["text"]]) for choice in content["choices"]}


def test_a_part_of_the_point_stays_what_it_was() -> None:
    single = Question(QuestionKind.SINGLE, "a", "x", choices(all="1", third="1/3", takes="-1/2", none="0"))
    assert answer_points(single) == {"all": 1, "third": Fraction(1, 3), "takes": 0, "none": 0}
    several = Question(QuestionKind.MULTIPLE, "a", "x", choices(one="1/2", two="1/2", takes="-1"))
    assert answer_points(several) == {"one": Fraction(1, 2), "two": Fraction(1, 2), "takes": 0}
    strict = replace(several, all_or_nothing=True)
    assert answer_points(strict) == {"one": 0, "two": 0, "takes": 0}
    texts = Question(QuestionKind.SHORT_TEXT, "a", "x", answers=[Answer("A"), Answer("B", Fraction(1, 4))])
    assert answer_points(texts) == {"A": 1, "B": Fraction(1, 4)}


@settings(max_examples=200, deadline=None)
@given(made.questions)
def test_into_the_bank_and_out_again_it_is_the_same(question: Question) -> None:
    kept, _lost = take_over(question)
    # What the bank keeps is kept the second time, to the letter.
    again, lost = take_over(give_back(kept))
    assert again == kept
    assert lost == []
    assert from_content(to_content(kept), code=kept.code, topic=kept.topic, tags=kept.tags) == kept


@settings(max_examples=200, deadline=None)
@given(made.questions)
def test_the_editor_of_the_bank_takes_what_was_taken_over(question: Question) -> None:
    kept, _lost = take_over(question)
    lines = [{"text": one.text, "match": one.match, "right": one.right, "share": one.share} for one in kept.lines]
    problem = str(find_problem(kept.kind, lines))
    # Two questions a file may hold and nobody could answer here; the preview names them.
    assert problem in {
        "",
        "Matching needs at least two different options.",
        "Two lines read the same, so that nobody could tell their places.",
        "At least one accepted answer must be worth the whole point.",
        "Mark exactly one choice as right.",
        "The shares of the right choices must come to 100 percent.",
    }
    assert not kept.stem or "<p" not in kept.stem
