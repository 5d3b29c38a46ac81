"""The rules that somebody may see and change."""

from __future__ import annotations

from datetime import date
from hashlib import sha256

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When

from lms.accounts.models import Person
from lms.agencies.models import Agency, AgencyPlacement
from lms.agencies.permissions import user_can_manage_agency
from lms.agencies.selectors import list_managed_agencies, list_managed_people
from lms.compliance.models import Requirement, RequirementCondition
from lms.jobs.enums import JobState
from lms.jobs.models import Job


def list_rules(user: Person, *, as_of: date) -> QuerySet[Requirement]:
    """Return the rules that the user may read on the day, with ``may_change``.

    Who manages the whole site reads and changes all. A manager changes those whose every condition is within the units
    or names the people that they manage, and reads those that may concern them. Lists of supervisors are not among
    them.
    """
    rules = Requirement.objects.filter(course_list=None)
    if user_can_manage_agency(user, None, as_of=as_of):
        return rules.annotate(may_change=Value(True))
    conditions = RequirementCondition.objects.filter(requirement=OuterRef("pk"))
    managed = list_managed_agencies(user, as_of=as_of)
    own_person = Q(person__in=list_managed_people(user, as_of=as_of).order_by().values("pk"))
    own = Q(agency__in=managed.order_by().values("pk"), person=None) | own_person
    places = AgencyPlacement.objects.on(as_of).filter(agency__in=managed).values_list("path", flat=True)
    above = {path[:end] for path in places for end in range(Agency.steplen, len(path), Agency.steplen)}
    near = AgencyPlacement.objects.on(as_of).filter(path__in=above).values("agency")
    concerns = own | Q(person=None, agency=None) | Q(person=None, agency__in=near)
    changes = Exists(conditions.filter(own)) & ~Exists(conditions.exclude(own))
    return rules.filter(Exists(conditions.filter(concerns))).annotate(
        may_change=Case(When(changes, then=Value(True)), default=Value(False))
    )


def get_fingerprint(requirement: Requirement) -> str:
    """Return a mark of the rule as it stands, so that nobody overwrites a change that they have not seen."""
    said = [
        *(getattr(requirement, field.attname) for field in requirement._meta.concrete_fields),
        *requirement.accepted_courses.order_by("course").values_list("course", "minimum_version"),
        *requirement.conditions.order_by("pk").values_list("agency", "job_role", "level", "client_facing", "person"),
    ]
    return sha256(repr(said).encode()).hexdigest()[:16]


def get_recompute_job(requirement: Requirement) -> Job | None:
    """Return the job that still brings the rule to people, if there is one."""
    waiting = Job.objects.filter(state__in=[JobState.PENDING, JobState.RUNNING], kind="compliance.recompute").order_by(
        "pk"
    )
    return next((job for job in waiting if requirement.pk in (job.args.get("requirements") or [])), None)
