"""Every block of the content: what an author puts into a section, in the words authors use."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __
from wagtail import blocks
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.images.blocks import ImageChooserBlock

# The groups in which the block chooser offers them.
TO_READ, TO_DO, TO_TAKE_ALONG, FOR_TRAINERS = __("To read"), __("To do"), __("To take along"), __("For trainers")

PROSE_FEATURES = ["h3", "bold", "italic", "ol", "ul", "link", "document-link"]


class ImageBlock(blocks.StructBlock):
    image = ImageChooserBlock(label=__("Image"))
    alt_text = blocks.CharBlock(
        label=__("Text alternative"),
        required=False,
        max_length=250,
        help_text=__("What the image tells, in words, for readers who don't see it."),
    )
    decorative = blocks.BooleanBlock(
        label=__("Only decorative"),
        required=False,
        help_text=__("The page says the same without it. Then no text alternative is needed."),
    )
    caption = blocks.CharBlock(label=__("Caption"), required=False, help_text=__("Printed below the image."))

    class Meta:
        icon = "image"
        group = TO_READ
        label = __("Image")
        description = __("A picture or a drawing with what it tells in words. No photographs of children.")
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
    captions = DocumentChooserBlock(
        label=__("Captions (WebVTT)"), help_text=__("A .vtt file with all that is said and heard.")
    )
    transcript = blocks.RichTextBlock(
        label=__("Transcript"),
        features=PROSE_FEATURES,
        help_text=__("All that is said and shown, for those who read it instead."),
    )
    seconds = blocks.IntegerBlock(
        label=__("Length in seconds"),
        min_value=1,
        max_value=7200,
        help_text=__("Counts once toward the credit hours."),
    )

    class Meta:
        icon = "media"
        group = TO_READ
        label = __("Video")
        label_format = __("Video: {title}")
        description = __("A film of our own, with captions and a transcript.")
        template = "curricula/blocks/video.html"


class CalloutBlock(blocks.StructBlock):
    title = blocks.CharBlock(
        label=__("Title"), required=False, help_text=__("Empty: the text stands alone in its frame.")
    )
    text = blocks.RichTextBlock(label=__("Text"), features=PROSE_FEATURES)

    class Meta:
        icon = "pick"
        group = TO_READ
        label = __("Words to carry away")
        label_format = __("Words to carry away: {title}")
        description = __("The sentence of this section that readers should remember, in a frame.")
        preview_value = {
            "title": __("Remember"),
            "text": __("<p>You do not have to prove anything before you report a reasonable suspicion.</p>"),
        }
        template = "curricula/blocks/callout.html"


class PracticeChoiceBlock(blocks.StructBlock):
    text = blocks.CharBlock(
        label=__("What I could do"), max_length=300, help_text=__("In the words of the learner: “I ask whether …”")
    )
    feedback = blocks.RichTextBlock(
        label=__("What happens, and why"),
        features=PROSE_FEATURES,
        help_text=__("What follows from this choice; for a poor one, without blame."),
    )
    goto = blocks.RegexBlock(
        regex=r"^[a-z0-9-]*$",
        label=__("Next step"),
        required=False,
        help_text=__("The name of a step further down. Empty: the case ends here."),
        error_messages={"invalid": __("The name of a step: small letters, digits and hyphens.")},
    )

    class Meta:
        label_format = "{text}"


class PracticeStepBlock(blocks.StructBlock):
    id = blocks.RegexBlock(
        regex=r"^[a-z0-9-]+$",
        label=__("Name of the step"),
        help_text=__("Small letters, digits and hyphens, such as second-visit. Choices lead here by this name."),
        error_messages={"invalid": __("Use small letters, digits and hyphens only.")},
    )
    text = blocks.RichTextBlock(
        label=__("Situation"), features=PROSE_FEATURES, help_text=__("Invented. Nobody's real case, not even changed.")
    )
    choices = blocks.ListBlock(PracticeChoiceBlock(), label=__("Choices"), min_num=2, max_num=5)

    class Meta:
        label_format = "{id}"


PRACTICE_PREVIEW = {
    "title": __("The front desk"),
    "minutes": 2,
    "intro": __("<p>You work at the front desk of a clinic.</p>"),
    "steps": [
        {
            "id": "start",
            "text": __("<p>A girl of about 14 waits while an older man answers every question for her.</p>"),
            "choices": [
                {
                    "text": __("I ask to see her alone for a moment, as we do with every patient."),
                    "feedback": __("<p>A routine that holds for everybody gives her a safe minute.</p>"),
                    "goto": "",
                },
                {
                    "text": __("I ask the man who he is."),
                    "feedback": __("<p>He may take her away, and she may pay for the question later.</p>"),
                    "goto": "",
                },
            ],
        }
    ],
}


class PracticeBlock(blocks.StructBlock):
    """A branching case. It needs no script: a choice is a ``<details>`` with its feedback and the next step inside."""

    title = blocks.CharBlock(label=__("Title"))
    minutes = blocks.IntegerBlock(
        label=__("Minutes it takes"),
        min_value=1,
        max_value=15,
        help_text=__("For somebody who tries each choice once, 1 to 15. Counts toward the credit hours."),
    )
    intro = blocks.RichTextBlock(
        label=__("Introduction"), features=PROSE_FEATURES, help_text=__("Who the learner is in this case, and where.")
    )
    steps = blocks.ListBlock(
        PracticeStepBlock(),
        label=__("Steps; the first one is the start"),
        min_num=1,
        help_text=__("A case goes forward only: each choice leads to a step below, or ends the case."),
    )

    class Meta:
        icon = "help"
        group = TO_DO
        label = __("Practice case")
        label_format = __("Practice case: {title}")
        description = __("An invented situation with choices. Each choice tells what follows, and may lead on.")
        preview_value = PRACTICE_PREVIEW
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
    items = blocks.ListBlock(
        blocks.CharBlock(), label=__("Items"), min_num=1, help_text=__("One thing to do or to look at in each.")
    )

    class Meta:
        icon = "tasks"
        group = TO_TAKE_ALONG
        label = __("Checklist")
        label_format = __("Checklist: {title}")
        description = __("Things to do or to look at. Nothing is stored: it is for reading and printing.")
        preview_value = {
            "title": __("Before you end the conversation"),
            "items": [__("Say what happens next, and when."), __("Ask whether it is safe to call.")],
        }
        template = "curricula/blocks/checklist.html"


class ReflectionBlock(blocks.StructBlock):
    prompt = blocks.CharBlock(
        label=__("Question to think about"),
        max_length=500,
        help_text=__("Ask about the learner's own work, never about a child they know."),
    )

    class Meta:
        icon = "edit"
        group = TO_DO
        label = __("Reflection (stays in the browser)")
        label_format = __("Reflection: {prompt}")
        description = __("A question with room to write. What is written stays in the learner's browser.")
        preview_value = {"prompt": __("Which of these signs would you have taken for something else a year ago?")}
        template = "curricula/blocks/reflection.html"


class HandoutBlock(blocks.StructBlock):
    title = blocks.CharBlock(label=__("Title"))
    text = blocks.RichTextBlock(
        label=__("Text"), features=PROSE_FEATURES, help_text=__("Half a page at most. It has to work on paper.")
    )

    class Meta:
        icon = "doc-full"
        group = TO_TAKE_ALONG
        label = __("Handout")
        label_format = __("Handout: {title}")
        description = __("A sheet to print and keep on the desk. It does not count as reading time.")
        preview_value = {
            "title": __("Whom to call"),
            "text": __("<p>In danger now: 911. A suspicion: the county's child abuse hotline, at any hour.</p>"),
        }
        template = "curricula/blocks/handout.html"


class GlossaryBlock(blocks.StructBlock):
    term = blocks.CharBlock(label=__("Term"))
    meaning = blocks.CharBlock(
        label=__("Meaning"), max_length=600, help_text=__("In words that somebody new to the work understands.")
    )

    class Meta:
        icon = "openquote"
        group = TO_READ
        label = __("Glossary term")
        label_format = __("Glossary term: {term}")
        description = __("A word of the field and what it means.")
        preview_value = {
            "term": __("Reasonable suspicion"),
            "meaning": __("What would make a person with your training suspect abuse. It needs no proof."),
        }
        template = "curricula/blocks/glossary.html"


class TrainerNoteBlock(blocks.StructBlock):
    """Rendered only where the view says that the reader is a trainer; absent from everything else."""

    text = blocks.RichTextBlock(
        label=__("Note"),
        features=PROSE_FEATURES,
        help_text=__("How to run this part in a room. Learners never get it, not even in the page's source."),
    )

    class Meta:
        icon = "user"
        group = FOR_TRAINERS
        label = __("Trainer-only note")
        description = __("For the facilitator's guide only.")
        template = "curricula/blocks/trainer_note.html"

    def get_searchable_content(self, value: Any) -> list[str]:
        return []


class SensitiveBlock(blocks.StructBlock):
    note = blocks.CharBlock(
        label=__("What the part contains"),
        max_length=300,
        help_text=__("Read before the choice: what it is about and how intense, in one calm sentence."),
    )
    text = blocks.RichTextBlock(label=__("The part"), features=PROSE_FEATURES)
    summary = blocks.RichTextBlock(
        label=__("Short summary with the same facts"),
        features=PROSE_FEATURES,
        help_text=__("Whoever reads only this must be able to pass the quiz. Which one is read is never recorded."),
    )

    class Meta:
        icon = "warning"
        group = TO_READ
        label = __("Sensitive part")
        label_format = __("Sensitive part: {note}")
        description = __("A text that may be hard to read, with an equal alternative. The reader chooses.")
        preview_value = {
            "note": __("Describes how a recruiter wins trust. No violence is described."),
            "text": __("<p>He listened for weeks before he asked for anything.</p>"),
            "summary": __("<p>Recruiters often give attention first and ask later.</p>"),
        }
        template = "curricula/blocks/sensitive.html"


class ContentBlock(blocks.StreamBlock):
    """What may stand inside a section."""

    text = blocks.RichTextBlock(
        label=__("Text"),
        features=PROSE_FEATURES,
        template="curricula/blocks/text.html",
        group=TO_READ,
        description=__("Paragraphs, headings inside the section, lists and links."),
        preview_value=__("<h3>A heading</h3><p>Short paragraphs of two to four sentences, in plain words.</p>"),
    )
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

    title = blocks.CharBlock(
        label=__("Title of the section"), help_text=__("Shown in the step indicator: what the learner gets here.")
    )
    content = ContentBlock(
        label=__("Content"), help_text=__("What fits in five minutes: a few paragraphs and one thing to do.")
    )

    class Meta:
        icon = "list-ul"
        label = __("Section")
        label_format = "{title}"
        template = "curricula/blocks/section.html"


class BodyBlock(blocks.StreamBlock):
    section = SectionBlock()

    class Meta:
        # An author sees the course of the sections first, by their titles, and opens the one to work on.
        collapsed = True


class StepBlock(blocks.StructBlock):
    """One step of the response, with the course that it begins with."""

    title = blocks.CharBlock(label=__("Title"))
    text = blocks.TextBlock(label=__("Text"))
    course = blocks.RegexBlock(
        regex=r"^[a-z0-9-]+$",
        required=False,
        label=__("Code of its first course"),
        help_text=__("Such as csec-101. The link appears when the course is online."),
        error_messages={"invalid": __("A code has small letters, digits and hyphens.")},
    )

    class Meta:
        icon = "arrow-right"
        label = __("Step")
        label_format = "{title}"


class HelpLineBlock(blocks.StructBlock):
    """A number that is shown to people who need help now, in the words of its readers."""

    label = blocks.CharBlock(label=__("What to do"), help_text=__("The large words: Call 911."))
    label_es = blocks.CharBlock(label=__("What to do, in Spanish"))
    href = blocks.RegexBlock(
        regex=r"^(tel|sms):\+?[0-9-]{3,20}$",
        label=__("Link"),
        help_text=__("tel: or sms: and the digits, such as tel:911. A phone calls or texts it at a touch."),
        error_messages={"invalid": __("Begin with tel: or sms:, then digits and hyphens only.")},
    )
    name = blocks.CharBlock(label=__("Who answers"))
    name_es = blocks.CharBlock(label=__("Who answers, in Spanish"))
    text = blocks.CharBlock(label=__("When to use it"))
    text_es = blocks.CharBlock(label=__("When to use it, in Spanish"))
    hours = blocks.CharBlock(label=__("Hours"))
    hours_es = blocks.CharBlock(label=__("Hours, in Spanish"))
    languages = blocks.CharBlock(label=__("Languages"))
    languages_es = blocks.CharBlock(label=__("Languages, in Spanish"))
    last_checked_on = blocks.DateBlock(
        label=__("Last checked on"), help_text=__("The day somebody called this number. Printed beside it.")
    )

    class Meta:
        icon = "mobile-alt"
        label = __("Help line")
        label_format = "{label}: {name}"
