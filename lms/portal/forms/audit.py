"""Which part of the audit trail a reader asks for."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lms.agencies.forms import DayField
from lms.portal.audit_words import EventKind
from lms.portal.selectors.trail import PERIOD, Wanted


class TrailForm(forms.Form):
    """All of it is optional; without days the last thirty are shown."""

    person = forms.CharField(label=_("Name or e-mail"), max_length=254, required=False)
    kind = forms.ChoiceField(label=_("What"), choices=[("", _("Everything")), *EventKind.choices], required=False)
    first_on = DayField(label=_("From (UTC)"), required=False)
    last_on = DayField(label=_("To (UTC)"), required=False)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        first, last = values.get("first_on"), values.get("last_on")
        if first and last and last < first:
            self.add_error("last_on", _("This day comes before the first one."))
        return values

    @property
    def wanted(self) -> Wanted:
        """What was asked for, of a form that is right."""
        values = self.cleaned_data
        last = values["last_on"] or max(self.today, values["first_on"] or self.today)
        first = values["first_on"] or last - PERIOD
        return Wanted(first_on=first, last_on=last, kind=values["kind"], person=values["person"])
