"""What people type about rules."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from curricula.models import Course
from lms.accounts.models import Person, PersonQuerySet
from lms.agencies.enums import StaffLevel
from lms.agencies.forms import AddressField, DayField, RoleField, UnitField
from lms.agencies.models import Agency, JobRole, ServiceArea
from lms.privacy.fields import GuardedCharField, GuardedTextField

from .enums import Audience
from .models import QualifiedList, Requirement, RequirementCondition, RequirementCourse
from .services import RequirementRefused, check_rule

FACING = [("", _("Either")), ("yes", _("Works with clients")), ("no", _("Does not"))]
ROWS = 40


class RuleForm(forms.Form):
    """The rule itself, without its audience and courses."""

    name = GuardedCharField(
        label=_("Name"), max_length=200, help_text=_("As staff read it: “Awareness for all staff”.")
    )
    text = GuardedTextField(label=_("Text of the rule"), max_length=2000, required=False)
    citation = GuardedCharField(
        label=_("Citation"),
        max_length=300,
        required=False,
        help_text=_("Where the rule stands: a law, a plan, a contract."),
    )
    mandatory = forms.BooleanField(
        label=_("Mandatory"), required=False, help_text=_("What is not is offered, never late and in no share.")
    )
    before_placement = forms.BooleanField(
        label=_("Before placement"),
        required=False,
        help_text=_("A caregiver or a facility is ready for placements when all requirements with this mark are met."),
    )
    days = forms.IntegerField(
        label=_("Days to complete"),
        min_value=0,
        max_value=3650,
        help_text=_("From the first day of the duty: the latest of hire, start in the job, start of the rule."),
    )
    months = forms.IntegerField(
        label=_("Renew after months"), min_value=1, max_value=120, required=False, help_text=_("Empty: once for good.")
    )
    window = forms.IntegerField(
        label=_("Renewal window in days"),
        min_value=0,
        max_value=730,
        help_text=_("A renewal so many days before the end counts from the end."),
    )
    warn = forms.IntegerField(
        label=_("Due soon so many days before"), min_value=0, max_value=730, help_text=_("Before the due day.")
    )
    grace = forms.IntegerField(label=_("Grace days after a waiver"), min_value=0, max_value=730)
    starts_on = DayField(label=_("In force from"))
    ends_on = DayField(
        label=_("In force until"), required=False, help_text=_("The first day on which it holds no longer.")
    )
    everyone = forms.BooleanField(label=_("Everyone on the site"), required=False)

    def __init__(self, *args: Any, whole_site: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not whole_site:
            del self.fields["everyone"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        starts_on, ends_on = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts_on and ends_on and ends_on <= starts_on:
            self.add_error("ends_on", _("The rule ends before it starts."))
        return cleaned


class ConditionForm(forms.Form):
    """One part of the audience: what is chosen must hold for the same job."""

    agency = UnitField(label=_("Unit and all below it"), queryset=Agency.objects.none(), required=False)
    job_role = RoleField(label=_("Job role"), queryset=JobRole.objects.none(), required=False)
    level = forms.ChoiceField(label=_("Level"), choices=[("", _("Any")), *StaffLevel.choices], required=False)
    client_facing = forms.ChoiceField(label=_("Clients"), choices=FACING, required=False)
    person = AddressField(label=_("Or one person, by e-mail"), required=False)

    def __init__(
        self, *args: Any, units: QuerySet[Agency], people: PersonQuerySet, whole_site: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.whole_site = whole_site
        agency, role, person = self.fields["agency"], self.fields["job_role"], self.fields["person"]
        assert isinstance(agency, UnitField)
        assert isinstance(role, RoleField)
        assert isinstance(person, AddressField)
        agency.queryset, person.people = units, people
        role.queryset = JobRole.objects.select_related("kind")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors or not self.has_changed() or self.whole_site or cleaned.get("DELETE"):
            return cleaned
        if not cleaned.get("agency") and not cleaned.get("person"):
            self.add_error("agency", _("Choose one of your units, or name one of your people."))
        return cleaned

    @property
    def condition(self) -> RequirementCondition | None:
        """The unsaved row; none for what was left empty or taken out."""
        said = self.cleaned_data
        if said.get("DELETE") or not any(value for name, value in said.items() if name != "DELETE"):
            return None
        return RequirementCondition(
            agency=said["agency"],
            job_role=said["job_role"],
            level=said["level"],
            client_facing={"yes": True, "no": False}.get(said["client_facing"]),
            person=said["person"],
        )


class AcceptedForm(forms.Form):
    """A course that satisfies the rule."""

    course = forms.ModelChoiceField(label=_("Course"), queryset=Course.objects.none(), required=False)
    minimum_version = forms.IntegerField(
        label=_("From version"), min_value=1, max_value=32767, required=False, help_text=_("Empty: any version.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        course = self.fields["course"]
        assert isinstance(course, forms.ModelChoiceField)
        course.queryset = Course.objects.order_by("title")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("minimum_version") and not cleaned.get("course"):
            self.add_error("course", _("Choose the course that this version is of."))
        return cleaned

    @property
    def accepted(self) -> RequirementCourse | None:
        """The unsaved row; none for what was left empty or taken out."""
        said = self.cleaned_data
        if said.get("DELETE") or not said.get("course"):
            return None
        return RequirementCourse(course=said["course"], minimum_version=said["minimum_version"])


class Rows(forms.BaseFormSet):
    """Rows of one form, to which a button adds another one."""

    def add_fields(self, form: forms.Form, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["DELETE"].label = _("Take this out")


ConditionRows = forms.formset_factory(
    ConditionForm, formset=Rows, extra=1, can_delete=True, max_num=ROWS, absolute_max=ROWS + 1
)
AcceptedRows = forms.formset_factory(
    AcceptedForm, formset=Rows, extra=1, can_delete=True, max_num=ROWS, absolute_max=ROWS + 1
)


class RuleScreen:
    """The three forms of a rule as one: bound to what was sent, or filled from the rule that stands.

    ``rows`` ("conditions" or "courses"): show what was sent with one more empty row of that kind, judging nothing yet.
    """

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        requirement: Requirement | None,
        today: date,
        units: QuerySet[Agency],
        people: PersonQuerySet,
        whole_site: bool,
        more: str = "",
    ) -> None:
        self.requirement = requirement
        self.whole_site = whole_site
        row = {"units": units, "people": people, "whole_site": whole_site}
        if data is not None and not more:
            self.rule = RuleForm(data, whole_site=whole_site)
            self.conditions = ConditionRows(data, prefix="condition", form_kwargs=row)
            self.courses = AcceptedRows(data, prefix="course")
        else:
            rule, conditions, courses = _typed(data) if data is not None else _standing(requirement, today)
            self.rule = RuleForm(initial=rule, whole_site=whole_site)
            self.conditions = ConditionRows(prefix="condition", initial=conditions, form_kwargs=row)
            self.courses = AcceptedRows(prefix="course", initial=courses)
            self.conditions.extra = int(more == "conditions" or not conditions)
            self.courses.extra = int(more == "courses" or not courses)

    @property
    def errors(self) -> bool:
        """Whether something that was sent needs another look."""
        return self.rule.is_bound and not (
            self.rule.is_valid() and self.conditions.is_valid() and self.courses.is_valid()
        )

    def read(self) -> tuple[Requirement, list[RequirementCourse], list[RequirementCondition]] | None:
        """Return the rule as it would be, unsaved, with its courses and conditions; none when something is wrong, which
        then stands at its field."""
        if self.errors:
            return None
        fields = dict(self.rule.cleaned_data)
        conditions = [form.condition for form in self.conditions if form.condition is not None]
        if fields.pop("everyone", False):
            conditions.insert(0, RequirementCondition())
        accepted = [form.accepted for form in self.courses if form.accepted is not None]
        draft = Requirement(pk=self.requirement.pk if self.requirement else None, **fields)
        try:
            check_rule(draft, accepted, conditions)
        except RequirementRefused as refusal:
            self.rule.add_error(None, str(refusal))
            return None
        return draft, accepted, conditions

    @property
    def fields(self) -> dict[str, Any]:
        """The fields of the rule itself as they were sent."""
        return {name: value for name, value in self.rule.cleaned_data.items() if name != "everyone"}


def _typed(data: QueryDict) -> tuple[dict[str, Any], list[dict[str, Any]], list[dict[str, Any]]]:
    """What was sent, as it was typed."""
    rule = {name: data[name] for name in RuleForm.base_fields if name in data}
    return rule, _typed_rows(data, "condition", ConditionForm), _typed_rows(data, "course", AcceptedForm)


def _typed_rows(data: QueryDict, prefix: str, form: type[forms.Form]) -> list[dict[str, Any]]:
    total = data.get(f"{prefix}-TOTAL_FORMS", "0")
    number = min(int(total), ROWS - 1) if total.isdecimal() else 0
    names = [*form.base_fields, "DELETE"]
    rows = [{name: data.get(f"{prefix}-{row}-{name}", "") for name in names} for row in range(number)]
    return [row for row in rows if any(row.values())]


def _standing(
    requirement: Requirement | None, today: date
) -> tuple[dict[str, Any], list[dict[str, Any]], list[dict[str, Any]]]:
    if requirement is None:
        fresh = Requirement(starts_on=today)
        names = ("mandatory", "window", "warn", "grace", "starts_on")
        return {name: getattr(fresh, name) for name in names}, [], []
    rule = {name: getattr(requirement, name) for name in RuleForm.base_fields if name != "everyone"}
    rows = list(requirement.conditions.select_related("person").order_by("pk"))
    rule["everyone"] = any(is_everyone(row) for row in rows)
    conditions = [
        {
            "agency": row.agency_id,
            "job_role": row.job_role_id,
            "level": row.level,
            "client_facing": {True: "yes", False: "no", None: ""}[row.client_facing],
            "person": row.person.email if row.person else "",
        }
        for row in rows
        if not is_everyone(row)
    ]
    accepted = requirement.accepted_courses.order_by("pk")
    return rule, conditions, [{"course": row.course_id, "minimum_version": row.minimum_version} for row in accepted]


def is_everyone(row: RequirementCondition) -> bool:
    """Whether the condition sets nothing."""
    chosen = row.agency_id or row.job_role_id or row.level or row.person_id
    return not chosen and row.client_facing is None


class EndRuleForm(forms.Form):
    """From when a rule holds no longer."""

    ends_on = DayField(label=_("From which day it holds no longer"))


class StepForm(forms.Form):
    """One day on which somebody hears of a duty."""

    days = forms.IntegerField(label=_("Days"), min_value=0, max_value=365, required=False)
    side = forms.ChoiceField(
        label=_("Before or after"), choices=[("before", _("before the due day")), ("after", _("after the due day"))]
    )
    audience = forms.ChoiceField(label=_("Who hears of it"), choices=Audience.choices)

    @property
    def step(self) -> tuple[str, int] | None:
        """Audience and offset; none for what was left empty or taken out."""
        said = self.cleaned_data
        if said.get("DELETE") or said.get("days") is None:
            return None
        return said["audience"], said["days"] if said["side"] == "after" else -said["days"]


StepRows = forms.formset_factory(StepForm, formset=Rows, extra=1, can_delete=True, max_num=ROWS, absolute_max=ROWS + 1)


def read_steps(rows: Any) -> list[tuple[str, int]]:
    """Return the steps of valid rows."""
    return [form.step for form in rows if form.step is not None]


def list_typed_steps(data: QueryDict) -> list[dict[str, Any]]:
    """Return the rows of steps as they were typed."""
    return [row for row in _typed_rows(data, "form", StepForm) if row["days"]]


class ContractForm(forms.Form):
    """What a provider's contract asks."""

    agency = UnitField(label=_("Provider"), queryset=Agency.objects.none())
    title = GuardedCharField(label=_("Title"), max_length=200, help_text=_("As people call the contract."))
    citation = GuardedCharField(
        label=_("Citation"), max_length=300, help_text=_("Number and section of the contract that asks for it.")
    )
    requirements = forms.ModelMultipleChoiceField(
        label=_("Rules that count"),
        queryset=Requirement.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: all that is mandatory for these people."),
    )
    target_percent = forms.IntegerField(label=_("Share of staff to be trained, in percent"), min_value=1, max_value=100)
    starts_on = DayField(label=_("In force from"))
    due_on = DayField(label=_("Share to be reached by"))
    ends_on = DayField(label=_("In force until"), required=False)

    def __init__(self, *args: Any, agencies: QuerySet[Agency], rules: QuerySet[Requirement], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agency"].queryset = agencies  # type: ignore[attr-defined]
        self.fields["requirements"].queryset = rules  # type: ignore[attr-defined]


class QualifiedListForm(forms.Form):
    """What makes somebody qualified."""

    name = GuardedCharField(label=_("Name"), max_length=200, help_text=_("Such as “Screening-tool administrators”."))
    text = GuardedTextField(label=_("What they are qualified for"), max_length=2000, required=False)
    citation = GuardedCharField(label=_("Citation"), max_length=300, required=False, help_text="")
    courses = forms.ModelMultipleChoiceField(
        label=_("Courses"), queryset=Course.objects.none(), widget=forms.CheckboxSelectMultiple
    )
    months = forms.IntegerField(
        label=_("Valid for how many months"),
        min_value=1,
        max_value=120,
        required=False,
        help_text=_("Empty: for good."),
    )
    window = forms.IntegerField(
        label=_("Renewal window in days"), min_value=0, max_value=730, help_text=_("“Renew soon” begins then.")
    )

    def __init__(self, *args: Any, qualified: QualifiedList, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.qualified = qualified
        self.fields["courses"].queryset = Course.objects.order_by("title")  # type: ignore[attr-defined]

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if QualifiedList.objects.filter(name__iexact=name).exclude(pk=self.qualified.pk).exists():
            raise forms.ValidationError(_("A list of this name stands already."))
        return name


class QualifiedFilterForm(forms.Form):
    """Which part of a qualified list is shown."""

    unit = UnitField(label=_("Unit"), queryset=Agency.objects.none(), required=False, empty_label=_("All units"))
    area = forms.ModelChoiceField(
        label=_("Area"), queryset=ServiceArea.objects.all(), required=False, empty_label=_("All areas")
    )
    show = forms.ChoiceField(
        label=_("Who"), choices=[("", _("Qualified now")), ("expired", _("Ran out"))], required=False
    )

    def __init__(self, *args: Any, units: QuerySet[Agency], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]


class PeopleField(forms.ModelMultipleChoiceField):
    """Some of somebody's people."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj)


class CourseListForm(forms.Form):
    """A supervisor's own list."""

    name = GuardedCharField(label=_("Name of the list"), max_length=120)
    due_on = DayField(label=_("To be done by"))
    courses = forms.ModelMultipleChoiceField(
        label=_("Courses"), queryset=Course.objects.none(), widget=forms.CheckboxSelectMultiple
    )
    people = PeopleField(
        label=_("For whom"),
        queryset=Person.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Others of your people join by the link that the next page shows."),
    )

    def __init__(self, *args: Any, people: PersonQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["courses"].queryset = Course.objects.order_by("title")  # type: ignore[attr-defined]
        self.fields["people"].queryset = people  # type: ignore[attr-defined]
        if not people.exists():
            del self.fields["people"]
