"""Questions made up of the signs that question files give a meaning to."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from hypothesis import strategies as st

from quizzes.enums import QuestionKind
from quizzes.formats import Answer, Choice, Media, Question
from quizzes.formats.questions import read_percent
from quizzes.formats.texts import one_line, to_html

SIGNS = [
    *"~=#{}:\\%/-><&\"'*[]()`_+.!?|@$,;",
    *("->", "//", "::", "####", "\\n", "{T}", "[html]", "[plain]", "%50%", "%-50%", "=%0%*", "{#1..5}", "$CATEGORY:"),
    *("&lt;", "&amp;", "&#35;", "]]>", "<![CDATA[", "<!--", "<b>", "</p>", "<script>", "ANSWER: A", "A) ", "B. "),
    *("true", "null", "1e3", "- ", "? ", "#", "@@PLUGINFILE@@/", "é", "ñ", "¿", "漢", "🙂", "ß", " ", " "),
    *("dog", "cat", "a", "b", "1", "0"),
]

words = st.lists(st.sampled_from(SIGNS), min_size=1, max_size=8).map("".join)
any_text = st.text(max_size=20)
lines = st.one_of(words, any_text).map(one_line).filter(bool)
optional_lines = st.one_of(st.just(""), lines)
numbers = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=6)
tolerances = st.one_of(st.just(Decimal(0)), st.decimals(min_value=0, max_value=1000, places=4))
percents = st.sampled_from(["100", "50", "33.33333", "25", "16.66667", "11.11111", "83.33333", "5", "12.345"])
shares = percents.map(read_percent)

fragments = st.one_of(
    words,
    words.map(lambda text: f"<p>{text}</p>"),
    words.map(lambda text: f"<strong>{text}</strong>"),
    words.map(lambda text: f"<div><em>{text}</em><br>{text}</div>"),
    words.map(lambda text: f"<ul><li>{text}</li><li><p>{text}</p></li></ul>"),
    words.map(lambda text: f'<a href="https://example.org/?a=1&amp;b=2">{text}</a>'),
    words.map(lambda text: f"<table><tr><td>{text}</td></tr></table>"),
)
markup = st.lists(fragments, min_size=1, max_size=4).map("".join)
htmls = markup.map(lambda text: to_html(text, "html", []))
stems = htmls.filter(bool)

choices = st.builds(Choice, text=lines, fraction=st.just(Fraction(0)), feedback=optional_lines)
several = st.lists(choices, min_size=2, max_size=5, unique_by=lambda choice: choice.text)


@st.composite
def single(draw: st.DrawFn) -> Question:
    options = draw(several)
    right = draw(st.integers(0, len(options) - 1))
    partly = draw(st.lists(st.sampled_from([Fraction(0), Fraction(1, 2), Fraction(-1, 3)]), min_size=5, max_size=5))
    graded = [
        replace(option, fraction=Fraction(1) if place == right else partly[place])
        for place, option in enumerate(options)
    ]
    return draw(question(QuestionKind.SINGLE, choices=st.just(graded)))


@st.composite
def multiple(draw: st.DrawFn) -> Question:
    options = draw(several)
    number = draw(st.integers(1, len(options)))
    penalty = draw(st.sampled_from([Fraction(0), Fraction(-1, 2), Fraction(-1), Fraction(-1, 3)]))
    graded = [
        replace(option, fraction=Fraction(1, number) if place < number else penalty)
        for place, option in enumerate(options)
    ]
    return draw(question(QuestionKind.MULTIPLE, choices=st.just(graded)))


@st.composite
def true_false(draw: st.DrawFn) -> Question:
    right = draw(st.booleans())
    options = [
        Choice("True", Fraction(right), draw(optional_lines)),
        Choice("False", Fraction(not right), draw(optional_lines)),
    ]
    return draw(question(QuestionKind.TRUE_FALSE, choices=st.just(options)))


def question(kind: QuestionKind, **parts: st.SearchStrategy) -> st.SearchStrategy[Question]:
    return st.builds(
        Question,
        kind=st.just(kind),
        name=lines,
        stem_html=stems,
        feedback=htmls,
        tags=st.lists(lines, max_size=3, unique=True),
        code=st.one_of(st.just(""), lines),
        **parts,
    )


pairs = st.lists(st.tuples(lines, lines), min_size=2, max_size=4)
matching = question(
    QuestionKind.MATCHING,
    pairs=pairs.flatmap(lambda given: st.one_of(st.just(given), lines.map(lambda right: [*given, ("", right)]))),
)
ordering = question(QuestionKind.ORDERING, order=st.lists(lines, min_size=2, max_size=5))
short_text = question(
    QuestionKind.SHORT_TEXT,
    answers=st.lists(st.builds(Answer, value=lines, fraction=shares, feedback=optional_lines), min_size=1, max_size=4),
    otherwise=optional_lines,
)
numeric = question(
    QuestionKind.NUMERIC,
    answers=st.lists(
        st.builds(Answer, value=numbers, fraction=shares, tolerance=tolerances, feedback=optional_lines),
        min_size=1,
        max_size=4,
    ),
    otherwise=optional_lines,
)
questions = st.one_of(single(), multiple(), true_false(), matching, ordering, short_text, numeric)

media = st.builds(Media, name=st.sampled_from(["a.png", "b c.jpg"]), content=st.binary(min_size=1, max_size=40))


@st.composite
def whole_questions(draw: st.DrawFn) -> Question:
    """Questions with all that Moodle XML and our own files hold besides."""
    asked = draw(questions)
    files = draw(st.lists(media, max_size=2, unique_by=lambda file: file.name))
    pictures = "".join(f'<img src="@@PLUGINFILE@@/{file.name}" alt="a picture">' for file in files)
    topic = draw(st.sampled_from(["", "Law", "Law/Signs & dates", "Einführung: 1 < 2"]))
    stem = to_html(f"{asked.stem_html}{pictures}", "html", [], frozenset(file.name for file in files))
    return replace(asked, stem_html=stem, media=files, topic=topic)
