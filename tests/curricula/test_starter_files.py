"""Reading the starter files: what is read, and in which words a broken file is refused."""

from pathlib import Path
from textwrap import dedent

import pytest

from curricula import starter_files
from curricula.starter_files import StarterError
from curricula.starter_text import MarkdownError, to_html, to_plain

MODULE = """\
---
slug: first-steps
title: First steps
objectives:
  - Name the first step
minutes: 10
---
## See

Look **closely** and
stay calm.

```callout
title: Words to carry away
text: Ask before you act.
```

## Act

- Tell *one* person.
- Write it down.
"""
PRACTICE = """\
---
slug: first-steps
title: First steps
objectives: [Name the first step]
minutes: 10
---
## Practice

```practice
title: A case
minutes: 5
intro: It is late.
steps:
  - id: start
    text: What now?
    choices:
      - text: Wait
        feedback: Time passes.
        goto: {goto}
      - text: Ask
        feedback: You learn more.
  - id: later
    text: It is later.
    choices:
      - text: Go
        feedback: You go.
      - text: Stay
        feedback: You stay.
```
"""
QUIZ = """\
title: Quiz
questions:
  - id: one
    kind: single
    module: first-steps
    stem: Which?
    choices:
      - text: This
        right: true
        feedback: Yes.
      - text: That
        feedback: Look again.
"""


def write(path: Path, text: str) -> Path:
    path.write_text(dedent(text), encoding="utf-8")
    return path


def refusal(path: Path) -> str:
    with pytest.raises(StarterError) as caught:
        starter_files.read_module(path)
    assert caught.value.path == path
    return f"{caught.value.line}: {caught.value.reason}"


def test_it_works(tmp_path: Path) -> None:
    module = starter_files.read_module(write(tmp_path / "01-first-steps.md", MODULE))
    assert module.objectives == ("Name the first step",)
    assert [(section.slug, section.line) for section in module.sections] == [("see", 8), ("act", 18)]
    prose, callout = module.sections[0].blocks
    assert (prose.kind, callout.kind, callout.line) == ("text", "callout", 13)
    assert callout.values == {"title": "Words to carry away", "text": "Ask before you act."}
    assert module.words == 4 + 7


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("minutes: 10", "minutes: ten", "6: `minutes` must be a whole number"),
        ("minutes: 10", "minutes: 10\nminute: 3", "7: `minute` is not known here."),
        ("minutes: 10", "minutes: 10\nminutes: 11", "7: This is not readable YAML: 'minutes' is given twice."),
        ("title: First steps\n", "", "2: `title` is missing."),
        ("slug: first-steps", "slug: First Steps", "2: `slug` may hold small letters"),
        ("## See", "# See", "8: The title stands in the front matter"),
        ("## Act", "## See", "18: Each section needs a title of its own"),
        ("## Act", "#### Act", "18: Inside a section, headings are written with ###"),
        ("stay calm.", "> stay calm.", "11: Prose can't hold a quotation block"),
        ("stay calm.", "stay <b>calm</b>.", "11: HTML is not read here"),
        ("stay calm.", "[stay](calm.html) calm.", "11: A link must start with"),
        ("stay calm.", "![calm](calm.png)", "11: Prose can't hold an image"),
        ("```callout", "```shout", "13: Prose can't hold a fenced block of an unknown kind"),
        ("text: Ask before you act.", "txt: Ask.", "14: `text` is missing."),
        ("text: Ask before you act.", "text: [Ask", "16: This is not readable YAML"),
        ("text: Ask before you act.", "text: Ask.\ntitel: A", "16: `titel` is not known here."),
    ],
)
def test_a_broken_module_is_refused_with_its_line(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in MODULE
    said = refusal(write(tmp_path / "01-first-steps.md", MODULE.replace(old, new)))
    assert said.startswith(words)


def test_a_file_without_front_matter_and_one_that_is_not_text(tmp_path: Path) -> None:
    assert refusal(write(tmp_path / "a.md", "## See\n")).startswith("1: The file must start with front matter")
    assert refusal(write(tmp_path / "b.md", "---\nslug: b\n")).startswith("1: The front matter has no closing line")
    (tmp_path / "c.md").write_bytes(b"---\nslug: \xff\n---\n")
    assert refusal(tmp_path / "c.md") == "2: The file is not text in UTF-8."
    assert refusal(tmp_path / "d.md").startswith("1: The file can't be read")


def test_practice_case(tmp_path: Path) -> None:
    module = starter_files.read_module(write(tmp_path / "a.md", PRACTICE.format(goto="later")))
    steps = module.sections[0].blocks[0].values["steps"]
    assert [choice["goto"] for choice in steps[0]["choices"]] == ["later", ""]
    assert refusal(write(tmp_path / "b.md", PRACTICE.format(goto="nowhere"))).startswith(
        "16: There is no step 'nowhere'"
    )
    assert refusal(write(tmp_path / "c.md", PRACTICE.format(goto="start"))).startswith("16: A case goes forward only")
    assert refusal(write(tmp_path / "d.md", PRACTICE.format(goto=""))).startswith("22: No choice leads to")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("        right: true\n", "", "7: Exactly one choice is `right: true`, not 0."),
        ("module: first-steps", "module: other", "5: `module` must be one of first-steps, not 'other'."),
        ("text: That", "text: This", "7: A question needs at least two choices"),
        ("kind: single", "kind: true_false", "7: A true_false question has the two choices"),
        ("id: one", "id: 1", "3: `id` must be text"),
        ("        feedback: Look again.\n", "", "11: `feedback` is missing."),
    ],
)
def test_a_broken_quiz_is_refused_with_its_line(tmp_path: Path, old: str, new: str, words: str) -> None:
    path = write(tmp_path / "quiz.yaml", QUIZ.replace(old, new))
    with pytest.raises(StarterError) as caught:
        starter_files.read_quiz(path, modules=["first-steps"])
    assert f"{caught.value.line}: {caught.value.reason}".startswith(words)


def test_a_translation_must_have_the_shape_of_its_original(tmp_path: Path) -> None:
    page = "---\ntitle: T\nslug: t\n---\n## One\n\nText.\n\n- a\n- b\n"
    english = starter_files.read_page(write(tmp_path / "t.md", page))
    twin = write(tmp_path / "t.es.md", page.replace("- b\n", ""))
    assert starter_files.twin_of(english.source.path) == twin
    assert starter_files.language_of(twin) == "es"
    with pytest.raises(StarterError) as caught:
        starter_files.check_twin(english, starter_files.read_page(twin))
    assert (caught.value.path, caught.value.line) == (twin, 7)


def test_markdown_becomes_the_html_that_the_editor_saves() -> None:
    assert to_html("A **b** and *i*,\nwrapped. [Link](https://example.org)") == (
        '<p>A <b>b</b> and <i>i</i>, wrapped. <a href="https://example.org">Link</a></p>'
    )
    assert to_html("### Head\n\n1. one\n2. two\n   - in\n\n- loose\n\n- list\n") == (
        "<h3>Head</h3><ol><li>one</li><li>two<ul><li>in</li></ul></li></ol><ul><li>loose</li><li>list</li></ul>"
    )
    assert to_html("1 < 2 & 3") == "<p>1 &lt; 2 &amp; 3</p>"
    assert to_plain("one\ntwo\n\nthree\n") == "one two\n\nthree"
    with pytest.raises(MarkdownError):
        to_html("a | b\n--|--\n1 | 2")
