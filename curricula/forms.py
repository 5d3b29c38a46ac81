"""What an author enters beside pages."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.forms.choosers import BaseFilterForm
from wagtail.documents.forms import BaseDocumentForm
from wagtail.images.fields import WagtailImageField
from wagtail.images.forms import BaseImageForm

from curricula.enums import CourseKind, CourseLevel, EditorGroup
from curricula.models import Course
from lms.accounts.models import Person
from lms.privacy.uploads import validate_upload

DOCUMENT_KINDS = ("csv", "docx", "mp4", "odt", "pdf", "pptx", "text", "vtt", "xlsx")


class DocumentForm(BaseDocumentForm):
    """A document for download: what its name says is what it contains."""

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if "file" in self.changed_data:
            validate_upload(file, kinds=DOCUMENT_KINDS)
        return file


class WholeImageField(WagtailImageField):
    """An image that can be read: Wagtail asks for the size of one that breaks off, and answers with an error page."""

    def to_python(self, data: Any) -> Any:
        try:
            return super().to_python(data)
        except (OSError, SyntaxError, ValueError) as error:
            raise forms.ValidationError(self.error_messages["invalid_image"], code="invalid_image") from error


class ImageForm(BaseImageForm):
    """A picture for pages."""

    file = WholeImageField(label=_("File"), widget=BaseImageForm.Meta.widgets["file"])


class VersionForm(forms.Form):
    """Publishing a version: what changed, in words, and the number that the author saw."""

    note = forms.CharField(
        label=_("What changed"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One to three sentences for whoever took the course before. They stay with the version."),
        error_messages={"required": _("Say in a sentence what changed.")},
    )
    number = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


NARROWS = forms.Select(attrs={"data-chooser-modal-search-filter": True})


class CourseChooserFilterForm(BaseFilterForm):
    """Kind and level, above the rows that a course is chosen from."""

    kind = forms.ChoiceField(
        choices=[("", _("Every kind")), *CourseKind.choices], required=False, label=_("Kind of course"), widget=NARROWS
    )
    level = forms.ChoiceField(
        choices=[("", _("Every level")), *CourseLevel.choices], required=False, label=_("Level"), widget=NARROWS
    )
    q = forms.CharField(required=False, label=_("Title or code"))

    def filter(self, rows: QuerySet[Course]) -> QuerySet[Course]:
        for name in ("kind", "level"):
            if value := self.cleaned_data.get(name):
                rows = rows.filter(**{name: value})
        if words := self.cleaned_data.get("q"):
            rows = rows.filter(title__icontains=words) | rows.filter(code__icontains=words)
        self.is_searching, self.search_query = bool(words), words
        return rows


class CourseForm(WagtailAdminModelForm):
    """A course; what has to be completed before it may not, by any way round, be the course itself."""

    def clean_prerequisites(self) -> QuerySet[Course]:
        chosen: QuerySet[Course] = self.cleaned_data["prerequisites"]
        seen: set[int] = set()
        found = set(chosen.values_list("pk", flat=True))
        while found - seen:
            seen |= found
            found = set(Course.objects.filter(unlocks__in=found).values_list("pk", flat=True))
        if self.instance.pk in seen:
            raise forms.ValidationError(
                _("People could never begin: one of these courses asks for this course to be completed first.")
            )
        return chosen


class ReviewForm(WagtailAdminModelForm):
    """A review is by somebody: a reviewer with an account, or a name; and it lies in the past."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if reviewer := self.fields.get("reviewer"):
            chosen = Q(groups__name=EditorGroup.REVIEWER) | Q(pk=self.instance.reviewer_id)
            reviewer.queryset = Person.objects.filter(chosen).distinct()
            reviewer.label = _("Reviewer with an account")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        if not cleaned.get("reviewer") and not cleaned.get("reviewer_name", "").strip():
            self.add_error("reviewer_name", _("Say who reviewed it: choose a reviewer or enter a name."))
        return cleaned

    def clean_reviewed_on(self) -> date:
        day: date = self.cleaned_data["reviewed_on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("A review is recorded after it took place: this day is still to come."))
        return day
