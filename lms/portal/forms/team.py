"""What the manager's area is asked to show: whose training, on which day, which names."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q
from django.db.models.enums import Choices
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from curricula.enums import CourseLevel
from lms.agencies.enums import StaffLevel
from lms.agencies.models import JobRole, ServiceArea
from lms.compliance.enums import ScopeKind
from lms.compliance.models import Requirement, RequirementCondition
from lms.compliance.selectors import ScopeChoice
from lms.portal.selectors import name_scope, read_scope, say_scope

EARLIEST = date(1990, 1, 1)
SHOWN = [
    ("", gettext_lazy("Everybody")),
    ("late", gettext_lazy("Overdue or expired")),
    ("due", gettext_lazy("Due, not late")),
    ("untrained", gettext_lazy("Not trained yet")),
    ("trained", gettext_lazy("Trained")),
    ("expiring", gettext_lazy("Trained, to be renewed")),
    ("counted", gettext_lazy("Whoever must do it")),
    ("waived", gettext_lazy("Waived")),
]
WITHIN = [("", gettext_lazy("At any time")), *((str(n), gettext_lazy("In %d days") % n) for n in (30, 60, 90))]
# What a further unit, role or course adds to the address; a form shows them as chips only.
NARROWING = ("level", "job_role", "staff_level", "area")


class TeamForm(forms.Form):
    """Whose training, and on which day."""

    scope = forms.CharField(label=gettext_lazy("People"), required=False, widget=forms.Select, max_length=20)
    day = forms.DateField(
        label=gettext_lazy("As of"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, data: QueryDict, *, choices: Sequence[ScopeChoice], chosen: str, today: date) -> None:
        super().__init__({**data.dict(), "scope": chosen, "day": data.get("day") or today.isoformat()})
        self.today = today
        offered: dict[str, str] = {}
        for choice in choices:
            kinds = [choice.kind, ScopeKind.UNIT] if choice.agency is not None else [choice.kind]
            offered |= {name_scope(kind, choice.agency): say_scope(kind, choice.agency) for kind in kinds}
        read = read_scope(chosen) if chosen not in offered else None
        if read is not None:
            offered[chosen] = say_scope(*read)
        self.fields["scope"].widget.choices = list(offered.items())

    def clean_day(self) -> date:
        day: date = self.cleaned_data.get("day") or self.today
        if day > self.today:
            raise ValidationError(_("This day is still to come. Choose today or a day before."), code="future")
        if day < EARLIEST:
            raise ValidationError(_("This day is too far back."), code="past")
        return day


class NamesForm(TeamForm):
    """Which names: of whom, with which status, for which requirement."""

    q = forms.CharField(label=gettext_lazy("Name"), required=False, max_length=100)
    show = forms.ChoiceField(label=gettext_lazy("Show"), required=False, choices=SHOWN)
    within = forms.ChoiceField(label=gettext_lazy("Date"), required=False, choices=WITHIN)
    requirement = forms.ModelChoiceField(
        label=gettext_lazy("Requirement"),
        queryset=Requirement.objects.none(),
        required=False,
        empty_label=gettext_lazy("All requirements"),
    )
    level = forms.ChoiceField(required=False, choices=[("", ""), *CourseLevel.choices], widget=forms.HiddenInput)
    job_role = forms.ModelChoiceField(queryset=JobRole.objects.all(), required=False, widget=forms.HiddenInput)
    staff_level = forms.ChoiceField(required=False, choices=[("", ""), *StaffLevel.choices], widget=forms.HiddenInput)
    area = forms.CharField(required=False, max_length=10, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        asked = data.get("requirement", "")
        general = RequirementCondition.objects.filter(requirement=OuterRef("pk"), person=None)
        chosen = Q(pk=int(asked)) if asked.isascii() and asked.isdigit() and len(asked) < 10 else Q(pk__in=())
        field = self.fields["requirement"]
        assert isinstance(field, forms.ModelChoiceField)
        # An assignment by name is reached from its figure; it would only fill the list for everybody else.
        field.queryset = Requirement.objects.filter(Q(Exists(general), mandatory=True) | chosen)

    def clean_area(self) -> ServiceArea | str | None:
        """Return the area, "none" for units without one, or nothing."""
        text: str = self.cleaned_data["area"]
        if text in {"", "none"}:
            return text or None
        area = ServiceArea.objects.filter(pk=int(text)).first() if text.isascii() and text.isdigit() else None
        if area is None:
            raise ValidationError(_("There is no such service area."), code="area")
        return area

    @property
    def chips(self) -> list[tuple[str, str]]:
        """What is filtered by, as names of fields and words."""
        cleaned = self.cleaned_data
        chips: list[tuple[str, str]] = []
        if cleaned["q"]:
            chips.append(("q", _("Name: %(words)s") % {"words": cleaned["q"]}))
        if cleaned["show"]:
            chips.append(("show", str(dict(SHOWN)[cleaned["show"]])))
        if cleaned["within"] and cleaned["show"] in {"due", "expiring"}:
            chips.append(("within", str(dict(WITHIN)[cleaned["within"]])))
        if cleaned["requirement"]:
            chips.append(("requirement", cleaned["requirement"].name))
        chips += [
            (name, _label(choices, cleaned[name]))
            for name, choices in (("level", CourseLevel), ("staff_level", StaffLevel))
            if cleaned[name]
        ]
        if cleaned["job_role"]:
            chips.append(("job_role", cleaned["job_role"].title))
        if cleaned["area"]:
            area = cleaned["area"]
            chips.append(("area", _("Without a service area") if area == "none" else str(area)))
        if cleaned["day"] != self.today:
            chips.append(("day", _("As of %(day)s") % {"day": f"{cleaned['day']:%Y-%m-%d}"}))
        return chips


def _label(choices: type[Choices], value: str) -> str:
    return str(choices(value).label)
