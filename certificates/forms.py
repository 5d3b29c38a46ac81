"""The one thing a visitor types here: a verification code."""

import re

from django import forms
from django.utils.translation import gettext_lazy as _

from .codes import InvalidCode, parse

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
