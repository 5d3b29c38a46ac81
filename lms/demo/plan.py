"""Who works in the demonstration county and what they have completed (pure: the same files give the same people)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

LEVELS = frozenset({"awareness", "response", "trainer", "manager"})
NEWCOMER_EVERY = 8


@dataclass(frozen=True)
class Renewal:
    """A course completed so long ago that its validity ends in ``days_left`` days."""

    course: str
    days_left: int


@dataclass(frozen=True)
class PlannedPerson:
    """One person of the demonstration. ``completed`` holds the levels of the courses done, ``behind`` the one course
    left undone; who is ``under_way`` has begun the courses that are online. Who answered the quiz of the
    awareness course ``knows`` so many percent of it. Days are counted back from the day of loading."""

    first_name: str
    last_name: str
    email: str
    site: str
    job_role: str
    days_employed: int
    supervisor: str | None = None
    sign_in: str = ""
    affiliation: str = "employee"
    completed: frozenset[str] = field(default=LEVELS)
    behind: str = ""
    renewal: Renewal | None = None
    under_way: bool = False
    knows: int | None = None


def plan_people(
    people: Mapping[str, Any], sites: Mapping[str, list[str]], *, wanted: int | None
) -> list[PlannedPerson]:
    """Return everybody, supervisors before those they lead.

    ``sites`` gives the codes of each agency's sites; ``wanted`` scales the teams to about so many people (none: as the
    file says). A larger number adds people and changes nobody.
    """
    teams = people["teams"]
    scale = 1.0 if wanted is None else wanted / sum(team["staff"] for team in teams)
    # Each team draws its leaders' and its staff's names from sequences of its own.
    sequences = [_names(people, start, 2 * len(teams)) for start in range(2 * len(teams))]
    planned = [
        person
        for number, team in enumerate(teams)
        for person in _plan_team(people, team, sites[team["agency"]], scale, *sequences[2 * number : 2 * number + 2])
    ]
    led = {team["agency"] for team in teams}
    return planned + [_named(people, entry, None) for entry in people["named"] if entry["agency"] not in led]


def _plan_team(
    people: Mapping[str, Any],
    team: Mapping[str, Any],
    sites: list[str],
    scale: float,
    leader_names: Iterator[tuple[str, str]],
    staff_names: Iterator[tuple[str, str]],
) -> Iterator[PlannedPerson]:
    agency, domain, completed = team["agency"], people["email_domain"], team["completed"]

    def invent(names: Iterator[tuple[str, str]], position: int, **fields: Any) -> PlannedPerson:
        first, last = next(names)
        return PlannedPerson(
            first_name=first,
            last_name=last,
            email=_email(first, last, domain),
            completed=_levels(completed, position),
            **fields,
        )

    named = [entry for entry in people["named"] if entry["agency"] == agency]
    heads = [_named(people, entry, None) for entry in named if entry["job_role"] == team["manager"]]
    manager = heads[0] if heads else invent(leader_names, 0, site=agency, job_role=team["manager"], days_employed=2400)
    yield manager
    leads = [_named(people, entry, manager.email) for entry in named if entry["job_role"] == team["supervisor"]]
    yield from leads
    others = [entry for entry in named if entry["job_role"] not in {team["manager"], team["supervisor"]}]
    behind = team.get("behind", {"course": "", "people": 0})
    staff = max(len(others) + behind["people"] + 1, round(team["staff"] * scale))
    for position in range(len(leads), -(-staff // team["span"])):
        lead = invent(
            leader_names,
            position,
            site=sites[position % len(sites)],
            job_role=team["supervisor"],
            days_employed=1100 + 130 * position,
            supervisor=manager.email,
        )
        leads.append(lead)
        yield lead
    yield from (_named(people, entry, leads[0].email) for entry in others)
    for position in range(staff - len(others)):
        late = position < behind["people"]
        newcomer = position % NEWCOMER_EVERY == NEWCOMER_EVERY - 3
        fields: dict[str, Any] = {
            "site": sites[position % len(sites)],
            "job_role": team["line"][position % len(team["line"])],
            "supervisor": leads[(position + len(others)) // team["span"]].email,
            "days_employed": 200 + position * 97 % 1800,
        }
        if late:
            fields |= {"behind": behind["course"], "days_employed": 97 + 11 * position}
        elif newcomer:
            fields |= {"days_employed": 4 + position * 5 % 21}
        person = invent(staff_names, position, **fields)
        yield _new(person) if newcomer else replace(person, knows=_knowledge(team, person, position))


def _new(person: PlannedPerson) -> PlannedPerson:
    """A newcomer: the awareness course is done, under way or not begun, and nothing is late."""
    done = frozenset({"awareness"}) if person.days_employed > 22 else frozenset()
    return replace(person, completed=done, under_way=5 < person.days_employed < 10)


def _knowledge(team: Mapping[str, Any], person: PlannedPerson, position: int) -> int | None:
    """What the person at this position knows of the course whose quiz they answered; None where they did not."""
    online = team.get("online", {"people": 0})
    if position >= online["people"] or "awareness" not in person.completed:
        return None
    least, most = online["knows"]
    return int(least + (most - least) * (position * 37 % 100) // 100)


def _levels(percent: Mapping[str, int], position: int) -> frozenset[str]:
    """The levels that the person at this position completed; nobody does response before awareness."""
    mark = position * 37 % 100
    done = {level for level in LEVELS if mark < percent.get(level, 0)}
    return frozenset(done if "awareness" in done else set())


def _named(people: Mapping[str, Any], entry: Mapping[str, Any], supervisor: str | None) -> PlannedPerson:
    fields = {key: value for key, value in entry.items() if key not in {"agency", "completed", "renewal"}}
    if "completed" in entry:
        fields["completed"] = frozenset(entry["completed"])
    if "renewal" in entry:
        fields["renewal"] = Renewal(**entry["renewal"])
    email = _email(entry["first_name"], entry["last_name"], people["email_domain"])
    return PlannedPerson(email=email, supervisor=supervisor, **fields)


def _names(people: Mapping[str, Any], start: int, step: int) -> Iterator[tuple[str, str]]:
    """Endless names, distinct over all sequences of the same step; when all pairs are used, last names are doubled."""
    first_names, last_names = people["first_names"], people["last_names"]
    named = {(entry["first_name"], entry["last_name"]) for entry in people["named"]}
    for number in count(start, step):
        # The two lists have no common divisor, so that every pair comes once before the first comes again.
        first, last = first_names[number % len(first_names)], last_names[number * 3 % len(last_names)]
        if double := number // (len(first_names) * len(last_names)):
            last = f"{last}-{last_names[(number + double) % len(last_names)]}"
        if (first, last) not in named:
            yield first, last


def _email(first: str, last: str, domain: str) -> str:
    return f"{first}.{last}@{domain}".lower()
