"""What a completion counts with which body, and where a person stands in each body's cycle."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Q, QuerySet
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from certificates.credit_rules import Cycle, cycle_on, list_missing
from certificates.enums import CreditField, CycleStart
from certificates.models import CourseCredit, CreditBody, CreditEntry, License
from certificates.printed import CreditLine
from lms.accounts.models import Person
from lms.accounts.selectors import identities
from lms.agencies.models import Employment
from lms.learning.models import Completion


@dataclass(frozen=True)
class Refusal:
    """A body's line that can't be printed yet, with what it still has to say."""

    body: CreditBody
    missing: list[CreditField]

    @property
    def reason(self) -> str:
        return _("%(body)s asks for more than is entered yet. Missing: %(missing)s.") % {
            "body": self.body.short_name,
            "missing": get_text_list([str(key.label) for key in self.missing], _("and")),
        }


def list_bodies(person: Person, *, on: date) -> QuerySet[CreditBody]:
    """Return the bodies that count a person's hours on a day: of their licenses, and of the jobs they had then."""
    own = identities(person)
    roles = Employment.objects.on(on).filter(person__in=own).values("job_role")
    return CreditBody.objects.filter(Q(licenses__person__in=own) | Q(job_roles__in=roles)).distinct()


def list_credit_lines(completion: Completion, *, signed: bool) -> tuple[dict[int, CreditLine], list[Refusal]]:
    """Return the lines of the bodies that count the completion for this person, by body, and those still refused.

    A body counts it when it had approved the course on that day, and the person holds a license with it or had a job
    then whose hours it counts.
    """
    day = completion.completed_on
    own = identities(completion.person)
    bodies = list_bodies(completion.person, on=day)
    lines: dict[int, CreditLine] = {}
    refused: list[Refusal] = []
    approved = CourseCredit.objects.on(day).filter(course=completion.course_id, body__in=bodies)
    licenses = {one.body_id: one for one in License.objects.filter(person__in=own)} if approved else {}
    for credit in approved.select_related("body").prefetch_related("categories"):
        values = _values(credit, completion, licenses.get(credit.body_id), signed=signed)
        if missing := list_missing(credit.body.required_fields, values):
            refused.append(Refusal(credit.body, missing))
        else:
            lines[credit.body_id] = _line(credit, values)
    return lines, refused


def _values(credit: CourseCredit, completion: Completion, license_: License | None, *, signed: bool) -> dict[str, str]:
    body = credit.body
    holds = body.provider_until is None or body.provider_until >= completion.completed_on
    return {
        CreditField.COURSE_NUMBER: credit.course_number,
        CreditField.PROVIDER_NUMBER: body.provider_number if holds else "",
        CreditField.PROVIDER_NAME: body.provider_name,
        CreditField.PROVIDER_ADDRESS: body.provider_address,
        CreditField.STATEMENT: body.statement,
        CreditField.LICENSE_KIND: license_.kind if license_ else "",
        CreditField.LICENSE_NUMBER: license_.number if license_ else "",
        # Whoever learns online learns at no place, by their own choice of hours.
        CreditField.PLACE: completion.place or str(completion.get_mode_display()),
        CreditField.INSTRUCTOR: completion.instructor,
        CreditField.SIGNER: "signed" if signed else "",
    }


def _line(credit: CourseCredit, values: dict[str, str]) -> CreditLine:
    return CreditLine(
        body=credit.body.short_name,
        hours=credit.hours,
        categories=tuple((category.name, category.hours) for category in credit.categories.all()),
        **{
            key: values[key]
            for key in (
                CreditField.COURSE_NUMBER,
                CreditField.PROVIDER_NUMBER,
                CreditField.PROVIDER_NAME,
                CreditField.PROVIDER_ADDRESS,
                CreditField.STATEMENT,
                CreditField.LICENSE_KIND,
                CreditField.LICENSE_NUMBER,
            )
        },
    )


@dataclass(frozen=True)
class BodyHours:
    """Hours with one body in the cycle of a day; no cycle where its start is not known yet."""

    body: CreditBody
    license: License | None
    cycle: Cycle | None
    hours: Decimal
    entries: list[CreditEntry] = field(default_factory=list)

    @property
    def last_day(self) -> date | None:
        return self.cycle.ends_on - timedelta(days=1) if self.cycle else None

    @property
    def missing(self) -> Decimal | None:
        """Hours still to come in this cycle, where the body asks everybody for the same."""
        required = self.body.hours_required
        return max(required - self.hours, Decimal(0)) if required is not None else None


def list_body_hours(person: Person, *, as_of: date) -> list[BodyHours]:
    """Return the person's hours per body and cycle on the day: bodies of their licenses, their jobs, their hours."""
    own = identities(person)
    licenses = {one.body_id: one for one in License.objects.filter(person__in=own)}
    entries: dict[int, list[CreditEntry]] = {}
    counted = CreditEntry.objects.filter(
        completion__in=Completion.objects.standing().filter(person__in=own, completed_on__lte=as_of)
    )
    for entry in counted.select_related("completion").order_by("completion__completed_on", "pk"):
        entries.setdefault(entry.body_id, []).append(entry)
    roles = Employment.objects.on(as_of).filter(person__in=own).values("job_role")
    bodies = CreditBody.objects.filter(Q(pk__in=[*licenses, *entries]) | Q(job_roles__in=roles)).distinct()
    return [
        _hours(body, licenses.get(body.pk), entries.get(body.pk, []), as_of=as_of)
        for body in bodies.order_by("short_name")
    ]


def _hours(body: CreditBody, license_: License | None, entries: list[CreditEntry], *, as_of: date) -> BodyHours:
    anchor = body.cycle_anchor
    if body.cycle_starts == CycleStart.LICENSE:
        anchor = license_.expires_on + timedelta(days=1) if license_ and license_.expires_on else None
    cycle = cycle_on(as_of, months=body.cycle_months, anchor=anchor) if anchor else None
    in_cycle = [entry for entry in entries if cycle is None or cycle.holds(entry.completion.completed_on)]
    return BodyHours(
        body=body,
        license=license_,
        cycle=cycle,
        hours=sum((entry.hours for entry in in_cycle), Decimal(0)),
        entries=in_cycle,
    )
