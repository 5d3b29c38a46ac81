"""Our own question files."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from quizzes import formats
from quizzes.formats import Answer, Choice, Format, QuestionFile

STARTER = Path(__file__).resolve().parents[3] / "curricula" / "starter"
HALF = Fraction(1, 2)


def read(text: str) -> QuestionFile:
    return formats.read(text.encode(), name="quiz.yaml")


@pytest.mark.parametrize("path", sorted(STARTER.glob("*/quiz.yaml")), ids=lambda path: path.parent.name)
def test_the_quizzes_of_the_starter_courses(path: Path) -> None:
    found = formats.read(path.read_bytes(), name=path.name)
    assert found.problems == []
    assert len(found.questions) > 5
    assert all(question.module and question.topic and question.feedback for question in found.questions)
    again = formats.read(formats.write(found.questions, format=Format.OWN), name="quiz.yaml")
    assert again == found


def test_every_kind() -> None:
    found = read("""
title: All kinds
pass_percent: 80
questions:
  - id: a
    kind: single
    stem: Who is **she**, if 1 < 2?
    explanation: "*Because.*"
    tags: [law, "2"]
    keep_order: true
    choices:
      - {text: Yes, right: true, feedback: Good.}
      - {text: No, share: 50}
  - {id: b, kind: multiple, stem: Q, choices: [{text: a, right: true}, {text: b, right: true}, {text: c}]}
  - {id: c, kind: multiple, stem: Q, choices: [{text: a, share: 100}, {text: b, share: -33.33333}]}
  - {id: d, kind: true_false, stem: Q, choices: [{text: "True"}, {text: "False", right: true}]}
  - {id: e, kind: matching, stem: Q, pairs: [{left: a, right: b}, {left: c, right: d}, {left: "", right: e}]}
  - {id: f, kind: ordering, stem: Q, order: [one, two, 3]}
  - {id: g, kind: short_text, stem: Q, answers: [{value: yes}, {value: on, share: 50}], otherwise: Hm.}
  - {id: h, name: Number, kind: numeric, stem_html: "<p>a</p><p>b</p>", answers: [{value: 3.5, tolerance: 0.1}]}
""")
    assert found.problems == []
    single, multiple, shared, true_false, matching, ordering, short, numeric = found.questions
    assert single.stem_html == "Who is <strong>she</strong>, if 1 &lt; 2?"
    assert (single.feedback, single.tags, single.keep_order) == ("<em>Because.</em>", ["law", "2"], True)
    assert single.choices == [Choice("Yes", Fraction(1), "Good."), Choice("No", HALF)]
    assert [choice.fraction for choice in multiple.choices] == [HALF, HALF, 0]
    assert multiple.all_or_nothing
    assert [choice.fraction for choice in shared.choices] == [1, -Fraction(1, 3)]
    assert not shared.all_or_nothing
    assert [choice.fraction for choice in true_false.choices] == [0, 1]
    assert matching.pairs == [("a", "b"), ("c", "d"), ("", "e")]
    assert ordering.order == ["one", "two", "3"]
    assert short.accepted == [("yes", 1), ("on", HALF)]
    assert short.otherwise == "Hm."
    assert (numeric.name, numeric.stem_html) == ("Number", "<p>a</p><p>b</p>")
    assert numeric.answers == [Answer(Decimal("3.5"), tolerance=Decimal("0.1"))]


@pytest.mark.parametrize(
    ("entry", "line", "reason"),
    [
        ("{kind: single, stem: Q}", 2, "“id” is missing."),
        ("{id: a, kind: essay, stem: Q}", 2, "A question of kind “essay” is not supported; the kinds are single, "),
        ("{id: a, kind: single, stem: Q, color: red}", 2, "“color” is not known here."),
        ("{id: a, kind: single, stem: Q, choices: [{text: a, color: red}]}", 2, "“color” is not known here."),
        ("{id: a, id: b}", 2, "“id” is given twice."),
        ("{id: a, kind: single, stem: [Q]}", 2, "“stem” must be text."),
        ("{id: a, kind: single, stem: Q, choices: a}", 2, "“choices” must be a list."),
        ("{id: a, kind: ordering, stem: Q, order: [[a]]}", 2, "Each entry of “order” must be text."),
        ("{id: a, kind: single, stem: Q, order: [a, b]}", 2, "A question of kind single has “choices”, not “order”."),
        ("{id: a, kind: single, stem: Q, choices: [a]}", 2, "Fields are expected here, each as “name: value”."),
        ("{id: a, kind: single, stem: Q, choices: [{text: a, right: 5}]}", 2, "“right” must be true or false."),
        ("{id: a, kind: single, stem: Q, stem_html: Q}", 2, "Either “stem” or “stem_html” is given, not both."),
        ("{id: a, kind: true_false, stem: Q, choices: [{text: Yes, right: true}, {text: No}]}", 2, "A true_false"),
        ("{id: a, kind: numeric, stem: Q, answers: [{value: many}]}", 2, "“many” is not a number"),
        ("text", 2, "Fields are expected here"),
    ],
)
def test_mistakes_are_named_with_their_line(entry: str, line: int, reason: str) -> None:
    found = read(f"questions:\n  - {entry}\n")
    assert found.questions == []
    (problem,) = found.problems
    assert problem.line == line
    assert problem.reason.startswith(reason)


def test_an_id_given_twice_is_named() -> None:
    entry = "  - {id: a, kind: ordering, stem: Q, order: [b, c]}\n"
    found = read(f"questions:\n{entry}{entry}")
    assert len(found.questions) == 1
    assert [(problem.line, problem.reason) for problem in found.problems] == [(3, "The id “a” is given twice.")]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "The file is empty."),
        ("a: [", "This is not readable YAML: "),
        ("- a\n- b", "Fields are expected here"),
        ("color: red\nquestions: []", "“color” is not known here."),
        ("a: &x [1]\nb: *x", "Anchors and aliases (& and *) are not used here; put the text in quotes."),
        ("questions: !!python/object/apply:os.system [ls]", "Fields are expected here"),
        ("[" * 500, "The file is nested too deeply."),
        ("a: b\n---\nc: d", "This is not readable YAML: "),
        ("a: \x07", "This is not readable YAML."),
    ],
)
def test_files_that_cannot_be_read_are_refused_in_words(text: str, reason: str) -> None:
    found = read(text)
    assert found.questions == []
    assert found.problems[0].reason.startswith(reason)


def test_a_repeated_id_is_lost_at_writing_and_named() -> None:
    (question,) = read("questions:\n  - {id: a, kind: ordering, stem: Q, order: [b, c]}\n").questions
    (loss,) = formats.list_losses([question, question], format="yaml")
    assert loss.reason == "another question has its id, which is missing here"
    assert len(formats.read(formats.write([question, question], format="yaml"), name="a.yaml").questions) == 2
