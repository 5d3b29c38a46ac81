"""Who works where, and who may see whom. Every query about people starts at ``visible_to``."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime

from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, F, Q
from django.db.models.functions import Coalesce

from lms.accounts.models import Person, PersonQuerySet
from lms.accounts.selectors import identities, resolve_person

from .enums import MANAGING_KINDS, NAMING_KINDS, GrantKind, SignInState
from .models import Agency, AgencyPlacement, Employment, Grant, IdentityProvider, Invitation, RegistrationDomain
from .querysets import AgencyQuerySet, DatedQuerySet, GrantQuerySet, PlacementQuerySet


def visible_to(user: Person | AnonymousUser, *, as_of: date, today: date | None = None) -> PersonQuerySet:
    """Return the people whose training the user may see, as of a day: their direct reports on that day, and who worked
    on that day at or below a node of their grants, by the tree of that day.

    A grant must hold ``today``; a page that shows a past day passes both, so that a new manager sees the past of their
    agency and a former one sees nothing (none: the day shown is today). Never the user, never a person who was merged
    into another one; nobody for a visitor.
    """
    return _people_of(user, NAMING_KINDS, as_of=as_of, today=today or as_of)


def answerable_for(user: Person | AnonymousUser, *, as_of: date) -> PersonQuerySet:
    """Return the people about whose records the user decides: their direct reports on the day, and who works on that
    day at or below a node of their manager's and coordinator's grants. A reader only sees."""
    return _people_of(user, MANAGING_KINDS, as_of=as_of, today=as_of)


def _people_of(user: Person | AnonymousUser, kinds: Collection[str], *, as_of: date, today: date) -> PersonQuerySet:
    if not isinstance(user, Person) or not user.is_active:
        return Person.objects.none()
    own = identities(user)
    granted = _granted_places(user, kinds, as_of=as_of, today=today)
    jobs = Employment.objects.on(as_of).filter(Q(supervisor__in=own) | Q(agency__in=granted.values("agency")))
    survivors = jobs.values_list(Coalesce("person__merged_into__merged_into", "person__merged_into", "person"))
    return Person.objects.unmerged().exclude(pk__in=own.values("pk")).filter(pk__in=survivors)


def list_grants(person: Person | AnonymousUser, *, as_of: date) -> GrantQuerySet:
    """Return the grants that the person holds on the day, with their node and who gave them."""
    return (
        Grant.objects.on(as_of)
        .filter(person__in=identities(person))
        .select_related("agency", "granted_by")
        .order_by("kind", "valid_from", "pk")
    )


def list_managed_agencies(user: Person | AnonymousUser, *, as_of: date) -> AgencyQuerySet:
    """Return the agencies whose units and jobs the user may change on the day: the nodes of their manager's and
    coordinator's grants and all below, by the tree of that day; for a site administrator all."""
    return _agencies_at(_places(user, MANAGING_KINDS, as_of=as_of, today=as_of))


def list_readable_agencies(user: Person | AnonymousUser, *, as_of: date, today: date | None = None) -> AgencyQuerySet:
    """Return the agencies that the user may open as of a day, by the tree of that day, because of a grant that holds
    ``today`` (none: the day itself); for a site administrator all."""
    return _agencies_at(_places(user, NAMING_KINDS, as_of=as_of, today=today or as_of))


def list_known_people(user: Person | AnonymousUser, *, as_of: date) -> PersonQuerySet:
    """Return whoever has, had or will have a job at one of the agencies that the user may open on the day, so that who
    left can be taken back. Never the user."""
    jobs = Employment.objects.filter(agency__in=list_readable_agencies(user, as_of=as_of))
    survivors = jobs.values_list(Coalesce("person__merged_into__merged_into", "person__merged_into", "person"))
    return Person.objects.unmerged().exclude(pk__in=identities(user).values("pk")).filter(pk__in=survivors)


def list_managed_people(user: Person, *, as_of: date) -> PersonQuerySet:
    """Return who works, or begins later, at an agency whose jobs the user may change on the day. Never the user."""
    jobs = Employment.objects.filter(
        Q(valid_until=None) | Q(valid_until__gt=as_of), agency__in=list_managed_agencies(user, as_of=as_of)
    )
    survivors = jobs.values_list(Coalesce("person__merged_into__merged_into", "person__merged_into", "person"))
    return Person.objects.unmerged().exclude(pk__in=identities(user).values("pk")).filter(pk__in=survivors)


def map_sign_in_states(people: Collection[Person], *, now: datetime) -> dict[int, SignInState]:
    """Return for each of the people, by key, how far they are on the way to signing in; two queries for any number."""
    invited = dict(Invitation.objects.standing().filter(person__in=people).values_list("person", "expires_at"))
    elsewhere = set(SocialAccount.objects.filter(user__in=people).values_list("user", flat=True))

    def state(person: Person) -> SignInState:
        if not person.is_active:
            return SignInState.BLOCKED
        if person.has_usable_password() or person.pk in elsewhere:
            return SignInState.READY
        if (until := invited.get(person.pk)) is None:
            return SignInState.NOT_INVITED
        return SignInState.INVITED if until > now else SignInState.EXPIRED

    return {person.pk: state(person) for person in people}


def list_without_sign_in(agency: Agency, *, as_of: date, now: datetime) -> PersonQuerySet:
    """Return who works at the unit or below it on the day, or begins later, and has neither a way to sign in nor an
    invitation that holds; by name."""
    below = Agency.objects.subtree_on(agency, as_of).values("pk")
    jobs = Employment.objects.filter(Q(valid_until=None) | Q(valid_until__gt=as_of), agency__in=below)
    survivors = jobs.values_list(Coalesce("person__merged_into__merged_into", "person__merged_into", "person"))
    people = Person.objects.unmerged().active().filter(pk__in=survivors, password__startswith=UNUSABLE_PASSWORD_PREFIX)
    invited = Invitation.objects.standing().filter(expires_at__gt=now)
    return people.exclude(Q(pk__in=invited.values("person")) | Q(pk__in=SocialAccount.objects.values("user"))).order_by(
        "sort_name", "pk"
    )


def get_invitation(person: Person) -> Invitation | None:
    """Return the person's newest invitation that was neither accepted nor withdrawn."""
    standing: Invitation | None = Invitation.objects.standing().filter(person=person).first()
    return standing


def list_choosable_people(user: Person, *, as_of: date) -> PersonQuerySet:
    """Return whom the user may name as supervisor, point person or holder of a grant: themself and whom they see; for a
    site administrator and a coordinator of the whole site anybody."""
    everywhere = list_grants(user, as_of=as_of).filter(kind=GrantKind.COORDINATOR, agency=None)
    if user.is_superuser or everywhere.exists():
        return Person.objects.unmerged()
    return Person.objects.unmerged().filter(Q(pk=user.pk) | Q(pk__in=visible_to(user, as_of=as_of).values("pk")))


def _places(user: Person | AnonymousUser, kinds: Collection[str], *, as_of: date, today: date) -> PlacementQuerySet:
    if isinstance(user, Person) and user.is_active and user.is_superuser:
        return AgencyPlacement.objects.on(as_of)
    return _granted_places(user, kinds, as_of=as_of, today=today)


def _granted_places(
    user: Person | AnonymousUser, kinds: Collection[str], *, as_of: date, today: date
) -> PlacementQuerySet:
    if not user.is_active:
        return AgencyPlacement.objects.none()
    grants = Grant.objects.on(today).of_kinds(kinds).filter(person__in=identities(user))
    return AgencyPlacement.objects.granted(grants, as_of)


def _agencies_at(places: PlacementQuerySet) -> AgencyQuerySet:
    agencies: AgencyQuerySet = Agency.objects.filter(pk__in=places.values("agency"))
    return agencies


@dataclass
class TreeUnit:
    """One unit of the tree of a day: the jobs held there, and the units below it."""

    agency: Agency
    path: str
    jobs: int
    below: list[TreeUnit] = field(default_factory=list)

    @property
    def jobs_in_all(self) -> int:
        """The jobs held there and in all units below."""
        return self.jobs + sum(unit.jobs_in_all for unit in self.below)


def list_tree(
    user: Person,
    *,
    as_of: date,
    today: date,
    root: Agency | None = None,
    search: str = "",
    with_closed: bool = False,
) -> list[TreeUnit]:
    """Return the tops of the tree that the user may open, as it stood on the day; two queries for any size.

    With ``root`` that unit and what stood below it; with ``search`` only the units whose name or code holds every word,
    and what stands above them.
    """
    places = _places(user, NAMING_KINDS, as_of=as_of, today=today)
    if root:
        place = root.placements.on(as_of).first()
        places = places.filter(path__startswith=place.path) if place else places.none()
    held = Employment.objects.on(as_of).filter(agency__in=places.values("agency")).order_by()
    jobs = dict(held.values_list("agency").annotate(Count("pk")))
    units = [
        TreeUnit(agency=place.agency, path=place.path, jobs=jobs.get(place.agency_id, 0))
        for place in places.select_related("agency__kind", "agency__service_area").order_by("path")
        if with_closed or place.agency.closed_on is None or place.agency.closed_on > as_of
    ]
    if words := search.casefold().split():
        named = [unit.path for unit in units if _holds_words(unit.agency, words)]
        units = [unit for unit in units if any(path.startswith(unit.path) for path in named)]
    tops: list[TreeUnit] = []
    above: list[TreeUnit] = []
    for unit in units:
        while above and not unit.path.startswith(above[-1].path):
            above.pop()
        (above[-1].below if above else tops).append(unit)
        above.append(unit)
    return tops


def _holds_words(agency: Agency, words: list[str]) -> bool:
    text = f"{agency.name} {agency.short_name} {agency.code}".casefold()
    return all(word in text for word in words)


def list_units_above(agency: Agency, *, as_of: date) -> list[Agency]:
    """Return what the unit stood below on the day, from the top down."""
    place = agency.placements.on(as_of).first()
    if place is None:
        return []
    step = Agency.steplen
    paths = [place.path[:end] for end in range(step, len(place.path), step)]
    standing = AgencyPlacement.objects.on(as_of).filter(path__in=paths).select_related("agency").order_by("path")
    return [above.agency for above in standing]


def list_places(agency: Agency) -> list[tuple[AgencyPlacement, Agency | None]]:
    """Return where the unit stood, the latest first, each with the unit directly above it (none: at the top)."""
    places = list(agency.placements.order_by("-valid_from"))
    above = AgencyPlacement.objects.filter(path__in={place.path[: -Agency.steplen] for place in places})
    candidates = list(above.select_related("agency"))

    def parent(place: AgencyPlacement) -> Agency | None:
        wanted = place.path[: -Agency.steplen]
        return next(
            (
                found.agency
                for found in candidates
                if found.path == wanted
                and found.valid_from <= place.valid_from
                and (found.valid_until is None or found.valid_until > place.valid_from)
            ),
            None,
        )

    return [(place, parent(place)) for place in places]


def list_grants_over(agency: Agency, *, as_of: date) -> GrantQuerySet:
    """Return the grants that reach the unit on the day, its own and those from above, and its own that begin later."""
    above = [unit.pk for unit in list_units_above(agency, as_of=as_of)]
    reaching = Grant.objects.on(as_of).filter(Q(agency__in=[*above, agency.pk]) | Q(agency=None))
    coming = Grant.objects.filter(agency=agency, valid_from__gt=as_of).exclude(valid_until=F("valid_from"))
    return (
        (reaching | coming).select_related("person", "agency", "granted_by").order_by("kind", "person__sort_name", "pk")
    )


def list_site_grants(*, as_of: date) -> GrantQuerySet:
    """Return the grants over the whole site that hold on the day or begin later."""
    held = Grant.objects.filter(Q(valid_until=None) | Q(valid_until__gt=as_of), agency=None)
    return (
        held.exclude(valid_until=F("valid_from")).select_related("person", "granted_by").order_by("kind", "valid_from")
    )


def list_jobs_at(agency: Agency, *, as_of: date, show: str = "") -> DatedQuerySet:
    """Return the jobs at the unit itself: those held on the day, those that ended by then (``left``) or those that
    begin later (``coming``); by name."""
    jobs = Employment.objects.filter(agency=agency)
    chosen = {
        "left": jobs.filter(valid_until__lte=as_of),
        "coming": jobs.filter(valid_from__gt=as_of),
    }.get(show, jobs.on(as_of))
    return chosen.select_related("person__merged_into__merged_into", "job_role", "supervisor").order_by(
        "person__sort_name", "person", "pk"
    )


def list_employments(person: Person, *, as_of: date) -> DatedQuerySet:
    """Return the jobs that the person holds on the day, with agency and job role."""
    return (
        Employment.objects.on(as_of)
        .filter(person__in=identities(person))
        .select_related("agency__kind", "agency__service_area", "job_role", "supervisor")
        .order_by("valid_from", "pk")
    )


def find_employee(provider: IdentityProvider, number: str, *, as_of: date) -> Person | None:
    """Return the one person who works on the day at or below the provider's agency under the employee number.

    None when there is nobody or more than one, and when the person comes from this provider as another subject.
    """
    if not number:
        return None
    units = Agency.objects.subtree_on(provider.agency, as_of)
    jobs = Employment.objects.on(as_of).filter(agency__in=units.values("pk"), employee_number=number)
    people = {resolve_person(job.person) for job in jobs.select_related("person__merged_into__merged_into")}
    if len(people) != 1 or SocialAccount.objects.filter(user__in=people, provider=provider.code).exists():
        return None
    return people.pop()


def is_registration_open() -> bool:
    """Whether some agency lets people make their account themselves."""
    return RegistrationDomain.objects.exists()


def find_registration_domain(address: str) -> RegistrationDomain | None:
    """Return the row by which the address may make an account, or None."""
    return RegistrationDomain.objects.filter(domain=address.rpartition("@")[2].lower()).first()
