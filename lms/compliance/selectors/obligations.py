"""What people owe on a day, and how each duty went over the years: from their spans."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from curricula.models import CoursePage
from lms.accounts.models import Person
from lms.agencies.models import Agency, AgencyPlacement, Employment
from lms.compliance.evaluation import DayStatus, Kind, Span, status_on
from lms.compliance.models import (
    ObligationSpan,
    ObligationSpanPast,
    Requirement,
    RequirementCondition,
    RequirementCourse,
    SpanRow,
)
from lms.compliance.obligations import Obligation, Reason, stand
from lms.learning.models import Completion, Enrollment

# By survivor and course.
Completions = Mapping[tuple[int, int], list[Completion]]
Enrollments = Mapping[tuple[int, int], Enrollment]


def map_identities(people: Iterable[Person]) -> dict[int, int]:
    """Return the id of each of the people, and of everybody merged into them over two steps, with the survivor's id."""
    return map_identity_ids(person.pk for person in people)


def map_identity_ids(people: Iterable[int]) -> dict[int, int]:
    """The same by ids."""
    owner = {person: person for person in people}
    given = list(owner)
    for merged, into, over in Person.objects.filter(
        Q(merged_into__in=given) | Q(merged_into__merged_into__in=given)
    ).values_list("pk", "merged_into", "merged_into__merged_into"):
        owner.setdefault(merged, into if into in given else over)
    return owner


def list_obligations(people: Iterable[Person], *, as_of: date) -> dict[int, list[Obligation]]:
    """Return for each person what applies on the day, owed, done and waived: one line for each course, mandatory before
    elective, what is owed first, in order of due date.

    At most ten queries, whatever the number of people. Records of merged persons count for the survivor.
    """
    owner = map_identities(people)
    lines: dict[int, list[Obligation]] = {person: [] for person in set(owner.values())}
    spans: dict[tuple[int, int], ObligationSpan] = {}
    for span in ObligationSpan.objects.on(as_of).filter(person__in=list(lines)).order_by("unit"):
        spans.setdefault((span.person_id, span.requirement_id), span)
    rules = _read_rules({requirement for _person, requirement in spans})
    completions = _read_completions(owner, as_of)
    enrollments = _read_enrollments(owner, as_of)
    online = set(CoursePage.objects.live().values_list("course_id", flat=True))
    reasons = _read_reasons(owner, rules, as_of)
    for (person, requirement_id), span in spans.items():
        requirement, accepted = rules[requirement_id].requirement, rules[requirement_id].accepted
        begun = [row.course for row in accepted if (person, row.course_id) in enrollments]
        course = begun[0] if begun else accepted[0].course
        lines[person].append(
            Obligation(
                requirement=requirement,
                course=course,
                standing=stand(_span(span), as_of=as_of, begun=bool(begun), mandatory=requirement.mandatory),
                online=course.pk in online,
                because=reasons.get((person, requirement_id), ()),
                soon_on=span.soon_on if span.soon_on != date.max else None,
                completion=_last_accepted(person, accepted, completions),
                enrollment=enrollments.get((person, course.pk)),
                opens_after=tuple(
                    needed for needed in course.prerequisites.all() if (person, needed.pk) not in completions
                ),
                also_counts=tuple(row.course for row in accepted if row.course_id != course.pk),
            )
        )
    return {person: _one_line_each_course(obligations) for person, obligations in lines.items()}


def _span(row: SpanRow) -> Span:
    return Span(row.from_on, row.to_on, Kind(row.kind), row.soon_on, row.late_on)


@dataclass(frozen=True)
class RuleRead:
    """A requirement with what belongs to it, in the order in which it was entered."""

    requirement: Requirement
    conditions: list[RequirementCondition] = field(default_factory=list)
    accepted: list[RequirementCourse] = field(default_factory=list)


def _read_rules(requirements: Iterable[int]) -> dict[int, RuleRead]:
    rules: dict[int, RuleRead] = {}
    conditions = RequirementCondition.objects.filter(requirement__in=requirements).order_by("pk")
    for condition in conditions.select_related("requirement", "agency", "job_role"):
        rules.setdefault(condition.requirement_id, RuleRead(condition.requirement)).conditions.append(condition)
    accepted = RequirementCourse.objects.filter(requirement__in=requirements).order_by("pk")
    for row in accepted.select_related("course").prefetch_related("course__prerequisites"):
        rules[row.requirement_id].accepted.append(row)
    return rules


def _read_completions(owner: Mapping[int, int], as_of: date) -> Completions:
    completions: dict[tuple[int, int], list[Completion]] = {}
    for completion in Completion.objects.standing().filter(person__in=list(owner), completed_on__lte=as_of):
        completions.setdefault((owner[completion.person_id], completion.course_id), []).append(completion)
    return completions


def _last_accepted(person: int, accepted: Iterable[RequirementCourse], completions: Completions) -> Completion | None:
    done = [
        completion
        for row in accepted
        for completion in completions.get((person, row.course_id), ())
        if completion.version >= (row.minimum_version or 0)
    ]
    return max(done, key=lambda completion: completion.completed_on, default=None)


def _read_enrollments(owner: Mapping[int, int], as_of: date) -> Enrollments:
    """The open enrollments that were begun by the end of the day."""
    end = timezone.make_aware(datetime.combine(as_of + timedelta(days=1), time.min))
    rows = Enrollment.objects.filter(person__in=list(owner), finished_at=None, started_at__lt=end)
    return {(owner[row.person_id], row.course_id): row for row in rows.order_by("last_seen_at")}


def _read_reasons(
    owner: Mapping[int, int], rules: Mapping[int, RuleRead], as_of: date
) -> dict[tuple[int, int], tuple[Reason, ...]]:
    """Which conditions each person's jobs of the day meet, by the tree of the day."""
    jobs = list(
        Employment.objects.on(as_of)
        .filter(person__in=list(owner))
        .select_related("job_role", "agency")
        .order_by("valid_from", "pk")
    )
    conditions = [(pk, condition) for pk, rule in rules.items() for condition in rule.conditions]
    agencies = {job.agency_id for job in jobs} | {condition.agency_id for _rule, condition in conditions}
    paths = dict(AgencyPlacement.objects.on(as_of).filter(agency__in=agencies).values_list("agency_id", "path"))
    reasons: dict[tuple[int, int], tuple[Reason, ...]] = defaultdict(tuple)
    for job in jobs:
        person = owner[job.person_id]
        for rule, condition in conditions:
            named = condition.person_id is None or owner.get(condition.person_id) == person
            if named and _meets(condition, job, paths):
                reasons[person, rule] += (Reason(condition, job, _comes_with(condition, job)),)
    return reasons


def _meets(condition: RequirementCondition, job: Employment, paths: Mapping[int, str]) -> bool:
    """Whether all that is set on the condition, but the person, holds for the job, by the tree given in ``paths``."""
    if condition.agency_id:
        root, node = paths.get(condition.agency_id), paths.get(job.agency_id)
        if not root or not node or not node.startswith(root):
            return False
    return (
        condition.job_role_id in {None, job.job_role_id}
        and condition.level in {"", job.job_role.level}
        and condition.client_facing in {None, job.job_role.client_facing}
    )


def _comes_with(condition: RequirementCondition, job: Employment) -> str:
    if condition.person_id:
        return _("assigned to you")
    if condition.job_role_id:
        return job.job_role.title
    if condition.client_facing:
        return _("client-facing jobs in %(agency)s") % {"agency": condition.agency or job.agency}
    if condition.level:
        return _("%(level)s in %(agency)s") % {
            "level": job.job_role.get_level_display(),
            "agency": condition.agency or job.agency,
        }
    if condition.agency:
        return _("any job in %(agency)s") % {"agency": condition.agency}
    return _("any job")


def _one_line_each_course(obligations: Iterable[Obligation]) -> list[Obligation]:
    """Keep one obligation for each course: mandatory before elective, the earliest due date first."""

    def urgency(line: Obligation) -> tuple[bool, bool, date]:
        return (not line.mandatory, not line.owed, line.due_on or line.valid_until or date.max)

    lines: dict[int, Obligation] = {}
    for obligation in sorted(obligations, key=urgency):
        lines.setdefault(obligation.course.pk, obligation)
    return list(lines.values())


@dataclass(frozen=True)
class Stretch:
    """Days in a row on which a person had one status with a requirement (``until``: the first day after them), because
    of jobs at these units."""

    since: date
    until: date
    status: DayStatus
    units: tuple[Agency, ...]


def list_history(person: Person, *, until: date, known_at: datetime | None = None) -> dict[Requirement, list[Stretch]]:
    """Return by requirement how the person stood with it, from the first day up to ``until`` (no longer included).

    ``known_at``: as it was known at that moment, from the spans that were replaced since too (none: as known now).
    Three queries, or four.
    """
    rows: list[SpanRow] = []
    models = [ObligationSpan] if known_at is None else [ObligationSpan, ObligationSpanPast]
    for model in models:
        spans = model._default_manager.filter(person=person, from_on__lt=until).select_related("unit")
        rows += spans if known_at is None else spans.known_at(known_at)
    requirements = Requirement.objects.in_bulk({row.requirement_id for row in rows})
    history: dict[Requirement, list[Stretch]] = {}
    for requirement in sorted(requirements.values(), key=lambda requirement: requirement.name):
        own = [row for row in rows if row.requirement_id == requirement.pk]
        history[requirement] = _list_stretches(own, until)
    return history


def _list_stretches(rows: list[SpanRow], until: date) -> list[Stretch]:
    cuts = {day for row in rows for day in (row.from_on, row.soon_on, row.late_on, row.to_on)}
    stretches: list[Stretch] = []
    days = sorted(day for day in cuts if day < until)
    for since, end in zip(days, [*days[1:], until], strict=True):
        there = sorted((row for row in rows if row.from_on <= since < row.to_on), key=lambda row: row.unit_id)
        if not there:
            continue
        stretch = Stretch(since, end, status_on([_span(there[0])], since), tuple(row.unit for row in there))
        last = stretches[-1] if stretches else stretch
        if last.until == since and (last.status, last.units) == (stretch.status, stretch.units):
            # A renewal, or the end of a row: nothing changed for the person.
            stretch = replace(stretches.pop(), until=end)
        stretches.append(stretch)
    return stretches
