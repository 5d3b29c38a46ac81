"""What people type here: a code, a reason, a day, a license; and what editors of the CMS enter."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm

from curricula.models import Course
from lms.privacy.fields import WARNING, GuardedCharField

from .codes import InvalidCode, parse
from .credit_rules import is_in_quarters
from .enums import CreditField
from .models import CreditBody

LONGEST_SHARE = timedelta(days=366)

_NUMBER = re.compile(r"\s*LTN\W?\d", re.IGNORECASE)


class CodeField(forms.CharField):
    """A verification code however it is typed; cleans to its 26 signs."""

    default_error_messages = {
        "required": _("Type the code that stands at the bottom right of the certificate."),
        "invalid": _(
            "This is not a whole code. It has 26 letters and figures; spaces, dashes and capitals do not matter."
        ),
        "number": _("This is the certificate’s number. The code stands in the line below it, beside the square code."),
    }

    def clean(self, value: str | None) -> str:
        typed = super().clean(value)
        try:
            return parse(typed)
        except InvalidCode:
            kind = "number" if _NUMBER.match(typed) else "invalid"
            raise forms.ValidationError(self.error_messages[kind], code=kind) from None


class CodeForm(forms.Form):
    code = CodeField(
        label=_("Verification code"),
        help_text=_("For example 7K2M-Q9XD-4TVA-R3HB-8NPC-W5JE-K4"),
        max_length=100,
        widget=forms.TextInput(
            attrs={"class": "usa-input", "autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )


class ReissueForm(forms.Form):
    """Why a certificate is issued again: it stands in the record for good."""

    reason = GuardedCharField(
        label=_("Why is it issued again?"),
        max_length=300,
        help_text=_("For example: the name changed. Kept with the certificate. %(warning)s"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text %= {"warning": WARNING}


class ShareForm(forms.Form):
    """The last day on which a link shows the certificate."""

    until = forms.DateField(
        label=_("Last day"),
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("At most a year from now."),
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.initial["until"] = (today + timedelta(days=30)).isoformat()
        self.fields["until"].widget.attrs |= {"min": today.isoformat(), "max": self.latest.isoformat()}

    @property
    def latest(self) -> date:
        return self.today + LONGEST_SHARE

    def clean_until(self) -> date:
        until: date = self.cleaned_data["until"]
        if not self.today <= until <= self.latest:
            raise forms.ValidationError(
                _("Choose a day from today to %(latest)s.") % {"latest": date_format(self.latest)}, code="range"
            )
        return until


class LicenseForm(forms.Form):
    """One license of one's own."""

    body = forms.ModelChoiceField(label=_("Board"), queryset=CreditBody.objects.none(), empty_label=_("Choose"))
    kind = forms.CharField(label=_("Kind of license"), max_length=60, required=False, help_text=_("For example RN."))
    number = forms.CharField(
        label=_("License number"),
        max_length=40,
        required=False,
        help_text=_("Printed on your certificates only. The public check shows its last three signs."),
    )
    expires_on = forms.DateField(label=_("Runs until"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Past these years calendars, not licenses, come to their end.
        self.fields["expires_on"].validators += [
            MinValueValidator(date(1990, 1, 1), _("Check the year.")),
            MaxValueValidator(date(2100, 1, 1), _("Check the year.")),
        ]
        field = self.fields["body"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = CreditBody.objects.all()


def _list_entered(formset: forms.BaseFormSet, name: str) -> list[Any]:
    """Return what was entered into the field of each row that stays."""
    formset.is_valid()  # Wagtail asks a form before its rows
    rows = [row.cleaned_data for row in formset.forms if row.is_valid()]
    return [row[name] for row in rows if name in row and not row.get("DELETE")]


class TemplateForm(WagtailAdminModelForm):
    """A certificate template: at most so many signatures and marks as the sheet has places for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [course.pk for course in self.instance.courses.all()]
        courses = self.fields["courses"]
        assert isinstance(courses, forms.ModelMultipleChoiceField)
        courses.queryset = Course.objects.filter(Q(certificate=True) | Q(pk__in=named))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        languages = _list_entered(self.formsets["wordings"], "language")
        if len(languages) != len(set(languages)):
            raise forms.ValidationError(_("Write each language's words once."))
        return cleaned


class CreditBodyForm(WagtailAdminModelForm):
    """A body's rule, with what its line must say as boxes to tick."""

    required = forms.MultipleChoiceField(
        label=_("Its line must say"),
        choices=CreditField.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("While one of these is empty, the line is not printed, and the learner reads why."),
    )


class CourseCreditForm(WagtailAdminModelForm):
    """Hours of a course with a body: the categories add up to no more than the whole."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        parts = _list_entered(self.formsets["categories"], "hours")
        if not all(map(is_in_quarters, parts)):
            raise forms.ValidationError(_("Give quarter hours in the categories: 1, 1.25, 1.5, 1.75."))
        if cleaned.get("hours") is not None and sum(parts) > cleaned["hours"]:
            raise forms.ValidationError(_("The categories add up to more than the hours."))
        return cleaned
