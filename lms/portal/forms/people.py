"""What is entered to join two rows of one person, to claim one, to ask for certificates and to erase."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lms.accounts.models import Person
from lms.agencies.models import Agency
from lms.agencies.querysets import AgencyQuerySet
from lms.privacy.fields import WARNING, GuardedCharField

# What a survivor may take over, as lms.accounts.merging.CHOICES has it, in the words of the screen.
LABELS = {
    "first_name": _("First name"),
    "last_name": _("Last name"),
    "email": _("E-mail address"),
    "language": _("Language"),
}


class MergeForm(forms.Form):
    """One choice for each value in which the two rows differ, the survivor's own first."""

    reason = GuardedCharField(
        label=_("Why are they one person?"),
        max_length=300,
        help_text=_("For example: came back after leave under a new address. Kept with the merge. %(warning)s"),
    )

    def __init__(self, *args: Any, survivor: Person, merged: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text %= {"warning": WARNING}
        for name, label in LABELS.items():
            ours, theirs = getattr(survivor, name), getattr(merged, name)
            if ours != theirs:
                self.fields[name] = forms.ChoiceField(
                    label=label,
                    choices=[("keep", ours or _("(empty)")), ("take", theirs or _("(empty)"))],
                    initial="keep" if ours else "take",
                    widget=forms.RadioSelect,
                )
        self.order_fields([*LABELS, "reason"])

    @property
    def taken(self) -> list[str]:
        """The names of the values that the survivor takes over."""
        return [name for name in LABELS if self.cleaned_data.get(name) == "take"]


class PairForm(forms.Form):
    """Two people named by their addresses, for a pair that no list shows."""

    first = forms.EmailField(label=_("Address of the one record"))
    second = forms.EmailField(label=_("Address of the other record"))


class ClaimForm(forms.Form):
    """The address of an older record of one's own."""

    address = forms.EmailField(
        label=_("The other address"),
        help_text=_("For example the work address you had at another agency. You need to be able to read its mail."),
    )


class BundleForm(forms.Form):
    """Whose certificates to pack: of which agency, completed in which days."""

    agency = forms.ModelChoiceField(
        label=_("Agency"), queryset=Agency.objects.none(), required=False, empty_label=_("All my people")
    )
    first_on = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}))
    last_on = forms.DateField(label=_("To"), widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, agencies: AgencyQuerySet, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {"first_on": today.replace(month=1, day=1).isoformat(), "last_on": today.isoformat()}
        field = self.fields["agency"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = agencies

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("first_on"), cleaned.get("last_on")
        if first and last and first > last:
            self.add_error("last_on", _("The last day comes before the first."))
        return cleaned


class ErasureForm(forms.Form):
    """Why somebody's data is removed."""

    reason = GuardedCharField(label=_("Reason"), max_length=300)
