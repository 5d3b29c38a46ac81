"""How a field says that it may stay empty."""

from __future__ import annotations

from django import forms

from lms.accounts.templatetags.field_tags import says_optional


class Filter(forms.Form):
    name = forms.CharField(required=False)


class Mixed(Filter):
    day = forms.DateField()
    kind = forms.CharField(required=False, initial="all")


def test_a_filter_says_it_nowhere() -> None:
    assert not says_optional(Filter()["name"])


def test_beside_what_must_be_filled_it_is_said() -> None:
    assert [field.name for field in Mixed() if says_optional(field)] == ["name"]
