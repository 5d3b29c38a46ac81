"""Form fields for free text: they warn before, and refuse what looks like a child's data."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .validators import validate_no_identifiers

WARNING = _("Write nothing about a child or a client: no names, no case numbers, no dates of birth.")


class GuardedCharField(forms.CharField):
    """One line of free text."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", WARNING)
        super().__init__(**kwargs)
        self.validators.append(validate_no_identifiers)


class GuardedTextField(GuardedCharField):
    """Several lines of free text."""

    widget = forms.Textarea
