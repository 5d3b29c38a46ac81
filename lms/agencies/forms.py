"""What people type about units, jobs and grants."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

from allauth.account import forms as allauth_forms
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import transaction
from django.db.models import Case, Q, Value, When
from django.utils.translation import gettext_lazy as _

from lms.accounts.models import Person, PersonQuerySet
from lms.accounts.selectors import find_by_email, resolve_person
from lms.privacy.fields import GuardedCharField

from .enums import Affiliation, GrantKind
from .models import Agency, AgencyKind, Employment, JobRole, ServiceArea
from .querysets import AgencyQuerySet, DatedQuerySet
from .selectors import find_registration_domain
from .services import AgencyError

T = TypeVar("T")
Told = TypeVar("Told")
CHECK_YEAR = _("Check the year.")


class DayField(forms.DateField):
    """A day, from the browser's own calendar or typed as 2026-12-01."""

    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("error_messages", {"invalid": _("Enter a day, such as 2026-12-01.")})
        super().__init__(input_formats=["%Y-%m-%d"], **kwargs)
        self.validators += [
            MinValueValidator(date(1950, 1, 1), CHECK_YEAR),
            MaxValueValidator(date(2100, 1, 1), CHECK_YEAR),
        ]


class AddressField(forms.EmailField):
    """Somebody named by their e-mail address. Who is unknown and who may not be chosen answer alike."""

    people: PersonQuerySet = Person.objects.none()

    def clean(self, value: Any) -> Person | None:
        address = super().clean(value).lower()
        if not address:
            return None
        person = find_by_email([address]).get(address)
        if person is None or not self.people.filter(pk=person.pk).exists():
            raise ValidationError(_("Nobody with this address can be chosen here. Check how it is written."))
        return person


class UnitField(forms.ModelChoiceField):
    """A unit, drawn as deep as it stands in the tree."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{'– ' * (obj.depth - 1)}{obj.name}"


class RoleField(forms.ModelChoiceField):
    """A job role of the shared list, with the kind of agency it belongs to."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.title} ({obj.kind})" if obj.kind else str(obj.title)


class JobsField(forms.ModelMultipleChoiceField):
    """Some of the jobs of a unit."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.person.full_name}, {obj.job_role}"


class ActForm(forms.Form):
    """A form whose act may still be refused: the refusal stands at the field it is about."""

    def attempt(self, act: Callable[[], T]) -> T | None:
        """Run the act and return its result; none when the form is wrong or the act was refused."""
        if not self.is_valid():
            return None
        try:
            return act()
        except AgencyError as refusal:
            self.add_error(refusal.field if refusal.field in self.fields else None, str(refusal))
            return None

    def rehearse(self, act: Callable[[], T], tell: Callable[[T], Told]) -> Told | None:
        """Run the act, let ``tell`` look at the result, take everything back and return what it told; none as
        ``attempt`` has it."""
        with transaction.atomic():
            result = self.attempt(act)
            told = None if result is None else tell(result)
            transaction.set_rollback(True)
        return told


def _units(choices: AgencyQuerySet, today: date) -> AgencyQuerySet:
    units: AgencyQuerySet = choices.filter(Q(closed_on=None) | Q(closed_on__gt=today))
    return units


def _roles(kind: AgencyKind | None) -> Any:
    """The shared list, the roles of this kind of agency first."""
    own_first = Case(When(kind=kind, then=Value(0)), default=Value(1))
    return JobRole.objects.select_related("kind").order_by(own_first, "kind__position", "position", "title")


class ShownDayForm(forms.Form):
    """The day that a page shows."""

    day = DayField(label=_("As of"), required=False)


class UnitFactsForm(ActForm):
    """What a unit is called, and the facts about it that are not dated."""

    name = forms.CharField(label=_("Name"), max_length=200)
    short_name = forms.CharField(
        label=_("Short name"), max_length=60, required=False, help_text=_("For lists and certificates.")
    )
    kind = forms.ModelChoiceField(
        label=_("Kind of agency"), queryset=AgencyKind.objects.all(), empty_label=_("Choose a kind")
    )
    service_area = forms.ModelChoiceField(
        label=_("Service area"), queryset=ServiceArea.objects.all(), required=False, empty_label=_("None")
    )
    point_person = AddressField(label=_("Point person’s e-mail"), required=False)
    high_priority = forms.BooleanField(label=_("High priority"), required=False)
    under_contract = forms.BooleanField(label=_("Works under contract"), required=False)

    def __init__(self, *args: Any, people: PersonQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["point_person"]
        assert isinstance(field, AddressField)
        field.people = people


class NewUnitForm(UnitFactsForm):
    """A new unit, from a day on."""

    code = forms.SlugField(
        label=_("Code"),
        max_length=80,
        help_text=_("Letters, figures and hyphens. Staff files name the unit by it; it never changes."),
    )
    on = DayField(label=_("From"), help_text=_("The first day of the unit."))
    field_order = ["name", "short_name", "code", "kind", "on"]


class MoveUnitForm(ActForm):
    new_parent = UnitField(label=_("Put it below"), queryset=Agency.objects.none(), empty_label=_("Choose a unit"))
    on = DayField(label=_("From"), help_text=_("The first day at the new place. Earlier days keep the tree as it was."))

    def __init__(
        self, *args: Any, agency: Agency, units: AgencyQuerySet, to_top: bool, today: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["new_parent"]
        assert isinstance(field, UnitField)
        field.queryset = _units(units, today).exclude(path__startswith=agency.path)
        if to_top:
            field.required = False
            field.empty_label = _("Nothing: at the top of the tree")


class SplitUnitForm(ActForm):
    name = forms.CharField(label=_("Name of the new unit"), max_length=200)
    code = forms.SlugField(label=_("Its code"), max_length=80, help_text=_("Letters, figures and hyphens."))
    where = forms.ChoiceField(label=_("Where it stands"), widget=forms.RadioSelect)
    on = DayField(label=_("From"), help_text=_("The first day of the new unit, and of those who move there."))
    jobs = JobsField(
        label=_("Who moves there"),
        queryset=Employment.objects.none(),
        error_messages={"required": _("Choose who moves to the new unit.")},
    )

    def __init__(self, *args: Any, agency: Agency, jobs: DatedQuerySet, may_beside: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field, where = self.fields["jobs"], self.fields["where"]
        assert isinstance(field, JobsField)
        assert isinstance(where, forms.ChoiceField)
        field.queryset = jobs
        below = ("below", _("Below %(unit)s") % {"unit": agency})
        beside = ("beside", _("Beside %(unit)s") % {"unit": agency})
        where.choices = [below, beside] if may_beside else [below]
        where.initial = "below"


class CloseUnitForm(ActForm):
    on = DayField(
        label=_("Closes on"), help_text=_("The first day it no longer works. Earlier days stay as they were.")
    )
    people = forms.ChoiceField(
        label=_("Who still works there then"),
        required=False,
        widget=forms.RadioSelect,
        choices=[
            ("transfer", _("moves to the unit chosen below, with the same job and supervisor")),
            ("end", _("leaves: the job ends that day")),
        ],
    )
    transfer_to = UnitField(
        label=_("Unit they move to"), queryset=Agency.objects.none(), required=False, empty_label=_("None")
    )

    def __init__(self, *args: Any, agency: Agency, units: AgencyQuerySet, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["transfer_to"]
        assert isinstance(field, UnitField)
        field.queryset = _units(units, today).exclude(pk=agency.pk)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if values.get("people") == "transfer" and not values.get("transfer_to") and "transfer_to" not in self.errors:
            self.add_error("transfer_to", _("Choose the unit they move to."))
        return values


class JobDetailsForm(ActForm):
    """What is said about any job that somebody takes up."""

    affiliation = forms.ChoiceField(
        label=_("Works as"), choices=Affiliation.choices, initial=Affiliation.EMPLOYEE, widget=forms.RadioSelect
    )
    job_role = RoleField(label=_("Job"), queryset=JobRole.objects.none(), empty_label=_("Choose a job"))
    supervisor = AddressField(label=_("Supervisor’s e-mail"), required=False)
    employee_number = forms.CharField(label=_("Employee number"), max_length=40, required=False)
    on = DayField(label=_("From"), help_text=_("The first day in this job."))
    valid_until = DayField(
        label=_("Until"), required=False, help_text=_("The first day no longer in it, if that is known.")
    )

    def __init__(self, *args: Any, kind: AgencyKind | None, people: PersonQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        role, supervisor = self.fields["job_role"], self.fields["supervisor"]
        assert isinstance(role, RoleField)
        assert isinstance(supervisor, AddressField)
        role.queryset = _roles(kind)
        supervisor.people = people


class NewPersonForm(JobDetailsForm):
    """A job for somebody named by their e-mail address, known or not."""

    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        help_text=_("Who is known by this address keeps their name and brings their training record along."),
    )
    first_name = forms.CharField(label=_("First name"), max_length=120)
    last_name = forms.CharField(label=_("Last name"), max_length=120)
    invite = forms.BooleanField(
        label=_("Send an invitation to who has no password yet"),
        required=False,
        initial=True,
        help_text=_("Caregivers and volunteers always get one."),
    )
    field_order = ["email", "first_name", "last_name"]

    def __init__(self, *args: Any, user: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_email(self) -> str:
        address = str(self.cleaned_data["email"]).lower()
        if find_by_email([address]).get(address) == resolve_person(self.user):
            raise ValidationError(_("Somebody else enters your own jobs."))
        return address


class JobForm(JobDetailsForm):
    """A job for somebody who is known already: a second one, or the first after coming back."""

    agency = UnitField(label=_("Unit"), queryset=Agency.objects.none(), empty_label=_("Choose a unit"))
    field_order = ["agency"]

    def __init__(self, *args: Any, units: AgencyQuerySet, today: date, **kwargs: Any) -> None:
        super().__init__(*args, kind=None, **kwargs)
        field = self.fields["agency"]
        assert isinstance(field, UnitField)
        field.queryset = _units(units, today)


class TransferForm(ActForm):
    agency = UnitField(label=_("New unit"), queryset=Agency.objects.none())
    job_role = RoleField(label=_("Job there"), queryset=JobRole.objects.none())
    supervisor = AddressField(label=_("New supervisor’s e-mail"), required=False)
    on = DayField(
        label=_("From"), help_text=_("The first day in the new place; the old job holds until the day before.")
    )

    def __init__(
        self, *args: Any, job: Employment, units: AgencyQuerySet, people: PersonQuerySet, today: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        unit, role, supervisor = self.fields["agency"], self.fields["job_role"], self.fields["supervisor"]
        assert isinstance(unit, UnitField)
        assert isinstance(role, RoleField)
        assert isinstance(supervisor, AddressField)
        unit.queryset = _units(units, today)
        role.queryset = _roles(job.agency.kind)
        supervisor.people = people


class EndJobForm(ActForm):
    on = DayField(label=_("Ends on"), help_text=_("The first day no longer in this job."))


class GiveGrantForm(ActForm):
    person = AddressField(label=_("E-mail of the person"))
    kind = forms.ChoiceField(label=_("Right"), widget=forms.RadioSelect)
    valid_from = DayField(label=_("From"))
    valid_until = DayField(
        label=_("Until"), required=False, help_text=_("The first day it no longer holds. A reader’s right always ends.")
    )
    reason = GuardedCharField(label=_("Reason"), max_length=200)

    def __init__(self, *args: Any, kinds: list[GrantKind], people: PersonQuerySet, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        person, kind = self.fields["person"], self.fields["kind"]
        assert isinstance(person, AddressField)
        assert isinstance(kind, forms.ChoiceField)
        person.people = people
        kind.choices = [(each.value, f"{each.label}: {MEANINGS[each]}") for each in kinds]
        if kinds == [GrantKind.READER]:
            kind.initial = GrantKind.READER
            self.fields["valid_until"].required = True
        self.today = today

    def clean_valid_from(self) -> date:
        day: date = self.cleaned_data["valid_from"]
        if day < self.today:
            raise ValidationError(_("A right can't begin before today."))
        return day


MEANINGS = {
    GrantKind.MANAGER: _("sees and changes units, jobs and training of the people here"),
    GrantKind.COORDINATOR: _("sees names in all units here; each opening is written down"),
    GrantKind.TRAINER: _("opens guides and slides, and holds live sessions"),
    GrantKind.REVIEWER: _("reviews texts before they are published"),
    GrantKind.OVERSIGHT: _("sees numbers, never names"),
    GrantKind.CONTRACT_MANAGER: _("sees the training of this provider’s people"),
    GrantKind.READER: _("sees the training of the people here, until a day"),
}


class EndGrantForm(ActForm):
    on = DayField(label=_("Ends on"), help_text=_("The first day it no longer holds; today takes it back at once."))
    reason = GuardedCharField(label=_("Reason"), max_length=200)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_on(self) -> date:
        day: date = self.cleaned_data["on"]
        if day < self.today:
            raise ValidationError(_("A right can't be taken back for days that have passed."))
        return day


class FirstPasswordForm(forms.Form):
    """A first password, typed once: who mistypes it asks for a new one by mail."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Long is better than complicated: some words that only you would put together."),
    )

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, self.person)
        return password


class SignupForm(allauth_forms.SignupForm):
    """An account made by its owner, where an agency named the domain of the address."""

    first_name = forms.CharField(label=_("First name"), max_length=120)
    last_name = forms.CharField(label=_("Last name"), max_length=120)
    field_order = ("email", "first_name", "last_name", "password1")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("Work e-mail")

    def clean_email(self) -> str:
        email: str = super().clean_email()
        if find_registration_domain(email) is None:
            raise ValidationError(
                _("Accounts for this address are made by the agency. Ask your supervisor or training office.")
            )
        return email
