"""The form that a learner answers a question with, and those that an author writes questions with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm

from .enums import QuestionKind
from .markup import clean_block, clean_inline
from .models import AttemptQuestion

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


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


class QuestionAdminForm(WagtailAdminModelForm):
    """A question as its author writes it: its choices must fit its kind, its HTML is cleaned."""

    def clean_stem(self) -> str:
        return clean_inline(self.cleaned_data["stem"])

    def clean_explanation(self) -> str:
        return clean_block(self.cleaned_data["explanation"])

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        choices = self.formsets["choices"]
        if choices.is_valid() and (kind := cleaned.get("kind")):
            rights = [form.cleaned_data["right"] for form in choices.forms if form not in choices.deleted_forms]
            if problem := choices_problem(kind, rights):
                self.add_error("kind", problem)
        return cleaned


def choices_problem(kind: str, rights: Sequence[bool]) -> StrOrPromise:
    """Say why these choices (right or not, in order) do not make a question of this kind; empty if they do."""
    if kind == QuestionKind.TRUE_FALSE and len(rights) != 2:
        return _("A true or false question has exactly two choices.")
    if len(rights) < 2:
        return _("A question needs at least two choices.")
    if kind == QuestionKind.MULTIPLE:
        return "" if any(rights) else _("Mark at least one choice as right.")
    return "" if sum(rights) == 1 else _("Mark exactly one choice as right.")


class QuizAdminForm(WagtailAdminModelForm):
    """A quiz with its questions; a question that somebody was asked can be retired, not deleted."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        questions = self.formsets["questions"]
        removed = [form.instance.pk for form in questions.deleted_forms] if questions.is_valid() else []
        asked = AttemptQuestion.objects.filter(question__in=removed).values_list("question__code", flat=True).distinct()
        if codes := ", ".join(sorted(asked)):
            words = _(
                "People have answered these questions, so they are kept: %(codes)s. Tick “no longer asked” instead."
            )
            self.add_error(None, forms.ValidationError(words, params={"codes": codes}))
        return cleaned
