"""Moodle XML: https://docs.moodle.org/en/Moodle_XML_format."""

from __future__ import annotations

import base64
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from quizzes import formats
from quizzes.formats import Choice, Media, Question, QuestionFile

HALF = Fraction(1, 2)


def read(body: str, *, head: str = '<?xml version="1.0" encoding="UTF-8"?>') -> QuestionFile:
    return formats.read(f"{head}\n<quiz>\n{body}\n</quiz>".encode(), name="questions.xml")


def asked(kind: str, body: str, *, stem: str = "<p>Which?</p>", markup: str = "html", name: str = "One") -> str:
    return (
        f'<question type="{kind}"><name><text>{name}</text></name>'
        f'<questiontext format="{markup}"><text><![CDATA[{stem}]]></text></questiontext>{body}</question>'
    )


def answer(fraction: str, text: str, further: str = "") -> str:
    return f'<answer fraction="{fraction}"><text>{text}</text>{further}</answer>'


def one(body: str) -> Question:
    found = read(body)
    assert found.problems == []
    (question,) = found.questions
    return question


def refused(body: str) -> tuple[int | None, str, str]:
    found = read(body)
    assert found.questions == []
    (problem,) = found.problems
    return problem.line, problem.item, problem.reason


def said(text: str) -> str:
    return f'<feedback format="html"><text><![CDATA[{text}]]></text></feedback>'


def test_it_works() -> None:
    question = one(
        asked("multichoice", "<single>true</single>" + answer("100", "this", said("<p>Yes</p>")) + answer("0", "that"))
    )
    assert (question.kind, question.name, question.stem_html) == ("single", "One", "Which?")
    assert question.choices == [Choice("this", Fraction(1), "Yes"), Choice("that", Fraction(0))]
    assert question.line == 3


def test_several_answers_with_thirds_and_penalties() -> None:
    question = one(
        asked(
            "multichoice",
            "<single>false</single><shuffleanswers>0</shuffleanswers>"
            + "".join(answer("33.33333", text) for text in "abc")
            + answer("-33.3333333", "d"),
        )
    )
    assert question.kind == "multiple"
    assert question.keep_order
    assert [choice.fraction for choice in question.choices] == [Fraction(1, 3)] * 3 + [-Fraction(1, 3)]


def test_several_answers_that_must_all_be_found() -> None:
    question = one(asked("multichoiceset", answer("100", "a") + answer("100", "b") + answer("0", "c")))
    assert question.kind == "multiple"
    assert question.all_or_nothing
    assert [choice.fraction for choice in question.choices] == [HALF, HALF, 0]


def test_true_and_false_in_either_order() -> None:
    question = one(asked("truefalse", answer("100", "false", said("Right.")) + answer("0", "true", said("No."))))
    assert question.choices == [Choice("True", Fraction(0), "No."), Choice("False", Fraction(1), "Right.")]


def test_short_text() -> None:
    question = one(
        asked(
            "shortanswer",
            "<usecase>1</usecase>"
            + answer("100", "NaCl")
            + answer("50", "salt", said("Almost."))
            + answer("0", "*", said("No."))
            + answer("100", "a\\*b"),
        )
    )
    assert question.kind == "short_text"
    assert question.case_sensitive
    assert question.accepted == [("NaCl", 1), ("salt", HALF), ("a*b", 1)]
    assert question.otherwise == "No."


def test_numbers_each_with_its_tolerance() -> None:
    question = one(
        asked(
            "numerical",
            answer("100", "42", "<tolerance>0.001</tolerance>")
            + answer("50", "-1.5e2", "<tolerance>1</tolerance>")
            + answer("0", "*", said("Far off.") + "<tolerance></tolerance>"),
        )
    )
    assert question.kind == "numeric"
    assert question.accepted == [(Decimal(42), 1), (Decimal(-150), HALF)]
    assert [given.tolerance for given in question.answers] == [Decimal("0.001"), 1]
    assert question.tolerance == Decimal("0.001")
    assert question.otherwise == "Far off."


def test_units_are_named() -> None:
    found = read(
        asked(
            "numerical",
            answer("100", "5")
            + "<units><unit><multiplier>1</multiplier><unit_name>m</unit_name></unit>"
            + "<unit><multiplier>100</multiplier><unit_name>cm</unit_name></unit></units>",
        )
    )
    assert len(found.questions) == 1
    assert [problem.reason for problem in found.problems] == ["Taken over, but its units (m, cm) are missing."]


@pytest.mark.parametrize("kind", ["matching", "match"])
def test_matching(kind: str) -> None:
    pair = '<subquestion format="html"><text><![CDATA[<p>{}</p>]]></text><answer><text>{}</text></answer></subquestion>'
    question = one(asked(kind, pair.format("A", "a") + pair.format("B", "b") + pair.format("", "c")))
    assert question.kind == "matching"
    assert question.pairs == [("A", "a"), ("B", "b"), ("", "c")]


def test_ordering_goes_by_the_place_each_item_names() -> None:
    question = one(
        asked(
            "ordering",
            "<selecttype>ALL</selecttype>"
            + answer("3.0000000", "report")
            + answer("1.0000000", "<![CDATA[<p>listen</p>]]>")
            + answer("2.0000000", "ask"),
        )
    )
    assert question.kind == "ordering"
    assert question.order == ["listen", "ask", "report"]
    assert one(asked("ordering", answer("100", "a") + answer("100", "b"))).order == ["a", "b"]


def test_categories_tags_ids_and_feedback() -> None:
    found = read(
        '<question type="category"><category><text>$course$/top/Law/Signs</text></category></question>'
        + asked(
            "truefalse",
            "<generalfeedback><text><![CDATA[<p>a</p><p>b</p>]]></text></generalfeedback><idnumber>id&amp;1</idnumber>"
            + answer("100", "true")
            + answer("0", "false")
            + "<tags><tag><text>one</text></tag><tag><text>two</text></tag><tag><text>one</text></tag></tags>",
        )
    )
    (question,) = found.questions
    assert found.problems == []
    assert (question.topic, question.tags, question.code) == ("Law/Signs", ["one", "two"], "id&1")
    assert question.feedback == "<p>a</p><p>b</p>"


@pytest.mark.parametrize(
    ("markup", "stem", "html"),
    [
        ("html", "<p>1 &lt; 2</p>", "1 &lt; 2"),
        ("moodle_auto_format", "a\nb <b>c</b> x<y", "a<br>b <strong>c</strong> x&lt;y"),
        ("plain_text", "<b>a</b> & b", "&lt;b&gt;a&lt;/b&gt; &amp; b"),
        ("markdown", "**a**\n\nb", "<p><strong>a</strong></p><p>b</p>"),
    ],
)
def test_each_markup(markup: str, stem: str, html: str) -> None:
    body = answer("100", "true") + answer("0", "false")
    assert one(asked("truefalse", body, stem=stem, markup=markup)).stem_html == html


def test_pictures_come_with_their_question() -> None:
    stem = '<p>Look: <img src="@@PLUGINFILE@@/sign%20a.png" alt="A sign" onerror="x()"></p>'
    body = answer("100", "true") + answer("0", "false")
    file = f'<file name="sign a.png" path="/" encoding="base64">{base64.b64encode(b"png").decode()}</file>'
    found = read(asked("truefalse", body, stem=stem).replace("</questiontext>", f"{file}</questiontext>"))
    (question,) = found.questions
    assert found.problems == []
    assert question.media == [Media("sign a.png", b"png")]
    assert question.stem_html == 'Look: <img src="@@PLUGINFILE@@/sign%20a.png" alt="A sign">'


@pytest.mark.parametrize(
    "source", ["https://elsewhere.example/a.png", "@@PLUGINFILE@@/other.png", "a.png", "data:image/png;base64,AAAA", ""]
)
def test_pictures_from_elsewhere_are_named(source: str) -> None:
    body = answer("100", "true") + answer("0", "false")
    found = read(asked("truefalse", body, stem=f'Look <img src="{source}" alt="here">'))
    assert found.questions[0].stem_html == "Look here"
    assert found.problems[0].reason == "Taken over, but a picture that is not in the file is missing."


def test_a_file_that_cannot_be_read_is_named() -> None:
    body = answer("100", "true") + answer("0", "false")
    file = '<file name="a.png" encoding="base64">%%%</file>'
    found = read(asked("truefalse", body).replace("</questiontext>", f"{file}</questiontext>"))
    assert found.problems[0].reason == "Taken over, but its file “a.png” can't be read."


def test_what_moodle_knows_besides_is_named() -> None:
    found = read(
        asked(
            "multichoice",
            "<defaultgrade>2.5000000</defaultgrade><hint><text>Think.</text></hint><hint><text></text></hint>"
            "<correctfeedback><text>Yes!</text></correctfeedback>" + answer("100", "a") + answer("0", "b"),
        )
    )
    assert len(found.questions) == 1
    assert found.problems[0].reason == (
        "Taken over, but its 1 hint is missing; what is said of a right, partly right or wrong answer as a whole is "
        "missing; it is worth 1 point, not 2.5."
    )


@pytest.mark.parametrize(
    ("kind", "named"),
    [
        ("cloze", "cloze (embedded answers)"),
        ("essay", "essay"),
        ("description", "description"),
        ("calculated", "calculated"),
        ("calculatedmulti", "calculatedmulti"),
        ("ddwtos", "ddwtos"),
        ("gapselect", "gapselect"),
        ("ddimageortext", "ddimageortext"),
        ("randomsamatch", "randomsamatch"),
        ("", "?"),
    ],
)
def test_other_types_are_named_with_name_and_line(kind: str, named: str) -> None:
    assert refused("\n" + asked(kind, "", name="Gaps")) == (
        4,
        "Gaps",
        f"A question of type “{named}” is not supported.",
    )


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (asked("multichoice", answer("100", "a")), "It has too few answers."),
        (asked("multichoice", answer("50", "a") + answer("0", "b")), "No single answer to it gives the full point."),
        (asked("multichoice", answer("all", "a") + answer("0", "b")), "“all” is not a number, such as 12 or 0.5."),
        (asked("multichoice", answer("101", "a") + answer("0", "b")), "A share of 101 percent is beyond 100 percent."),
        (asked("truefalse", answer("100", "yes") + answer("0", "no")), "Its answers are not “true” and “false”."),
        (asked("truefalse", answer("100", "true") + answer("100", "false")), "Either “true” or “false” must be right."),
        (asked("numerical", answer("100", "many")), "“many” is not a number, such as 12 or 0.5."),
        (asked("shortanswer", answer("0", "a")), "No answer to it is right."),
        (
            asked("shortanswer", answer("100", "a*")),
            "Its answer “a*” has an asterisk for any text, which is not supported.",
        ),
        (asked("matching", ""), "It has too few answers."),
        (asked("truefalse", "", stem=""), "It has no question text."),
        (asked("truefalse", "", markup="wiki"), "“wiki” is no format of a text."),
        (asked("multichoice", answer("100", "a") * 101), "It has 101 answers; at most 100 can be taken over."),
    ],
)
def test_what_cannot_be_taken_over_is_named(body: str, reason: str) -> None:
    if "It has no question text" in reason:
        body = body.replace("</question>", answer("100", "true") + answer("0", "false") + "</question>")
    assert refused(body)[1:] == ("One", reason)


def test_one_bad_question_does_not_take_the_others_along() -> None:
    good = asked("truefalse", answer("100", "true") + answer("0", "false"), name="Good")
    found = read(good + asked("essay", "", name="Bad") + good)
    assert [question.name for question in found.questions] == ["Good", "Good"]
    assert [problem.item for problem in found.problems] == ["Bad"]


# --- hardening


BILLION = """<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">
<!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">]><quiz>&lol2;</quiz>"""
SAFETY = "The file defines a document type or entities, which is refused for safety."


@pytest.mark.parametrize(
    "text",
    [
        BILLION,
        '<!DOCTYPE quiz SYSTEM "http://127.0.0.1:9/x.dtd"><quiz/>',
        '<!DOCTYPE quiz [<!ENTITY x SYSTEM "file:///etc/passwd">]><quiz>&x;</quiz>',
        '<!DOCTYPE quiz [<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;]><quiz/>',
        "<!DOCTYPE quiz><quiz/>",
        '<!DOCTYPE quiz [<!ATTLIST quiz a CDATA "b">]><quiz/>',
    ],
)
@pytest.mark.parametrize("name", ["a.xml", "a.txt"])
def test_document_types_and_entities_are_refused(text: str, name: str) -> None:
    text = text if text.startswith("<?xml") else f'<?xml version="1.0"?>{text}'
    for encoding in ("utf-8", "utf-16"):
        found = formats.read(text.encode(encoding), name=name)
        assert found.questions == []
        assert [problem.reason for problem in found.problems] == [SAFETY]


def test_no_file_of_the_machine_is_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    include = f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{secret.as_uri()}" parse="text"/>'
    found = read(asked("shortanswer", f'<answer fraction="100"><text>{include}</text></answer>'))
    assert found.questions == []
    assert "secret" not in str(found.problems).replace(str(secret), "")


def test_deep_nesting_is_refused() -> None:
    found = formats.read(b"<quiz>" * 1_000, name="a.xml")
    assert found.problems[0].reason == "The file is nested too deeply, or has too many parts."


@pytest.mark.parametrize(
    ("data", "line", "reason"),
    [
        (b"", 1, "This is not readable XML: no element found."),
        (b"<quiz>\n<a></quiz>", 2, "This is not readable XML: mismatched tag."),
        (b"<html/>", 1, "This is not Moodle XML: it has no <quiz>."),
        (b'<?xml version="1.0" encoding="utf-8"?><quiz>\n\xe9</quiz>', 2, "This is not readable XML: not well-formed"),
        (b'<?xml version="1.0" encoding="klingon"?><quiz/>', 1, "encoding"),
        (b"<quiz/>", None, "The file holds no questions."),
    ],
)
def test_what_is_no_moodle_xml_is_refused_in_words(data: bytes, line: int | None, reason: str) -> None:
    (problem,) = formats.read(data, name="a.xml").problems
    assert problem.line == line
    assert reason in problem.reason


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "windows-1252"])
def test_a_file_is_decoded_as_it_says(encoding: str) -> None:
    body = asked("shortanswer", answer("100", "niño"), stem="¿Qué?")
    text = f'<?xml version="1.0" encoding="{encoding}"?><quiz>{body}</quiz>'
    (question,) = formats.read(text.encode(encoding), name="a.xml").questions
    assert (question.stem_html, question.accepted) == ("¿Qué?", [("niño", 1)])
