"""What a manager enters to assign, waive, record and correct."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from curricula.models import Course
from lms.accounts.models import Person
from lms.accounts.selectors import find_by_email
from lms.compliance.models import Requirement
from lms.learning.enums import CompletionMode
from lms.portal.services import Taken
from lms.privacy.fields import WARNING, GuardedCharField, GuardedTextField

from .outside import QuarterHoursField


def _day(**kwargs: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(widget=widget, **kwargs)


def _reason(label: Any) -> GuardedTextField:
    return GuardedTextField(label=label, max_length=500, widget=forms.Textarea(attrs={"rows": 3}), help_text=WARNING)


class AssignForm(forms.Form):
    """Which course, by when, and whether it is owed."""

    course = forms.ModelChoiceField(label=gettext_lazy("Course"), queryset=Course.objects.order_by("title"))
    due_on = _day(label=gettext_lazy("Last day"))
    owed = forms.ChoiceField(
        label=gettext_lazy("What it means"),
        choices=[
            ("owed", gettext_lazy("They must do it by this day. It counts in the figures.")),
            ("offered", gettext_lazy("It is offered. Nothing falls due, and no figure changes.")),
        ],
        initial="owed",
        widget=forms.RadioSelect,
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["due_on"].initial = today + timedelta(days=30)

    def clean_due_on(self) -> date:
        day: date = self.cleaned_data["due_on"]
        if day < self.today:
            raise forms.ValidationError(_("The day has passed. Choose today or a later day."), code="past")
        if day > self.today + timedelta(days=3660):
            raise forms.ValidationError(_("This is more than ten years ahead."), code="far")
        return day


class WaiveForm(forms.Form):
    """From which rule, for which days, why and by whose word."""

    requirement = forms.ModelChoiceField(label=gettext_lazy("Requirement"), queryset=Requirement.objects.none())
    first_on = _day(label=gettext_lazy("From"))
    last_on = _day(
        label=gettext_lazy("Last day"), required=False, help_text=gettext_lazy("Leave empty for a waiver without end.")
    )
    reason = _reason(gettext_lazy("Reason"))
    approver = forms.EmailField(
        label=gettext_lazy("Approved by (work e-mail)"),
        required=False,
        help_text=gettext_lazy("Leave empty if you approve it yourself."),
    )

    def __init__(self, *args: Any, requirements: Collection[int], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["requirement"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Requirement.objects.filter(pk__in=requirements)
        self.fields["first_on"].initial = today

    def clean_approver(self) -> Person | None:
        address: str = self.cleaned_data["approver"]
        if not address:
            return None
        person = find_by_email([address]).get(address.lower())
        if person is None or not person.is_active:
            raise forms.ValidationError(_("Nobody here signs in with this address."), code="unknown")
        return person

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("first_on"), cleaned.get("last_on")
        if first and last and last < first:
            self.add_error("last_on", _("The last day comes before the first."))
        return cleaned

    @property
    def valid_until(self) -> date | None:
        """The first day that is no longer waived."""
        last: date | None = self.cleaned_data["last_on"]
        return last + timedelta(days=1) if last and last < date.max else None


class TakenForm(forms.Form):
    """How a course was taken, and why it is written down by hand."""

    started_on = _day(label=gettext_lazy("First day"))
    completed_on = _day(label=gettext_lazy("Last day"))
    mode = forms.ChoiceField(label=gettext_lazy("How"), choices=CompletionMode.choices, initial="in_person")
    hours = QuarterHoursField(
        label=gettext_lazy("Hours"), required=False, help_text=gettext_lazy("Leave empty for the hours of the course.")
    )
    place = GuardedCharField(label=gettext_lazy("Place"), max_length=200, required=False)
    instructor = GuardedCharField(label=gettext_lazy("Instructor"), max_length=200, required=False)
    reason = _reason(gettext_lazy("What shows it"))

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        start, end = cleaned.get("started_on"), cleaned.get("completed_on")
        if end and end > self.today:
            self.add_error("completed_on", _("This day is still to come."))
        if start and end and start > end:
            self.add_error("completed_on", _("The last day comes before the first."))
        return cleaned

    @property
    def taken(self) -> Taken:
        names = ("started_on", "completed_on", "mode", "hours", "place", "instructor")
        return Taken(**{name: self.cleaned_data[name] for name in names})


class RecordForm(TakenForm):
    """A completion that the site does not know: which course, and how it was taken."""

    course = forms.ModelChoiceField(label=gettext_lazy("Course"), queryset=Course.objects.order_by("title"))
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    field_order = ("course",)


class CorrectForm(TakenForm):
    """What was true of a completion, or that it was none."""

    change = forms.ChoiceField(
        label=gettext_lazy("What is wrong"),
        choices=[
            ("correct", gettext_lazy("Some of it: the fields below say what is true")),
            ("void", gettext_lazy("All of it: the completion must not count")),
        ],
        initial="correct",
        widget=forms.RadioSelect,
    )
    field_order = ("change",)


class DecideChangeForm(forms.Form):
    """Approve, or refuse with a reason."""

    reason = GuardedTextField(
        label=gettext_lazy("Reason"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("Needed to refuse. %(warning)s"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    decision = forms.ChoiceField(choices=[("approve", gettext_lazy("Approve")), ("refuse", gettext_lazy("Refuse"))])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text %= {"warning": WARNING}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("decision") == "refuse" and not cleaned.get("reason") and "reason" not in self.errors:
            self.add_error("reason", _("Say why, so that your colleague knows what to do."))
        return cleaned


class TakeBackForm(forms.Form):
    """Why a waiver is taken back."""

    reason = _reason(gettext_lazy("Reason"))
