"""What providers' contracts ask, and how far their people are."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, Q, QuerySet, Value, When

from lms.accounts.models import Person
from lms.accounts.selectors import identities
from lms.agencies.enums import GrantKind
from lms.agencies.models import Agency, AgencyPlacement, Grant
from lms.agencies.querysets import AgencyQuerySet
from lms.agencies.selectors import list_readable_agencies, visible_to
from lms.compliance.evaluation import DayStatus
from lms.compliance.models import ObligationSpan, ProviderContract, Requirement

CONTRACT_KINDS = (GrantKind.CONTRACT_MANAGER, GrantKind.COORDINATOR)


def list_contract_agencies(user: Person, *, as_of: date) -> AgencyQuerySet:
    """Return the agencies whose contracts the user may write down on the day: those of their contract manager's and
    coordinator's grants and all below."""
    agencies: AgencyQuerySet = Agency.objects.all()
    if not user.is_active:
        return agencies.none()
    if user.is_superuser:
        return agencies
    grants = Grant.objects.on(as_of).of_kinds(CONTRACT_KINDS).filter(person__in=identities(user))
    return agencies.filter(pk__in=AgencyPlacement.objects.granted(grants, as_of).values("agency"))


def list_contracts(user: Person, *, as_of: date) -> QuerySet[ProviderContract]:
    """Return the contracts of the agencies that the user may open on the day, with ``may_change``."""
    own = list_contract_agencies(user, as_of=as_of).order_by().values("pk")
    readable = list_readable_agencies(user, as_of=as_of).order_by().values("pk")
    return (
        ProviderContract.objects.filter(Q(agency__in=readable) | Q(agency__in=own))
        .select_related("agency")
        .prefetch_related("requirements")
        .annotate(may_change=Case(When(agency__in=own, then=Value(True)), default=Value(False)))
    )


@dataclass(frozen=True)
class ContractShare:
    """How many of the provider's people are trained on the day in all that the contract asks: ``trained`` of
    ``counted``. Who owes nothing of it, or is let off all of it, is not counted."""

    contract: ProviderContract
    as_of: date
    trained: int
    counted: int

    @property
    def percent(self) -> int | None:
        """Whole percent, rounded down; none when nobody is counted."""
        return self.trained * 100 // self.counted if self.counted else None

    @property
    def reached(self) -> bool:
        return self.counted > 0 and self.trained * 100 >= self.contract.target_percent * self.counted

    @property
    def lacking(self) -> int:
        """How many more people have to be trained."""
        return max(-(-self.contract.target_percent * self.counted // 100) - self.trained, 0)

    @property
    def status(self) -> str:
        """A word of the status vocabulary."""
        if self.reached:
            return "complete"
        if not self.counted:
            return "not_required"
        if self.as_of > self.contract.due_on:
            return "overdue"
        return "due_soon" if (self.contract.due_on - self.as_of).days <= 30 else "in_progress"


@dataclass
class Standing:
    """One person under a contract: the rules that count for them, by status."""

    statuses: dict[int, tuple[DayStatus, date]] = field(default_factory=dict)

    @property
    def counted(self) -> bool:
        return any(status != "waived" for status, _late_on in self.statuses.values())

    @property
    def missing(self) -> list[int]:
        """The rules that are neither met nor waived."""
        met = {"complete", "renew_soon", "waived"}
        return [requirement for requirement, (status, _late_on) in self.statuses.items() if status not in met]


def list_standings(contracts: Collection[ProviderContract], *, as_of: date) -> dict[int, dict[int, Standing]]:
    """Return by contract and person who is under it and how they stand: three queries, whatever the number."""
    asked = {contract.pk: {rule.pk for rule in contract.requirements.all()} for contract in contracts}
    mandatory = set(Requirement.objects.filter(mandatory=True).values_list("pk", flat=True))
    paths = dict(AgencyPlacement.objects.on(as_of).values_list("agency_id", "path"))
    roots = [(contract.pk, paths.get(contract.agency_id)) for contract in contracts]
    units = {
        unit: [pk for pk, root in roots if root and path.startswith(root)]
        for unit, path in paths.items()
        if any(root and path.startswith(root) for _pk, root in roots)
    }
    found: dict[int, dict[int, Standing]] = {contract.pk: {} for contract in contracts}
    spans: Any = ObligationSpan.objects.with_status(as_of).filter(unit__in=list(units)).order_by("pk")
    for unit, person, requirement, status, late_on in spans.values_list(
        "unit", "person", "requirement", "status", "late_on"
    ):
        for pk in units[unit]:
            if requirement in (asked[pk] or mandatory):
                found[pk].setdefault(person, Standing()).statuses[requirement] = (status, late_on)
    return found


def list_shares(contracts: Sequence[ProviderContract], *, as_of: date) -> list[ContractShare]:
    """Return the share of each contract: as many queries as for one."""
    found = list_standings(contracts, as_of=as_of)
    return [_share(contract, found[contract.pk], as_of) for contract in contracts]


def _share(contract: ProviderContract, people: Mapping[int, Standing], as_of: date) -> ContractShare:
    counted = [standing for standing in people.values() if standing.counted]
    return ContractShare(contract, as_of, sum(not standing.missing for standing in counted), len(counted))


@dataclass(frozen=True)
class ContractLine:
    """A person under a contract, by name, and what is missing, with the last good day of each."""

    person: Person
    missing: Sequence[tuple[Requirement, date | None]]


def list_contract_people(
    user: Person, contract: ProviderContract, *, as_of: date
) -> tuple[ContractShare, list[ContractLine]]:
    """Return the contract's share, and a line for each of the counted people whom the user may see, who lacks something
    first."""
    people = list_standings([contract], as_of=as_of)[contract.pk]
    counted = {person: standing for person, standing in people.items() if standing.counted}
    rules: dict[int, Any] = Requirement.objects.in_bulk({pk for one in counted.values() for pk in one.missing})
    lines = []
    for person in visible_to(user, as_of=as_of).filter(pk__in=list(counted)).order_by("sort_name", "pk"):
        standing = counted[person.pk]
        missing = [
            (rules[pk], None if (late_on := standing.statuses[pk][1]) == date.max else late_on - timedelta(days=1))
            for pk in standing.missing
        ]
        lines.append(ContractLine(person, sorted(missing, key=lambda line: line[0].name)))
    return _share(contract, people, as_of), sorted(lines, key=lambda line: not line.missing)
