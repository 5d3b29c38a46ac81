"""Nothing makes reading fail, and nothing makes it slow."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quizzes import formats
from quizzes.formats import Format
from quizzes.formats.texts import one_line

from . import strategies as made

NAMES = ["a.gift", "a.xml", "a.txt", "a.yaml", "a.yml", "a.aiken", "a.TXT", "a", "", "a.docx", "../../etc/passwd", "\0"]

GIFT = rb"""// [id:x] [tag:y]
::Name::[html]<p>Stem</p>{~%50%a#no ~%50%b =c ####[markdown]*why*}

Two {#=3:0.5#yes =%50%1..5 ~#no} more

Match{=a -> b =c -> d}

True{T#wrong#right}
"""
XML = b"""<?xml version="1.0" encoding="UTF-8"?>
<quiz><question type="category"><category><text>$course$/top/A</text></category></question>
<question type="multichoice"><name><text>N</text></name><questiontext format="html"><text><![CDATA[<p>S</p>]]></text>
<file name="a.png" encoding="base64">aGVsbG8=</file></questiontext><single>false</single>
<answer fraction="33.33333"><text>a</text><feedback><text>f</text></feedback></answer>
<answer fraction="-100"><text>b</text></answer><tags><tag><text>t</text></tag></tags></question>
<question type="numerical"><name><text>N</text></name><questiontext><text>S</text></questiontext>
<answer fraction="100"><text>3</text><tolerance>0.1</tolerance></answer></question></quiz>"""
AIKEN = b"Question?\nA) one\nB. two\nANSWER: B\n\nNext\nA) x\nB) y\nANSWER: A\n"
OWN = b"""title: T
questions:
  - id: one
    kind: multiple
    stem: "A **stem**"
    choices: [{text: a, right: true}, {text: b, share: -50, feedback: no}]
  - {id: two, kind: numeric, stem: N, answers: [{value: 1.5, tolerance: 0.1}]}
"""
VALID = {"a.gift": GIFT, "a.xml": XML, "a.txt": AIKEN, "a.yaml": OWN}


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(NAMES))
def test_any_bytes_give_questions_or_problems(data: bytes, name: str) -> None:
    read = formats.read(data, name=name)
    assert read.questions or read.problems


@settings(max_examples=300, deadline=None)
@given(made.words, st.sampled_from(NAMES))
def test_any_signs_give_questions_or_problems(text: str, name: str) -> None:
    read = formats.read(text.encode(), name=name)
    assert read.questions or read.problems


@settings(max_examples=600, deadline=None)
@given(
    st.sampled_from(sorted(VALID)),
    st.lists(
        st.tuples(st.floats(0, 1), st.integers(0, 12), st.one_of(made.words.map(str.encode), st.binary(max_size=4)))
    ),
)
def test_a_damaged_file_is_read_as_far_as_it_goes(name: str, damages: list[tuple[float, int, bytes]]) -> None:
    data = VALID[name]
    for place, removed, added in damages:
        start = int(place * len(data))
        data = data[:start] + added + data[start + removed :]
    read = formats.read(data, name=name)
    assert read.questions or read.problems
    for kind in Format:
        formats.write(read.questions, format=kind)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(VALID)), st.floats(0, 1))
def test_a_cut_file_is_read_as_far_as_it_goes(name: str, part: float) -> None:
    formats.read(VALID[name][: int(part * len(VALID[name]))], name=name)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(VALID)), st.floats(0, 1), made.words)
def test_what_was_read_of_a_damaged_file_is_written_and_read_the_same(name: str, place: float, added: str) -> None:
    data, text = VALID[name], added.encode()
    start = int(place * len(data))
    first = formats.read(data[:start] + text + data[start:], name=name)
    for kind in (Format.GIFT, Format.MOODLE_XML, Format.OWN):
        if first.questions and not formats.list_losses(first.questions, format=kind):
            again = formats.read(formats.write(first.questions, format=kind), name=f"a.{kind}")
            assert again.questions == first.questions, kind


# --- size and time


@pytest.mark.parametrize("name", ["a.gift", "a.xml", "a.txt", "a.yaml", "a.aiken"])
def test_a_file_that_is_too_large_is_refused_in_words(name: str) -> None:
    read = formats.read(b"x" * (formats.MAX_BYTES + 1), name=name)
    assert [problem.reason for problem in read.problems] == ["The file is larger than 10 MB."]


def test_more_questions_than_a_file_may_hold_are_named() -> None:
    read = formats.read(b"Sure?{T}\n\n" * 2_100, name="a.gift")
    assert len(read.questions) == 2_000
    assert read.problems[-1].reason == "The file has more than 2000 questions; the rest was not read."
    assert read.problems[-1].line == 4_001


# Each is repeated to make up a large file: a rule that looks at all that came before, or backtracks, shows then.
PATHOLOGICAL = [
    ("a.gift", "{"),
    ("a.gift", "}"),
    ("a.gift", "\\"),
    ("a.gift", "x{~"),
    ("a.gift", "::"),
    ("a.gift", "#"),
    ("a.gift", "=a -> b "),
    ("a.gift", "// [id:[tag:"),
    ("a.gift", "// [tag:a\\]"),
    ("a.gift", "%50%"),
    ("a.gift", "a\n\n"),
    ("a.gift", "a{T}\n\n"),
    ("a.gift", "[html]<div>{=<b>\n"),
    ("a.gift", "[markdown]a [[[[ ** `` _ {=a}\n\n"),
    ("a.gift", "a {~<p><b><i><a href=x>} \n\n"),
    ("a.gift", " "),
    ("a.gift", " \n"),
    ("a.txt", "A) "),
    ("a.txt", "A) b\n"),
    ("a.txt", "q\nA) a\nB) b\nANSWER: A\n"),
    ("a.txt", "ANSWER: "),
    ("a.yaml", "["),
    ("a.yaml", "- "),
    ("a.yaml", "? "),
    ("a.yaml", "a: "),
    ("a.yaml", "- aaaaaaaa\n"),
    ("a.yaml", '"\\'),
    ("a.yaml", "a\n"),
    ("a.yaml", "&a *a "),
    ("a.xml", "<quiz>"),
    ("a.xml", "<quiz "),
    ("a.xml", "<!--"),
    ("a.xml", "<quiz a='"),
    ("a.xml", "&amp;"),
]


def seconds(data: bytes, name: str) -> float:
    fastest = 1e9
    for _turn in range(2):
        started = time.perf_counter()
        formats.read(data, name=name)
        fastest = min(fastest, time.perf_counter() - started)
    return fastest


@pytest.mark.parametrize(("name", "piece"), PATHOLOGICAL)
def test_time_grows_no_faster_than_the_file(name: str, piece: str) -> None:
    small, large = (piece * (size // len(piece)) for size in (120_000, 960_000))
    taken = seconds(small.encode(), name), seconds(large.encode(), name)
    # Eight times the file; time by its square would be sixty-four times.
    assert taken[1] < max(taken[0], 0.02) * 24


@pytest.mark.parametrize(
    "inner", ["<div>", "<b>", "<ul><li>", "<p>", "&lt;", "<!--", "\\(", "*a ", "[a](", "**", "> ", "`"]
)
@pytest.mark.parametrize("markup", ["html", "moodle_auto_format", "markdown"])
def test_no_text_of_a_question_takes_long(inner: str, markup: str) -> None:
    question = (
        '<question type="truefalse"><name><text>n</text></name>'
        f'<questiontext format="{markup}"><text><![CDATA[%s]]></text></questiontext>'
        '<answer fraction="100"><text>true</text></answer><answer fraction="0"><text>false</text></answer></question>'
    )
    few, many = (f"<quiz>{question % (inner * (size // len(inner)))}</quiz>" for size in (1_000, 8_000))
    taken = seconds(few.encode(), "a.xml"), seconds(many.encode(), "a.xml")
    assert taken[1] < max(taken[0], 0.02) * 24


def test_one_line_takes_out_what_no_file_can_hold() -> None:
    assert one_line("a\x00\x08 b\r\n\tc\x7f\ufffe ") == "a b c"
