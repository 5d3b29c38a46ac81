"""What blocks refuse, and what they show."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from wagtail.blocks import StreamValue
from wagtail_factories import ImageFactory

from curricula.blocks import BodyBlock, ImageBlock, PracticeBlock, practice_problem

from .factories import section


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ([("start", ["", ""])], ""),
        ([("start", ["next", ""]), ("next", ["", ""])], ""),
        ([("start", ["next", "last"]), ("next", ["last", ""]), ("last", ["", ""])], ""),
        ([("start", ["", ""]), ("start", ["", ""])], "Two steps have the same name."),
        ([("start", ["away", ""])], "“away”, which is not there"),
        ([("start", ["start", ""])], "leads back to “start”"),
        ([("start", ["next", ""]), ("next", ["start", ""])], "leads back to “start”"),
        ([("start", ["", ""]), ("alone", ["", ""])], "No choice leads to “alone”."),
    ],
)
def test_the_steps_of_a_practice_case(steps: list[tuple[str, list[str]]], words: str) -> None:
    problem = practice_problem(steps)
    assert words in problem
    assert bool(problem) is bool(words)


def practice(*steps: tuple[str, list[str]], minutes: int = 5) -> dict[str, Any]:
    """A case as the editor's form hands it in: step name and where its choices lead."""
    return {
        "title": "At the door",
        "minutes": minutes,
        "intro": "<p>It is late.</p>",
        "steps": [
            {
                "id": name,
                "text": f"<p>You are at {name}.</p>",
                "choices": [
                    {"text": f"{name} choice {number}", "feedback": f"<p>After {name} {number}.</p>", "goto": target}
                    for number, target in enumerate(targets, 1)
                ],
            }
            for name, targets in steps
        ],
    }


def clean(given: dict[str, Any]) -> Any:
    block = PracticeBlock()
    return block.clean(block.to_python(given))


def test_a_case_that_goes_forward_is_accepted() -> None:
    assert clean(practice(("start", ["end", ""]), ("end", ["", ""])))["title"] == "At the door"


@pytest.mark.parametrize(
    "given",
    [
        practice(("start", ["nowhere", ""])),
        practice(("start", ["", ""]), ("never", ["", ""])),
        practice(("start", [""])),
        practice(("Start Here", ["", ""])),
        practice(("start", ["", ""]), minutes=0),
        practice(("start", ["", ""]), minutes=16),
        practice(),
    ],
)
def test_a_case_that_leads_nowhere_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        clean(given)


@pytest.mark.parametrize(
    ("alt_text", "decorative", "fits"), [("A hand", False, True), ("", True, True), (" ", False, False)]
)
def test_an_image_says_in_words_what_it_tells(db: None, alt_text: str, decorative: bool, fits: bool) -> None:
    value = {"image": ImageFactory(), "alt_text": alt_text, "decorative": decorative, "caption": ""}
    if fits:
        ImageBlock().clean(value)
    else:
        with pytest.raises(ValidationError):
            ImageBlock().clean(value)


def render(*blocks: tuple[str, Any], **context: Any) -> str:
    body = BodyBlock()
    name, given = section("Part", *blocks)
    value = StreamValue(body, [(name, body.child_blocks[name].normalize(given))])
    return " ".join(str(value[0].render(context)).split())


def test_a_case_unfolds_without_script() -> None:
    page = render(("practice", practice(("start", ["end", ""]), ("end", ["", ""]))))
    first, second = page.index("start choice 1"), page.index("start choice 2")
    assert page.count("<details") == page.count("</details>") == 4
    assert first < page.index("After start 1.") < page.index("You are at end.") < second
    assert "<script" not in page
    assert page.count("The case ends here.") == 3


def test_a_reflection_has_nothing_to_send() -> None:
    page = render(("reflection", {"prompt": "What would help?"}))
    assert "<textarea" in page
    assert "name=" not in page
    assert "<form" not in page
    assert "stays on this page" in page


def test_a_sensitive_part_and_its_summary_look_the_same() -> None:
    texts = {"note": "It tells of harm.", "text": "<p>In full.</p>", "summary": "<p>In short.</p>"}
    page = render(("sensitive", texts))
    assert page.count('<details class="choice">') == 2
    assert "open>" not in page
    assert page.index("It tells of harm.") < page.index("In full.") < page.index("In short.")


@pytest.mark.parametrize("shown", [True, False])
def test_trainer_notes_are_for_trainers(shown: bool) -> None:
    page = render(("trainer_note", {"text": "<p>Ask the room.</p>"}), show_trainer_notes=shown)
    assert ("Ask the room." in page) is shown


def test_trainer_notes_are_not_searched() -> None:
    body = BodyBlock()
    value = body.to_python(
        [
            {
                "type": "section",
                "value": {
                    "title": "Part",
                    "content": [
                        {"type": "text", "value": "<p>For all.</p>"},
                        {"type": "trainer_note", "value": {"text": "<p>Ask the room.</p>"}},
                    ],
                },
            }
        ]
    )
    found = " ".join(body.get_searchable_content(value))
    assert "For all." in found
    assert "Ask the room" not in found
