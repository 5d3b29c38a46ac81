"""Aiken: https://docs.moodle.org/en/Aiken_format."""

from __future__ import annotations

import pytest

from quizzes import formats
from quizzes.formats import QuestionFile


def read(text: str) -> QuestionFile:
    return formats.read(text.encode(), name="questions.txt")


def test_it_works() -> None:
    found = read(
        "Who reports?\nA) Nobody\nB) Whoever suspects\nC) The principal\nANSWER: B\n\n"
        "Is 1 < 2 & <b>so</b>?\nA.True\nB.False\nANSWER:A"
    )
    assert found.problems == []
    first, second = found.questions
    assert (first.kind, first.name, first.stem_html, first.line) == ("single", "Who reports?", "Who reports?", 1)
    assert [(choice.text, choice.fraction) for choice in first.choices] == [
        ("Nobody", 0),
        ("Whoever suspects", 1),
        ("The principal", 0),
    ]
    assert second.stem_html == "Is 1 &lt; 2 &amp; &lt;b&gt;so&lt;/b&gt;?"
    assert [choice.text for choice in second.choices] == ["True", "False"]


def test_questions_need_no_blank_line_between_them_and_may_have_some_within() -> None:
    found = read("One?\nA) a\nB) b\nANSWER: A\nTwo,\nwrapped?\n\nA) a\n\nB) b\nANSWER: B")
    assert [question.stem_html for question in found.questions] == ["One?", "Two, wrapped?"]
    assert found.problems == []


@pytest.mark.parametrize(
    ("text", "line", "item", "reason"),
    [
        ("Q?\nA) a\nANSWER: A", 3, "Q?", "It has too few answers."),
        ("Q?\nA) a\nB) b\nANSWER: C", 4, "Q?", "“ANSWER: C” names none of its answers."),
        ("Q?\nA) a\nB) b\nANSWER: A, B", 4, "Q?", "“ANSWER: A, B” names none of its answers."),
        ("Q?\nA) a\nB) b\nANSWER:", 4, "Q?", "“ANSWER: ” names none of its answers."),
        ("Q?\nA) a\nA) b\nANSWER: A", 1, "Q?", "Two of its answers have the same letter."),
        ("Q?\nA) a\nB) a\nANSWER: A", 1, "Q?", "Two of its answers have the same text."),
    ],
)
def test_mistakes_are_named_with_their_line(text: str, line: int, item: str, reason: str) -> None:
    found = read(text)
    assert found.questions == []
    assert [(problem.line, problem.item, problem.reason) for problem in found.problems] == [(line, item, reason)]


def test_a_file_with_mistakes_gives_its_good_questions() -> None:
    found = read(
        "Too few?\nA) only\nANSWER: A\n\nA) no question\n\nANSWER: none\n\nGood?\nA) yes\nB) no\nANSWER: A\n\n"
        "Without a key?\nA) a\nB) b\n\nGood too?\nA)no\nB)yes\nANSWER: B\n\nThe end"
    )
    assert [question.name for question in found.questions] == ["Good?", "Good too?"]
    assert [problem.line for problem in found.problems] == [3, 5, 7, 14, 23]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings(encoding: str) -> None:
    found = formats.read("¿Qué?\r\nA) niño\r\nB) año\r\nANSWER: B\r\n".encode(encoding), name="a.txt")
    assert [choice.text for choice in found.questions[0].choices] == ["niño", "año"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Q?\nA) a\nB) b\nANSWER: A", "aiken"),
        ("Is {1, 2} a set?\nA) a\nB) b\nANSWER: A", "aiken"),
        ("Q?{=a ~b}", "gift"),
        ("::ANSWER: A::Q{T}", "gift"),
        ("nothing", "gift"),
        ("<?xml version='1.0'?><quiz/>", "xml"),
        ("\n <quiz></quiz>", "xml"),
    ],
)
def test_a_text_file_is_told_by_its_content(text: str, kind: str) -> None:
    assert formats.tell_format(text.encode(), name="a.txt") == kind


def test_other_endings_are_refused_in_words() -> None:
    (problem,) = formats.read(b"PK", name="quiz.docx").problems
    assert problem.reason == (
        "Files named ….docx are not read here; the endings are .gift, .xml, .aiken, .yaml and .txt."
    )
