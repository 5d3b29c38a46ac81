"""GIFT by its specification: https://docs.moodle.org/en/GIFT_format."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from quizzes import formats
from quizzes.formats import Choice, Question, QuestionFile

HALF, THIRD = Fraction(1, 2), Fraction(1, 3)


def read(text: str) -> QuestionFile:
    return formats.read(text.encode(), name="questions.gift")


def one(text: str) -> Question:
    found = read(text)
    assert [problem for problem in found.problems if problem.left_out] == []
    (question,) = found.questions
    return question


def refused(text: str) -> tuple[int | None, str, str]:
    found = read(text)
    assert found.questions == []
    (problem,) = found.problems
    assert problem.left_out
    return problem.line, problem.item, problem.reason


def test_it_works() -> None:
    question = one("::First call::Whom do you call first? {=The hotline#Yes. ~A friend#Not yet. ~Nobody}")
    assert (question.kind, question.name, question.stem_html) == ("single", "First call", "Whom do you call first?")
    assert question.choices == [
        Choice("The hotline", Fraction(1), "Yes."),
        Choice("A friend", Fraction(0), "Not yet."),
        Choice("Nobody", Fraction(0)),
    ]


def test_a_question_without_a_name_is_called_by_its_text() -> None:
    assert one("Is it so? {T}").name == "Is it so?"
    assert one(f"{'word ' * 40}{{T}}").name == ("word " * 16).strip()


def test_only_tildes_make_several_answers() -> None:
    question = one("Which two?{~%50%a ~%50%b ~%-50%c ~d}")
    assert question.kind == "multiple"
    assert [choice.fraction for choice in question.choices] == [HALF, HALF, -HALF, 0]


def test_an_equals_sign_makes_one_answer_with_parts_of_the_point() -> None:
    question = one("Hard.{~wrong ~%50%half =full}")
    assert question.kind == "single"
    assert [choice.fraction for choice in question.choices] == [0, HALF, 1]


def test_thirds_are_exact() -> None:
    assert [choice.fraction for choice in one("Q{~%33.33333%a ~%33.333%b ~%33.3333333%c ~%-33.33333%d}").choices] == [
        THIRD,
        THIRD,
        THIRD,
        -THIRD,
    ]


@pytest.mark.parametrize(("letter", "right"), [("T", 1), ("TRUE", 1), ("true", 1), ("F", 0), ("FALSE", 0), (" F ", 0)])
def test_true_and_false(letter: str, right: int) -> None:
    question = one(f"Sure?{{{letter}}}")
    assert question.kind == "true_false"
    assert [(choice.text, choice.fraction) for choice in question.choices] == [("True", right), ("False", 1 - right)]


def test_true_and_false_have_two_feedbacks_the_wrong_answers_first() -> None:
    true, false = one("Sure?{FALSE#Look again.#Right.####Because.}").choices
    assert (true.feedback, false.feedback) == ("Look again.", "Right.")
    true, false = one("Sure?{TRUE#Look again.#Right.}").choices
    assert (true.feedback, false.feedback) == ("Right.", "Look again.")
    assert one("Sure?{T##Right.}").choices[0].feedback == "Right."


def test_short_text() -> None:
    question = one("Which animal?{=Frog#Good! =%50%Cat#Hm. =%0%Dog#No. =%0%*#Something else.}")
    assert question.kind == "short_text"
    assert question.accepted == [("Frog", 1), ("Cat", HALF)]
    assert [answer.feedback for answer in question.answers] == ["Good!", "Hm.", "No."]
    assert question.otherwise == "Something else."
    assert one("One?{four}").accepted == [("four", 1)]


def test_an_asterisk_for_any_text_is_named() -> None:
    assert refused("::Animals::Which?{=*cat* =dog}") == (
        1,
        "Animals",
        "Its answer “*cat*” has an asterisk for any text, which is not supported.",
    )
    assert one("Which sign?{=\\\\*}").accepted == [("*", 1)]


def test_matching() -> None:
    question = one("Match.{\n  =Canada -> Ottawa\n  =Italy->Rome\n  =a \\=b -> c -> d\n  = -> Tokyo\n}")
    assert question.kind == "matching"
    assert question.pairs == [("Canada", "Ottawa"), ("Italy", "Rome"), ("a =b", "c -> d"), ("", "Tokyo")]


def test_arrows_among_choices_are_text() -> None:
    question = one("How?{~go out -> order =get powder -> add water}")
    assert question.kind == "single"
    assert [choice.text for choice in question.choices] == ["go out -> order", "get powder -> add water"]


@pytest.mark.parametrize(
    ("answer", "value", "tolerance"),
    [
        ("#3", "3", "0"),
        ("#3:0.5", "3", "0.5"),
        ("# -3.50:.1", "-3.5", "0.1"),
        ("#1..5", "3", "2"),
        ("#3.141..3.142", "3.1415", "0.0005"),
        ("#5..1", "3", "2"),
        ("#-1..0", "-0.5", "0.5"),
        ("#1e3:10", "1000", "10"),
        ("#=3:2", "3", "2"),
    ],
)
def test_numbers(answer: str, value: str, tolerance: str) -> None:
    question = one(f"How many?{{{answer}}}")
    assert question.kind == "numeric"
    assert question.accepted == [(Decimal(value), 1)]
    assert question.tolerance == Decimal(tolerance)


def test_several_numbers_each_with_its_own_tolerance() -> None:
    question = one("When?{#\n  =1822:0 #Exactly.\n  =%50%1822:2 #Nearly.\n  ~#No.}")
    assert question.accepted == [(1822, 1), (1822, HALF)]
    assert [answer.tolerance for answer in question.answers] == [0, 2]
    assert [answer.feedback for answer in question.answers] == ["Exactly.", "Nearly."]
    assert question.otherwise == "No."
    assert question.tolerance == 0


def test_ordering_as_the_plugin_writes_it() -> None:
    question = one("Put in order.{>3 ALL VERTICAL ABSOLUTE_POSITION SHOW\nlisten\nask\nreport\n}")
    assert question.kind == "ordering"
    assert question.order == ["listen", "ask", "report"]


def test_a_missing_word_leaves_a_gap() -> None:
    assert one("Call {=911 ~411} in danger.").stem_html == "Call _____ in danger."
    assert one("Pi is {#3.14:0.01}.").stem_html == "Pi is _____."
    assert one("Pi is {#3.14:0.01}").stem_html == "Pi is"


def test_escapes_stand_for_their_signs_everywhere() -> None:
    question = one(r"::A\::B \#1::Is 2 \= 2 \{\~\} \\ or\: not \# \(x\)?{=\=\~\#\{\}\:\\ ~a \\#\#1 \{x\}}")
    assert question.name == "A::B #1"
    assert question.stem_html == r"Is 2 = 2 {~} \ or: not # \(x\)?"
    assert [choice.text for choice in question.choices] == ["=~#{}:\\", "a \\"]
    assert question.choices[1].feedback == "#1 {x}"


def test_escaped_line_ends_break_lines_and_others_do_not() -> None:
    assert one("One\nline\\nand two{T}").stem_html == "One line<br>and two"
    assert one("[plain]a\\nb < c{T}").stem_html == "a<br>b &lt; c"


@pytest.mark.parametrize(
    ("stem", "html"),
    [
        ("[html]<p>Who is <b>she</b>?</p>", "Who is <strong>she</strong>?"),
        ("[markdown]Who is **she**?", "Who is <strong>she</strong>?"),
        ("[plain]Who is <b>she</b>?", "Who is &lt;b&gt;she&lt;/b&gt;?"),
        ("[moodle]Who is <b>she</b>, if x<y?", "Who is <strong>she</strong>, if x&lt;y?"),
        ("[HTML]<h2>a</h2><div>b</div>", "<p>a</p><p>b</p>"),
        ("[markdown]a\n* b\n* c", "<p>a</p><ul><li>b</li><li>c</li></ul>"),
    ],
)
def test_each_markup(stem: str, html: str) -> None:
    assert one(f"::n::{stem}{{T}}").stem_html == html


def test_parts_have_the_markup_of_the_text_unless_they_name_their_own() -> None:
    question = one("[html]Q{=a &lt; b#<i>no</i> ~[plain]a &lt; c ~[markdown]*d*####[markdown]*why*}")
    assert [choice.text for choice in question.choices] == ["a < b", "a &lt; c", "d"]
    assert question.feedback == "<em>why</em>"


def test_general_feedback() -> None:
    assert one("Q{=a ~b#x ####All of it # said.}").feedback == "All of it # said."


def test_scripts_and_styles_do_not_stay() -> None:
    question = one('[html]<p onclick\\="x()">a<script>alert(1)</script><a href\\="javascript\\:x()">b</a></p>{T}')
    assert question.stem_html == "a<a>b</a>"


def test_comments_categories_ids_and_tags() -> None:
    text = """// question: 1  name: One
// [id:first] [tag:law] [tag: signs ] [tag:a\\]b]
::One::Q1{T}

$CATEGORY: $course$/top/Default for Unit 1: Topic

  // an indented comment
::Two::Q2 http://example.org{
// within
F}
// at the end
"""
    first, second = read(text).questions
    assert (first.code, first.tags, first.topic, first.line) == ("first", ["law", "signs", "a]b"], "", 3)
    assert (second.code, second.tags, second.topic) == ("", [], "Default for Unit 1: Topic")
    assert second.stem_html == "Q2 http://example.org"


def test_comments_beside_true_and_false_are_stepped_over() -> None:
    assert one("Sure?\n{ // the answer follows\n  F // so it is\n}").choices[1].fraction == 1


def test_a_category_right_above_its_question() -> None:
    question = one("$CATEGORY: tom/dick\n::n::Q{T}")
    assert (question.topic, question.name, question.line) == ("tom/dick", "n", 2)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_any_system(end: str) -> None:
    found = formats.read(f"Q1{{T}}{end}{end}Q2 a{end}b{{F}}{end} \t{end}Q3{{T}}".encode(), name="q.gift")
    assert [question.stem_html for question in found.questions] == ["Q1", "Q2 a b", "Q3"]
    assert [question.line for question in found.questions] == [1, 3, 6]


@pytest.mark.parametrize(
    ("text", "line", "item", "reason"),
    [
        ("\n::E::Tell.{}", 2, "E", "An essay, which nobody can grade here, is not supported."),
        ("::E::Tell.{####x}", 1, "E", "An essay, which nobody can grade here, is not supported."),
        ("::D::Read on.", 1, "D", "A description without answers is not a question: it is not supported."),
        ("Q{=a ~b\n\n", 1, "Q", "Its answers have no closing brace before the next blank line."),
        ("Q a} b{T}", 1, "Q a", "A closing brace stands before the opening one; a brace in a text is written as \\}."),
        (
            "Q {=a} and {=b}",
            1,
            "Q",
            "It has more than one pair of braces; a brace in a text is written as \\{ or \\}.",
        ),
        ("::Q", 1, "", "Its name has no :: at its end."),
        ("{T}", 1, "", "It has no question text."),
        ("Q{~a ~b}", 1, "Q", "No answer to it is right."),
        ("Q{=%50%a ~b}", 1, "Q", "No single answer to it gives the full point."),
        ("Q{=a ~a}", 1, "Q", "Two of its answers have the same text."),
        ("Q{=a ~}", 1, "Q", "One of its answers has no text."),
        ("Q{~%900%a ~b}", 1, "Q", "A share of 900 percent is beyond 100 percent."),
        ("Q{#three}", 1, "Q", "“three” is not a number, such as 12 or 0.5."),
        ("Q{#3:x}", 1, "Q", "“x” is not a number, such as 12 or 0.5."),
        ("Q{#3,5}", 1, "Q", "“3,5” is not a number, such as 12 or 0.5."),
        ("Q{=a -> b}", 1, "Q", "It has too few answers."),
        ("Q{x ~a =b}", 1, "Q", "Before its first answer stands text that has neither = nor ~."),
    ],
)
def test_what_is_not_supported_is_named_by_name_and_line(text: str, line: int, item: str, reason: str) -> None:
    assert refused(text) == (line, item, reason)


def test_what_a_question_loses_is_named() -> None:
    found = read('[html]Q<video src\\="x"></video><table><tr><td>1</td><td>2</td></tr></table>{=<b>a</b> ~b}')
    (question,) = found.questions
    assert question.stem_html == "<p>Q</p><p>1 2</p>"
    (problem,) = found.problems
    assert not problem.left_out
    assert problem.reason == (
        "Taken over, but an embedded part (video) is missing; a table is shown as lines of text; "
        "emphasis or links in an answer or its feedback are missing."
    )


def test_shares_that_do_not_add_up_are_named() -> None:
    found = read("Q{~%50%a ~%25%b ~c}")
    assert len(found.questions) == 1
    assert found.problems[0].reason == "Taken over, but its right answers add up to 75 percent."


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_encodings_are_decoded(encoding: str) -> None:
    found = formats.read("¿Qué año? 漢{=niño ~ñandú}".encode(encoding), name="q.gift")
    assert found.problems == []
    assert found.questions[0].stem_html == "¿Qué año? 漢"


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "mac-roman"])
def test_older_encodings_are_refused_in_words(encoding: str) -> None:
    found = formats.read("One{T}\n\n¿Qué año?{T}".encode(encoding), name="q.gift")
    assert found.questions == []
    assert found.problems[0].line == 3
    assert found.problems[0].reason.startswith("The file is not in UTF-8: byte 0x")
    assert found.problems[0].reason.endswith("Save it again as UTF-8.")
