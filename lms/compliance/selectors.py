"""What people owe, read on the fly."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.db.models import Prefetch, Q
from django.utils.translation import gettext as _

from curricula.models import Course, CoursePage
from lms.accounts.models import Person
from lms.agencies.models import AgencyPlacement, Employment
from lms.learning.models import Completion, Enrollment

from .models import Requirement, RequirementCondition, RequirementCourse
from .obligations import Obligation, duty_began, stand


def _requirements_on(as_of: date) -> list[Requirement]:
    return list(
        Requirement.objects.filter(Q(ends_on=None) | Q(ends_on__gt=as_of), starts_on__lte=as_of).prefetch_related(
            Prefetch("conditions", RequirementCondition.objects.select_related("agency", "job_role")),
            Prefetch("accepted_courses", RequirementCourse.objects.select_related("course").order_by("pk")),
            "accepted_courses__course__prerequisites",
        )
    )


def _meets(condition: RequirementCondition, job: Employment, paths: dict[int, str]) -> bool:
    """Whether all fields that are set on the condition hold for the job, by the tree given in ``paths``."""
    if condition.person_id and condition.person_id != job.person_id:
        return False
    if condition.agency_id:
        root, node = paths.get(condition.agency_id), paths.get(job.agency_id)
        if not root or not node or not node.startswith(root):
            return False
    if condition.job_role_id and condition.job_role_id != job.job_role_id:
        return False
    if condition.level and condition.level != job.job_role.level:
        return False
    return condition.client_facing is None or condition.client_facing == job.job_role.client_facing


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


def map_identities(people: Iterable[Person]) -> dict[int, int]:
    """Return the id of each of the people, and of everybody merged into them over two steps, with the survivor's id."""
    owner = {person.pk: person.pk for person in people}
    given = list(owner)
    for merged, into, over in Person.objects.filter(
        Q(merged_into__in=given) | Q(merged_into__merged_into__in=given)
    ).values_list("pk", "merged_into", "merged_into__merged_into"):
        owner.setdefault(merged, into if into in given else over)
    return owner


def list_obligations(people: Iterable[Person], *, as_of: date) -> dict[int, list[Obligation]]:
    """Return for each person what applies on the day, owed and done, in order of due date; one line for each course.

    The number of queries does not depend on the number of people. Records of merged persons count for the survivor.
    """
    owner = map_identities(people)
    survivors = set(owner.values())
    jobs: dict[int, list[Employment]] = defaultdict(list)
    for job in Employment.objects.filter(person__in=list(owner), valid_from__lte=as_of).select_related(
        "job_role", "agency"
    ):
        jobs[owner[job.person_id]].append(job)
    completions: dict[tuple[int, int], Completion] = {}
    for completion in Completion.objects.standing().filter(person__in=list(owner), completed_on__lte=as_of):
        key = (owner[completion.person_id], completion.course_id)
        if key not in completions or completion.completed_on > completions[key].completed_on:
            completions[key] = completion
    enrollments = {
        (owner[enrollment.person_id], enrollment.course_id): enrollment
        for enrollment in Enrollment.objects.filter(person__in=list(owner), finished_at=None)
    }
    online = set(CoursePage.objects.live().values_list("course_id", flat=True))
    paths = dict(AgencyPlacement.objects.on(as_of).values_list("agency_id", "path"))
    requirements = _requirements_on(as_of)
    return {
        person_id: _one_line_each_course(
            obligation
            for requirement in requirements
            if (
                obligation := _obligation(
                    requirement,
                    person_id=person_id,
                    jobs=jobs[person_id],
                    paths=paths,
                    completions=completions,
                    enrollments=enrollments,
                    online=online,
                    as_of=as_of,
                )
            )
        )
        for person_id in survivors
    }


def _obligation(
    requirement: Requirement,
    *,
    person_id: int,
    jobs: list[Employment],
    paths: dict[int, str],
    completions: dict[tuple[int, int], Completion],
    enrollments: dict[tuple[int, int], Enrollment],
    online: set[int],
    as_of: date,
) -> Obligation | None:
    because = [
        (condition, job) for job in jobs for condition in requirement.conditions.all() if _meets(condition, job, paths)
    ]
    began = duty_began(
        (
            (max(job.valid_from, requirement.starts_on), job.valid_until or date.max)
            for _condition, job in because
            if (job.valid_until or date.max) > requirement.starts_on
        ),
        as_of=as_of,
    )
    accepted = list(requirement.accepted_courses.all())
    courses: list[Course] = [row.course for row in accepted]
    if began is None or not courses:
        return None
    done = [
        completion
        for row in accepted
        if (completion := completions.get((person_id, row.course_id)))
        and completion.version >= (row.minimum_version or 0)
    ]
    completion = max(done, key=lambda row: row.completed_on, default=None)
    begun = [enrollments[person_id, course.pk] for course in courses if (person_id, course.pk) in enrollments]
    course = courses[0]
    condition, job = next(
        ((condition, job) for condition, job in because if job.valid_until is None or job.valid_until > as_of),
    )
    return Obligation(
        requirement=requirement,
        course=course,
        standing=stand(
            as_of=as_of,
            duty_from=began,
            days=requirement.days,
            months=requirement.months,
            window=requirement.window,
            warn=requirement.warn,
            completed_on=completion.completed_on if completion else None,
            begun=bool(begun),
            mandatory=requirement.mandatory,
        ),
        comes_with=_comes_with(condition, job),
        online=course.pk in online,
        completion=completion,
        enrollment=begun[0] if begun else None,
        opens_after=tuple(needed for needed in course.prerequisites.all() if (person_id, needed.pk) not in completions),
    )


def _one_line_each_course(obligations: Iterable[Obligation]) -> list[Obligation]:
    """Keep one obligation for each course: mandatory before elective, the earliest due date first."""

    def urgency(line: Obligation) -> tuple[bool, bool, date]:
        return (not line.mandatory, not line.owed, line.due_on or line.valid_until or date.max)

    lines: dict[int, Obligation] = {}
    for obligation in sorted(obligations, key=urgency):
        lines.setdefault(obligation.course.pk, obligation)
    return list(lines.values())
