import logging

import pytest
from django import forms
from django.core.exceptions import ValidationError

from lms.privacy.fields import GuardedCharField, GuardedTextField
from lms.privacy.validators import validate_no_identifiers


class NoteForm(forms.Form):
    title = GuardedCharField(max_length=50)
    note = GuardedTextField(required=False)


def test_it_works() -> None:
    assert NoteForm({"title": "Coaching on SB 1322", "note": "We met on March 3."}).is_valid()


def test_a_case_number_is_refused_in_words() -> None:
    form = NoteForm({"title": "Coaching", "note": "about 19CCJP01234"})
    assert form.errors == {"note": ["This looks like a case number. Take it out; no child's data may be kept here."]}


def test_each_kind_has_its_message() -> None:
    with pytest.raises(ValidationError) as caught:
        validate_no_identifiers("DOB 3/4/2009, case no. AB-123456, booking # 6012345, SSN 123-45-6789")
    assert len(caught.value.messages) == len(set(caught.value.messages)) == 4
    assert {error.code for error in caught.value.error_list} == {
        "case_number",
        "booking_number",
        "social_security_number",
        "date_of_birth",
    }


def test_neither_the_error_nor_the_log_holds_the_text(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(ValidationError) as caught:
        validate_no_identifiers("case no. AB-123456")
    assert "AB-123456" not in repr(caught.value) + str(vars(caught.value)) + caplog.text


def test_the_fields_warn_before() -> None:
    form = NoteForm()
    assert "no case numbers" in str(form["note"].help_text)
    assert isinstance(form.fields["note"].widget, forms.Textarea)
    assert GuardedCharField(help_text="Where?").help_text == "Where?"
