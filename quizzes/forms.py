"""The form of one question."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .enums import QuestionKind
from .models import AttemptQuestion


class AnswerField(forms.TypedMultipleChoiceField):
    """Choice ids as integers; a question that takes one answer shows radio tiles, one that takes several, boxes."""

    def __init__(self, question: AttemptQuestion) -> None:
        several = question.kind == QuestionKind.MULTIPLE
        look = "usa-checkbox" if several else "usa-radio"
        widget = forms.CheckboxSelectMultiple if several else ChosenRadioSelect
        super().__init__(
            choices=[(choice["id"], choice["text"]) for choice in question.choices],
            coerce=int,
            widget=widget(attrs={"class": f"{look}__input {look}__input--tile"}),
            error_messages={"required": _("Choose an answer, then go on.")},
        )

    def to_python(self, value: Any) -> list[str]:
        return super().to_python([choice for choice in value or [] if choice])


class ChosenRadioSelect(forms.RadioSelect):
    """Radio buttons that hand over every posted value, so that two at once are noticed and refused."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        return data.getlist(name)


class QuestionForm(forms.Form):
    """The choices of one question; ``chosen`` holds the ids of what was picked."""

    # The browser's own words would stand in the way of ours.
    use_required_attribute = False

    def __init__(self, *args: Any, question: AttemptQuestion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.question = question
        self.fields["chosen"] = AnswerField(question)

    def is_empty(self) -> bool:
        """Whether nothing was chosen, as distinct from something that the question does not offer."""
        return self.has_error("chosen", "required")
