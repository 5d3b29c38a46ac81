"""The form that a learner answers a question with, and those that an author writes questions with."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import ProhibitNullCharactersValidator
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm

from lms.accounts.models import Person
from lms.accounts.selectors import find_by_email
from lms.privacy.fields import GuardedTextField
from lms.privacy.validators import validate_no_identifiers

from .enums import CHOICE_KINDS, SURVEY_KINDS, TEXT_KINDS, QuestionKind, QuizKind
from .formats import MAX_BYTES
from .grading import read_number
from .markup import clean_block, clean_inline
from .models import AttemptQuestion, Quiz

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

LONGEST_TEXT = {QuestionKind.SHORT_TEXT: 200, QuestionKind.NUMERIC: 40, QuestionKind.FREE_TEXT: 1_000}


class Foreign(ValidationError):
    """What was sent is nothing that the question's page offers."""


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """One line of a question's form: a choice, or a prompt with a list of what to choose for it."""

    key: str
    text: str
    is_chosen: bool = False
    options: Sequence[tuple[str, str, bool]] = ()
    """Value, text, and whether it is chosen."""


class PostedList(forms.Widget):
    """Hands over every posted value; the page itself draws the fields."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        return data.getlist(name) if hasattr(data, "getlist") else list(data.get(name, []))


class AnswerField(forms.Field):
    """What was given for one question, as ``quizzes.grading`` reads it; errors are in words for the learner."""

    widget = PostedList

    def __init__(self, question: AttemptQuestion) -> None:
        super().__init__()
        self.question = question

    def clean(self, value: list[str]) -> list[int | str]:
        given = [one for one in value if one.strip()]
        kind = QuestionKind(self.question.kind)
        if not given:
            raise ValidationError(ASK_FOR[kind], code="required")
        if kind in TEXT_KINDS:
            return [self._read_text(given, kind)]
        if kind == QuestionKind.MATCHING and len(given) < len(value):
            raise ValidationError(_("Choose something for every line. Your other lines are still here."), code="open")
        if kind == QuestionKind.ORDERING:
            return self._read_places(value)
        return [self._read_id(one) for one in given]

    def _read_id(self, value: str) -> int:
        # Python reads the digits of every script; a page sends those of this one.
        if not (value.isascii() and value.isdigit() and len(value) < 19):
            raise Foreign(_("This is not one of the choices."), code="foreign")
        return int(value)

    def _read_places(self, value: list[str]) -> list[int | str]:
        """From a place for each line to the lines in their order."""
        places = [self._read_id(one) if one.strip() else 0 for one in value]
        lines = self.question.choices
        if len(places) != len(lines) or not set(places) <= set(range(len(lines) + 1)):
            raise Foreign(_("This is not one of the places."), code="foreign")
        if sorted(places) != list(range(1, len(lines) + 1)):
            raise ValidationError(_("Give every line a place, and each place once."), code="open")
        placed = sorted(zip(places, lines, strict=True), key=lambda pair: pair[0])
        return [line["id"] for _place, line in placed]

    def _read_text(self, given: list[str], kind: QuestionKind) -> str:
        if len(given) > 1:
            raise Foreign(_("One answer is asked for."), code="foreign")
        text = given[0].strip()
        ProhibitNullCharactersValidator()(text)
        if len(text) > LONGEST_TEXT[kind]:
            words = _("Shorten your answer to %(most)s characters; it has %(number)s.")
            raise ValidationError(words, code="long", params={"most": LONGEST_TEXT[kind], "number": len(text)})
        if kind == QuestionKind.NUMERIC and read_number(text) is None:
            raise ValidationError(_("Write a number in figures, such as 12 or 2.5."), code="number")
        validate_no_identifiers(text)
        return text


ASK_FOR = {
    QuestionKind.SINGLE: _("Choose an answer, then go on."),
    QuestionKind.TRUE_FALSE: _("Choose an answer, then go on."),
    QuestionKind.LIKERT: _("Choose an answer, then go on."),
    QuestionKind.MULTIPLE: _("Choose an answer, then go on."),
    QuestionKind.MATCHING: _("Choose something for every line, then go on."),
    QuestionKind.ORDERING: _("Give every line a place, then go on."),
    QuestionKind.SHORT_TEXT: _("Write an answer, then go on."),
    QuestionKind.NUMERIC: _("Write a number, then go on."),
    QuestionKind.FREE_TEXT: _("Write an answer, then go on."),
}


class QuestionForm(forms.Form):
    """The answer to one question, ``chosen``, with what tells one page's messages from another's.

    ``page`` is the token of the page that sends it, ``revision`` that of the saved answer which it showed, and
    ``sequence`` the number that its script gives each message.
    """

    # The browser's own words would stand in the way of ours.
    use_required_attribute = False

    page = forms.UUIDField(required=False, widget=forms.HiddenInput)
    revision = forms.IntegerField(required=False, min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)
    sequence = forms.IntegerField(required=False, min_value=0, max_value=2**53, widget=forms.HiddenInput)

    def __init__(self, *args: Any, question: AttemptQuestion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.question = question
        self.fields["chosen"] = AnswerField(question)

    def is_foreign(self) -> bool:
        """Whether something was sent that the page does not offer, as distinct from too little or too much."""
        return any(isinstance(error, Foreign) for error in self.errors.as_data().get("chosen", ())) or bool(
            self.errors.keys() - {"chosen"}
        )

    @property
    def message(self) -> dict[str, Any]:
        """What ``save_response`` needs to know about the page that sent the answer."""
        return {
            "page": self.cleaned_data["page"],
            "revision": self.cleaned_data["revision"],
            "sequence": self.cleaned_data["sequence"] or 0,
        }

    def given(self) -> list[str]:
        """What the fields of the page hold: what was sent, else what is saved."""
        if self.is_bound:
            return [str(value) for value in self["chosen"].value() or []]
        return list_posted(self.question, self.question.chosen)

    def lines(self) -> list[AnswerLine]:
        """The lines of the page: choices, or prompts each with its list."""
        question, given = self.question, self.given()
        if question.kind in CHOICE_KINDS:
            return [
                AnswerLine(str(choice["id"]), choice["text"], str(choice["id"]) in given) for choice in question.choices
            ]
        if question.kind == QuestionKind.MATCHING:
            offered = [(str(option["id"]), option["text"]) for option in question.options]
        else:
            offered = [(str(place), str(place)) for place in range(1, len(question.choices) + 1)]
        chosen = given if len(given) == len(question.choices) else [""] * len(question.choices)
        return [
            AnswerLine(
                str(choice["id"]), choice["text"], options=[(value, text, value == one) for value, text in offered]
            )
            for choice, one in zip(question.choices, chosen, strict=True)
        ]

    def text(self) -> str:
        """The one text of the page."""
        return next(iter(self.given()), "")


def list_posted(question: AttemptQuestion, chosen: Sequence[int | str]) -> list[str]:
    """Return an answer as the page's fields post it: for ordering, the place of each line."""
    if question.kind == QuestionKind.ORDERING:
        return [str(chosen.index(choice["id"]) + 1) if choice["id"] in chosen else "" for choice in question.choices]
    return [str(value) for value in chosen]


def new_page_token() -> uuid.UUID:
    """Return a token for a page that is about to be shown."""
    return uuid.uuid4()


class QuestionAdminForm(WagtailAdminModelForm):
    """A question as its author writes it: its lines must fit its kind, its HTML is cleaned."""

    def clean_stem(self) -> str:
        return clean_inline(self.cleaned_data["stem"])

    def clean_explanation(self) -> str:
        return clean_block(self.cleaned_data["explanation"])

    def clean_tags(self) -> str:
        tags = (tag.strip().lower() for tag in self.cleaned_data["tags"].split(","))
        return ", ".join(dict.fromkeys(tag for tag in tags if tag))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        choices = self.formsets["choices"]
        if choices.is_valid() and (kind := cleaned.get("kind")):
            lines = [form.cleaned_data for form in choices.forms if form not in choices.deleted_forms]
            if problem := find_problem(kind, lines):
                self.add_error("kind", problem)
            else:
                self._check_variants(kind, len(lines))
        return cleaned

    def _check_variants(self, kind: str, number: int) -> None:
        variants = self.formsets.get("variants")
        if variants is None or not variants.is_valid() or kind == QuestionKind.FREE_TEXT:
            return
        for form in variants.forms:
            if form in variants.deleted_forms or not form.cleaned_data:
                continue
            for name in ("texts", "matches", "feedback"):
                count = len(form.cleaned_data.get(name, "").splitlines())
                needed = name == "texts" or (name == "matches" and kind == QuestionKind.MATCHING)
                if (count or needed) and count != number:
                    words = _("Write %(number)s lines, one for each line of the question; there are %(count)s.")
                    form.add_error(name, ValidationError(words, params={"number": number, "count": count}))
                    self.add_error(None, _("A variant in another language does not have the question’s lines."))


Lines = Sequence[Mapping[str, Any]]


def find_problem(kind: str, lines: Lines) -> StrOrPromise:
    """Say why these lines (text, match, right, share) do not make a question of this kind; empty if they do."""
    kind = QuestionKind(kind)
    if kind != QuestionKind.MATCHING and any(not line.get("text") for line in lines):
        return _("Every line needs a text.")
    return RULES[kind](lines)


def _choice_problem(lines: Lines) -> StrOrPromise:
    if len(lines) < 2:
        return _("A question needs at least two choices.")
    return "" if sum(bool(line.get("right")) for line in lines) == 1 else _("Mark exactly one choice as right.")


def _true_false_problem(lines: Lines) -> StrOrPromise:
    if len(lines) != 2:
        return _("A true or false question has exactly two choices.")
    return _choice_problem(lines)


def _multiple_problem(lines: Lines) -> StrOrPromise:
    if len(lines) < 2:
        return _("A question needs at least two choices.")
    shares = [line["share"] for line in lines if line.get("share") is not None]
    if shares:
        most = sum(share for share in shares if share > 0)
        return "" if most >= 99 else _("The shares of the right choices must come to 100 percent.")
    return "" if any(line.get("right") for line in lines) else _("Mark at least one choice as right.")


def _matching_problem(lines: Lines) -> StrOrPromise:
    if any(not line.get("match") for line in lines):
        return _("Every line needs what matches it. A line without a text is an option that matches nothing.")
    if sum(bool(line.get("text")) for line in lines) < 2:
        return _("Matching needs at least two lines with a text.")
    return "" if len({line["match"] for line in lines}) > 1 else _("Matching needs at least two different options.")


def _ordering_problem(lines: Lines) -> StrOrPromise:
    if len(lines) < 2:
        return _("Putting in order needs at least two lines, written in their right order.")
    texts = {line["text"] for line in lines}
    return "" if len(texts) == len(lines) else _("Two lines read the same, so that nobody could tell their places.")


def _accepted_problem(lines: Lines) -> StrOrPromise:
    if not lines:
        return _("Write at least one accepted answer.")
    full = any(line.get("share") is None or line["share"] == 100 for line in lines)
    return "" if full else _("At least one accepted answer must be worth the whole point.")


def _numeric_problem(lines: Lines) -> StrOrPromise:
    if any(read_number(line["text"]) is None for line in lines):
        return _("Every accepted answer must be a number in figures, such as 12 or 2.5.")
    return _accepted_problem(lines)


def _likert_problem(lines: Lines) -> StrOrPromise:
    return "" if len(lines) >= 2 else _("A scale needs at least two steps, from one end to the other.")


def _free_text_problem(lines: Lines) -> StrOrPromise:
    return _("Free text has no choices: take them out.") if lines else ""


RULES: dict[QuestionKind, Callable[[Lines], StrOrPromise]] = {
    QuestionKind.SINGLE: _choice_problem,
    QuestionKind.TRUE_FALSE: _true_false_problem,
    QuestionKind.MULTIPLE: _multiple_problem,
    QuestionKind.MATCHING: _matching_problem,
    QuestionKind.ORDERING: _ordering_problem,
    QuestionKind.SHORT_TEXT: _accepted_problem,
    QuestionKind.NUMERIC: _numeric_problem,
    QuestionKind.LIKERT: _likert_problem,
    QuestionKind.FREE_TEXT: _free_text_problem,
}


class QuizAdminForm(WagtailAdminModelForm):
    """A quiz with its questions; a question that somebody was asked can be retired, not deleted."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        questions = self.formsets["questions"]
        if questions.is_valid():
            self._check_kinds(cleaned.get("kind"), questions)
        removed = [form.instance.pk for form in questions.deleted_forms] if questions.is_valid() else []
        asked = AttemptQuestion.objects.filter(question__in=removed).values_list("question__code", flat=True).distinct()
        if codes := ", ".join(sorted(asked)):
            words = _(
                "People have answered these questions, so they are kept: %(codes)s. Tick “no longer asked” instead."
            )
            self.add_error(None, forms.ValidationError(words, params={"codes": codes}))
        self._check_companions(cleaned)
        opens_at, closes_at = cleaned.get("opens_at"), cleaned.get("closes_at")
        if opens_at and closes_at and closes_at <= opens_at:
            self.add_error("closes_at", _("The quiz must close after it opens."))
        return cleaned

    def _check_companions(self, cleaned: dict[str, Any]) -> None:
        pre_test, survey = cleaned.get("pre_test"), cleaned.get("survey")
        if pre_test and (pre_test == self.instance or pre_test.is_survey):
            self.add_error("pre_test", _("A pre-test is another quiz that is graded."))
        if survey and not survey.is_survey:
            self.add_error("survey", _("Choose a survey: nothing in it is graded."))

    def _check_kinds(self, kind: str | None, questions: Any) -> None:
        for form in questions.forms:
            if form in questions.deleted_forms or kind == QuizKind.SURVEY:
                continue
            if form.cleaned_data.get("kind") in SURVEY_KINDS:
                form.add_error("kind", _("Agreement and free text belong in surveys: nothing in them can be graded."))
                self.add_error(None, _("A question’s kind belongs in surveys only."))


class RegradeForm(forms.Form):
    """Why a key is corrected."""

    reason = GuardedTextField(
        label=_("Why is the key corrected?"),
        max_length=500,
        widget=forms.Textarea({"rows": 3, "class": "usa-textarea"}),
    )


class DecisionForm(forms.Form):
    """Whether a corrected key takes a pass away, and why. The page draws a form for each line."""

    reason = GuardedTextField(max_length=500)
    line = forms.IntegerField()
    withdraw = forms.TypedChoiceField(choices=[("yes", ""), ("no", "")], coerce=lambda value: value == "yes")


class TimeForm(forms.Form):
    """More time for one of these people, named by the address they sign in with."""

    email = forms.EmailField(label=_("Their work e-mail"))
    quiz = forms.ModelChoiceField(
        label=_("Quiz"), queryset=Quiz.objects.order_by("title"), required=False, empty_label=_("Every quiz")
    )
    extra_percent = forms.IntegerField(
        label=_("How much more, in percent"),
        min_value=1,
        max_value=900,
        initial=50,
        help_text=_("50: a limit of 20 minutes becomes 30."),
    )

    def __init__(self, *args: Any, people: QuerySet[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = people

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if email := cleaned.get("email"):
            known = find_by_email([email]).get(email.lower())
            person = self.people.filter(pk=known.pk).first() if known else None
            if person is None:
                self.add_error("email", _("None of your people has this address."))
            cleaned["person"] = person
        return cleaned


class ImportForm(forms.Form):
    """A question file, and the language it is written in."""

    file = forms.FileField(
        label=_("Question file"),
        help_text=_("GIFT (.gift, .txt), Moodle XML (.xml), Aiken (.txt) or our own (.yaml); up to 10 MB."),
        error_messages={"empty": _("This file is empty. Choose another one.")},
    )
    language = forms.ChoiceField(label=_("Language of the questions"), choices=settings.LANGUAGES)

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > MAX_BYTES:
            raise ValidationError(_("The file is larger than 10 MB. Split it and send the parts."))
        return file
