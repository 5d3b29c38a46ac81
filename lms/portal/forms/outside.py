"""What people enter about an outside training, and what managers decide."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from certificates.models import CreditBody
from certificates.services import why_not_outside
from curricula.enums import CourseKind
from curricula.models import Course
from lms.learning.external import Claim, Proof
from lms.learning.models import ExternalCredit
from lms.privacy.fields import WARNING, GuardedCharField, GuardedTextField
from lms.privacy.uploads import validate_upload

PROOF_KINDS = ("pdf", "png", "jpeg")
PROOF_MEGABYTES = 10
EARLIEST = date(1990, 1, 1)
OTHER = _("Another program, which I name below")


class ProofField(forms.FileField):
    """A file that is what its name says and is small enough to be kept beside the record."""

    widget = forms.FileInput(attrs={"accept": ".pdf,.png,.jpg,.jpeg"})

    def clean(self, data: Any, initial: Any = None) -> Proof | None:
        file: UploadedFile | None = super().clean(data, initial)
        if not file:
            return None
        kind = validate_upload(file, kinds=PROOF_KINDS)
        if (file.size or 0) > PROOF_MEGABYTES * 1024 * 1024:
            raise forms.ValidationError(
                _("The file is larger than %(most)s MB. A scan in grey is enough."),
                code="size",
                params={"most": PROOF_MEGABYTES},
            )
        return Proof(kind=kind, content=file.read())


class QuarterHoursField(forms.DecimalField):
    """Credit hours in quarters, more than none and no more than a month of them."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=5, decimal_places=2, **kwargs)
        self.validators += [MinValueValidator(Decimal("0.25")), MaxValueValidator(Decimal(200))]
        self.widget.attrs |= {"step": "0.25", "min": "0.25", "max": "200"}

    def clean(self, value: Any) -> Decimal | None:
        hours: Decimal | None = super().clean(value)
        if hours is not None and hours % Decimal("0.25"):
            raise forms.ValidationError(_("Give quarter hours: 1, 1.25, 1.5, 1.75."), code="quarters")
        return hours


class ClaimExternalForm(forms.Form):
    """An outside training and its proof."""

    program = forms.ModelChoiceField(
        label=_("Program"), queryset=Course.objects.none(), required=False, empty_label=OTHER
    )
    title = GuardedCharField(
        label=_("Its title"), max_length=200, required=False, help_text=_("Only for a program that the list lacks.")
    )
    provider = GuardedCharField(
        label=_("Who gave it"), max_length=200, required=False, help_text=_("As the proof names them.")
    )
    started_on = forms.DateField(label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}))
    completed_on = forms.DateField(label=_("Last day"), widget=forms.DateInput(attrs={"type": "date"}))
    hours = QuarterHoursField(label=_("Hours"), help_text=_("As the proof has them, in quarter hours."))
    proof = ProofField(
        label=_("Proof"),
        help_text=_("Your certificate as a PDF or a picture, at most 10 MB. %(warning)s"),
    )

    def __init__(self, *args: Any, today: date, credit: ExternalCredit | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if credit is not None:
            self.initial = {
                "program": credit.program_id,
                "title": "" if credit.program_id else credit.title,
                "provider": credit.provider,
                "started_on": credit.started_on.isoformat(),
                "completed_on": credit.completed_on.isoformat(),
                "hours": credit.hours,
            }
        self.today = today
        field = self.fields["program"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Course.objects.filter(kind=CourseKind.EXTERNAL)
        self.fields["proof"].required = credit is None
        self.fields["proof"].help_text %= {"warning": WARNING}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("program") and not cleaned.get("title") and "title" not in self.errors:
            self.add_error("title", _("Choose a program, or write the title of another one."))
        start, end = cleaned.get("started_on"), cleaned.get("completed_on")
        if start and start < EARLIEST:
            self.add_error("started_on", _("Check the year."))
        if end and end > self.today:
            self.add_error("completed_on", _("This day is still to come. Send the proof when the training is over."))
        if start and end and start > end:
            self.add_error("completed_on", _("The last day comes before the first."))
        return cleaned

    @property
    def claim(self) -> Claim:
        names = ("program", "title", "provider", "started_on", "completed_on", "hours")
        return Claim(**{name: self.cleaned_data[name] for name in names})


class DecideForm(forms.Form):
    """Approve with the hours that the proof shows, or return or refuse with a reason.

    ``bodies``: of continuing education, that count the person's hours and outside training.
    """

    hours = QuarterHoursField(label=_("Hours that count"), required=False)
    reason = GuardedTextField(
        label=_("Reason"),
        max_length=500,
        required=False,
        help_text=_("Needed to return or refuse; the person reads it. %(warning)s"),
        widget=forms.Textarea(attrs={"rows": 3, "class": "usa-textarea"}),
    )
    decision = forms.ChoiceField(choices=[("approve", _("Approve")), ("return", _("Return")), ("refuse", _("Refuse"))])

    def __init__(self, *args: Any, bodies: Iterable[CreditBody], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text %= {"warning": WARNING}
        self.bodies = {f"body_{body.pk}": body for body in bodies}
        for name, body in self.bodies.items():
            self.fields[name] = QuarterHoursField(
                label=gettext("Hours that count with %(body)s") % {"body": body.short_name},
                required=False,
                help_text=_("Only where the proof says that they do. Empty: none."),
            )

    @property
    def body_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.bodies]

    @property
    def with_bodies(self) -> dict[CreditBody, Decimal]:
        """Hours by body, of those that were given some."""
        return {body: hours for name, body in self.bodies.items() if (hours := self.cleaned_data.get(name))}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("decision") == "approve":
            if not cleaned.get("hours") and "hours" not in self.errors:
                self.add_error("hours", _("Say how many hours the proof shows."))
            for name, body in self.bodies.items():
                given, hours = cleaned.get(name), cleaned.get("hours")
                if given and hours and (refusal := why_not_outside(body, given, hours)):
                    self.add_error(name, refusal)
        elif not cleaned.get("reason") and "reason" not in self.errors:
            self.add_error("reason", _("Say why, so that the person knows what to do."))
        return cleaned
