"""What somebody says about a file: whose it is, how it is to be read, which column is which."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from curricula.models import Course
from lms.agencies.forms import UnitField
from lms.agencies.models import Agency
from lms.agencies.querysets import AgencyQuerySet
from lms.privacy.uploads import validate_upload

from .columns import COLUMNS, guess
from .enums import DateOrder, RunKind, WhenKnown
from .models import ImportRun


class FileForm(forms.Form):
    """A file and how it is to be read."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("CSV or Excel (.xlsx), up to 50 MB and 200,000 rows."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
    )
    agency = UnitField(
        label=gettext_lazy("The unit it is for"),
        queryset=Agency.objects.none(),
        help_text=gettext_lazy("Rows may name this unit and those below it."),
    )
    date_order = forms.ChoiceField(
        label=gettext_lazy("Days such as 03/04/2026"), choices=DateOrder.choices, required=False
    )

    def __init__(self, *args: Any, units: AgencyQuerySet, whole_site: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agency"].queryset = units  # type: ignore[attr-defined]
        self.fields["agency"].required = not whole_site
        self.fields["agency"].empty_label = (  # type: ignore[attr-defined]
            _("All agencies") if whole_site else None if len(units) == 1 else _("Choose a unit")
        )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        validate_upload(file, kinds=["csv", "xlsx"])
        return file


class StaffForm(FileForm):
    full = forms.ChoiceField(
        label=gettext_lazy("Who is missing from the file"),
        choices=[
            ("", gettext_lazy("Stays: the file tells of changes, and only a last day ends a job")),
            ("yes", gettext_lazy("Leaves: the file names everybody who works here")),
        ],
        required=False,
        widget=forms.RadioSelect,
        initial="",
    )
    all_or_nothing = forms.BooleanField(
        label=gettext_lazy("All or nothing: when one row is refused, change nothing"), required=False
    )

    def clean_full(self) -> bool:
        return bool(self.cleaned_data["full"])


class CompletionsForm(FileForm):
    when_known = forms.ChoiceField(
        label=gettext_lazy("When the person has completed the course already"),
        choices=WhenKnown.choices,
        initial=WhenKnown.KEEP,
        widget=forms.RadioSelect,
    )
    all_or_nothing = forms.BooleanField(
        label=gettext_lazy("All or nothing: when one row is refused, change nothing"), required=False
    )


FORMS: dict[str, type[FileForm]] = {RunKind.STAFF: StaffForm, RunKind.COMPLETIONS: CompletionsForm}


class ColumnsForm(forms.Form):
    """For each of our columns the one of the file."""

    def __init__(self, *args: Any, run: ImportRun, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        guessed = guess(run.kind, run.header)
        for column in COLUMNS[run.kind]:
            self.fields[column.name] = forms.ChoiceField(
                label=str(column.label),
                choices=[("", _("Not in this file")), *((name, name[:80]) for name in run.header)],
                required=column.required,
                initial=guessed.get(column.name, ""),
            )


class ApplyForm(forms.Form):
    """The word to apply a plan; asked twice where many jobs end."""

    ends_confirmed = forms.BooleanField(required=False)

    def __init__(self, *args: Any, run: ImportRun, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if run.ends_many:
            self.fields["ends_confirmed"].label = _(
                "Yes, end %(ending)s of %(jobs)s jobs. That is more than one in ten."
            ) % {"ending": run.ending, "jobs": run.jobs_before}
        else:
            del self.fields["ends_confirmed"]


class MatchForm(forms.Form):
    """Which course it is that a file calls by a name of its own."""

    course_name = forms.CharField(widget=forms.HiddenInput)
    course = forms.ModelChoiceField(
        label=gettext_lazy("Course"), queryset=Course.objects.all(), empty_label=gettext_lazy("Choose a course")
    )

    def clean_course_name(self) -> str:
        name: str = self.cleaned_data["course_name"]
        if len(name) > 200:
            raise ValidationError(_("There is no such name."))
        return name
