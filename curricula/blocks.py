"""Every block of the content: what an author puts into a section, in the words authors use."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __
from wagtail import blocks
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.images.blocks import ImageChooserBlock

PROSE_FEATURES = ["h3", "bold", "italic", "ol", "ul", "link", "document-link"]


class ImageBlock(blocks.StructBlock):
    image = ImageChooserBlock(label=__("Image"))
    alt_text = blocks.CharBlock(
        label=__("Text alternative"), required=False, max_length=250, help_text=__("What the image tells, in words.")
    )
    decorative = blocks.BooleanBlock(label=__("Only decorative"), required=False)
    caption = blocks.CharBlock(label=__("Caption"), required=False)

    class Meta:
        icon = "image"
        label = __("Image")
        template = "curricula/blocks/image.html"

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if not cleaned["decorative"] and not cleaned["alt_text"].strip():
            raise blocks.StructBlockValidationError(
                block_errors={
                    "alt_text": ValidationError(_("Say in words what the image tells, or mark it as decorative."))
                }
            )
        return cleaned


class VideoBlock(blocks.StructBlock):
    title = blocks.CharBlock(label=__("Title"))
    video = DocumentChooserBlock(label=__("Video file"))
    captions = DocumentChooserBlock(label=__("Captions (WebVTT)"))
    transcript = blocks.RichTextBlock(label=__("Transcript"), features=PROSE_FEATURES)
    seconds = blocks.IntegerBlock(label=__("Length in seconds"), min_value=1, max_value=7200)

    class Meta:
        icon = "media"
        label = __("Video")
        template = "curricula/blocks/video.html"


class CalloutBlock(blocks.StructBlock):
    title = blocks.CharBlock(label=__("Title"), required=False)
    text = blocks.RichTextBlock(label=__("Text"), features=PROSE_FEATURES)

    class Meta:
        icon = "pick"
        label = __("Words to carry away")
        template = "curricula/blocks/callout.html"


class PracticeChoiceBlock(blocks.StructBlock):
    text = blocks.CharBlock(label=__("What I could do"), max_length=300)
    feedback = blocks.RichTextBlock(label=__("What happens, and why"), features=PROSE_FEATURES)
    goto = blocks.RegexBlock(
        regex=r"^[a-z0-9-]*$", label=__("Next step"), required=False, help_text=__("Empty: the case ends here.")
    )


class PracticeStepBlock(blocks.StructBlock):
    id = blocks.RegexBlock(regex=r"^[a-z0-9-]+$", label=__("Name of the step"))
    text = blocks.RichTextBlock(label=__("Situation"), features=PROSE_FEATURES)
    choices = blocks.ListBlock(PracticeChoiceBlock(), label=__("Choices"), min_num=2, max_num=5)


class PracticeBlock(blocks.StructBlock):
    """A branching case. It needs no script: a choice is a ``<details>`` with its feedback and the next step inside."""

    title = blocks.CharBlock(label=__("Title"))
    minutes = blocks.IntegerBlock(label=__("Minutes it takes"), min_value=1, max_value=15)
    intro = blocks.RichTextBlock(label=__("Introduction"), features=PROSE_FEATURES)
    steps = blocks.ListBlock(PracticeStepBlock(), label=__("Steps; the first one is the start"), min_num=1)

    class Meta:
        icon = "help"
        label = __("Practice case")
        template = "curricula/blocks/practice.html"

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if problem := practice_problem(
            [(step["id"], [choice["goto"] for choice in step["choices"]]) for step in cleaned["steps"]]
        ):
            raise blocks.StructBlockValidationError(non_block_errors=[problem])
        return cleaned

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context=parent_context)
        steps = {step["id"]: step for step in value["steps"]}
        context["step"] = practice_tree(steps, value["steps"][0]["id"]) if steps else None
        return context


def practice_problem(steps: list[tuple[str, list[str]]]) -> str:
    """Return what is wrong with the steps of a case (name, names its choices lead to), or nothing.

    A case goes forward only: each choice leads to a step below its own, and every step but the first is reached.
    """
    names = [name for name, _targets in steps]
    if len(set(names)) < len(names):
        return _("Two steps have the same name.")
    reached = set()
    for position, (name, targets) in enumerate(steps):
        for target in filter(None, targets):
            if target not in names:
                return _("Step “%(step)s” leads to “%(target)s”, which is not there.") % {
                    "step": name,
                    "target": target,
                }
            if names.index(target) <= position:
                return _("Step “%(step)s” leads back to “%(target)s”. A case goes forward only.") % {
                    "step": name,
                    "target": target,
                }
            reached.add(target)
    if unreached := set(names[1:]) - reached:
        return _("No choice leads to “%s”.") % sorted(unreached)[0]
    return ""


def practice_tree(steps: dict[str, Any], name: str) -> dict[str, Any]:
    """The step and, inside each choice, the step it leads to: nested as the page nests them."""
    step = steps[name]
    return {
        "text": step["text"],
        "choices": [
            {
                "text": choice["text"],
                "feedback": choice["feedback"],
                "next": practice_tree(steps, choice["goto"]) if choice["goto"] in steps else None,
            }
            for choice in step["choices"]
        ],
    }


class ChecklistBlock(blocks.StructBlock):
    title = blocks.CharBlock(label=__("Title"))
    items = blocks.ListBlock(blocks.CharBlock(), label=__("Items"), min_num=1)

    class Meta:
        icon = "tasks"
        label = __("Checklist")
        template = "curricula/blocks/checklist.html"


class ReflectionBlock(blocks.StructBlock):
    prompt = blocks.CharBlock(label=__("Question to think about"), max_length=500)

    class Meta:
        icon = "edit"
        label = __("Reflection (stays in the browser)")
        template = "curricula/blocks/reflection.html"


class HandoutBlock(blocks.StructBlock):
    title = blocks.CharBlock(label=__("Title"))
    text = blocks.RichTextBlock(label=__("Text"), features=PROSE_FEATURES)

    class Meta:
        icon = "doc-full"
        label = __("Handout")
        template = "curricula/blocks/handout.html"


class GlossaryBlock(blocks.StructBlock):
    term = blocks.CharBlock(label=__("Term"))
    meaning = blocks.CharBlock(label=__("Meaning"), max_length=600)

    class Meta:
        icon = "openquote"
        label = __("Glossary term")
        template = "curricula/blocks/glossary.html"


class TrainerNoteBlock(blocks.StructBlock):
    """Rendered only where the view says that the reader is a trainer; absent from everything else."""

    text = blocks.RichTextBlock(label=__("Note"), features=PROSE_FEATURES)

    class Meta:
        icon = "user"
        label = __("Trainer-only note")
        template = "curricula/blocks/trainer_note.html"

    def get_searchable_content(self, value: Any) -> list[str]:
        return []


class SensitiveBlock(blocks.StructBlock):
    note = blocks.CharBlock(label=__("What the part contains"), max_length=300)
    text = blocks.RichTextBlock(label=__("The part"), features=PROSE_FEATURES)
    summary = blocks.RichTextBlock(label=__("Short summary with the same facts"), features=PROSE_FEATURES)

    class Meta:
        icon = "warning"
        label = __("Sensitive part")
        template = "curricula/blocks/sensitive.html"


class ContentBlock(blocks.StreamBlock):
    """What may stand inside a section."""

    text = blocks.RichTextBlock(label=__("Text"), features=PROSE_FEATURES, template="curricula/blocks/text.html")
    image = ImageBlock()
    video = VideoBlock()
    callout = CalloutBlock()
    practice = PracticeBlock()
    checklist = ChecklistBlock()
    reflection = ReflectionBlock()
    handout = HandoutBlock()
    glossary = GlossaryBlock()
    trainer_note = TrainerNoteBlock()
    sensitive = SensitiveBlock()


class SectionBlock(blocks.StructBlock):
    """One screen of the player; a learner's place is its block id."""

    title = blocks.CharBlock(label=__("Title of the section"))
    content = ContentBlock(label=__("Content"))

    class Meta:
        icon = "list-ul"
        label = __("Section")
        template = "curricula/blocks/section.html"


class BodyBlock(blocks.StreamBlock):
    section = SectionBlock()


class HelpLineBlock(blocks.StructBlock):
    """A number that is shown to people who need help now."""

    number = blocks.CharBlock(label=__("Number as printed"))
    href = blocks.CharBlock(label=__("Link"), help_text=__("tel:… or sms:…"))
    name = blocks.CharBlock(label=__("Who answers"))
    text = blocks.CharBlock(label=__("When to use it"))
    text_es = blocks.CharBlock(label=__("When to use it, in Spanish"))
    last_checked_on = blocks.DateBlock(label=__("Last checked on"))

    class Meta:
        icon = "mobile-alt"
        label = __("Help line")
