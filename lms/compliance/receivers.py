"""What events mean for the spans; inside the event's own transaction."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils import timezone

from lms.accounts.signals import person_erased, persons_merged
from lms.agencies.models import Employment, JobRole
from lms.agencies.signals import agency_changed, employment_changed
from lms.jobs.services import enqueue
from lms.learning.models import Completion
from lms.learning.signals import completion_recorded, completion_voided, completions_removed

from .models import CalendarFeed
from .services import (
    JOB_KIND,
    forget_counts_across,
    forget_totals,
    recompute_after,
    recompute_after_credit,
    share_rules,
)


@receiver([completion_recorded, completion_voided], dispatch_uid="compliance.completions")
def recompute_after_completions(*, person_ids: Collection[int], course_ids: Collection[int], **_kwargs: Any) -> None:
    recompute_after_credit(persons=set(person_ids), courses=set(course_ids), now=timezone.now())


@receiver(completions_removed, dispatch_uid="compliance.removals")
def recompute_after_removals(*, completion_ids: Collection[int], **_kwargs: Any) -> None:
    """By a job, which begins when the rows are gone: what is no longer kept no longer counts."""
    persons = set(Completion.objects.filter(pk__in=completion_ids).order_by().values_list("person", flat=True))
    enqueue(kind=JOB_KIND, args={"persons": sorted(persons), "requirements": None})


@receiver(person_erased, dispatch_uid="compliance.erase")
def close_the_calendar(*, person_ids: Collection[int], **_kwargs: Any) -> None:
    CalendarFeed.objects.filter(person__in=person_ids).delete()


@receiver(persons_merged, dispatch_uid="compliance.merges")
def recompute_after_merges(*, person_ids: Collection[int], **_kwargs: Any) -> None:
    recompute_after(persons=set(person_ids), now=timezone.now())


@receiver(employment_changed, dispatch_uid="compliance.employments")
def recompute_after_employments(*, person_ids: Collection[int], **_kwargs: Any) -> None:
    share_rules()
    recompute_after(persons=set(person_ids), now=timezone.now())


@receiver(agency_changed, dispatch_uid="compliance.agencies")
def recompute_after_moves(*, agency_ids: Collection[int], **_kwargs: Any) -> None:
    share_rules()
    persons = set(Employment.objects.filter(agency__in=agency_ids).values_list("person", flat=True))
    recompute_after(persons=persons, now=timezone.now())
    forget_counts_across(agency_ids)
    forget_totals()


@receiver(post_save, sender=JobRole, dispatch_uid="compliance.job_roles")
def recompute_after_role_edits(*, instance: JobRole, created: bool, **_kwargs: Any) -> None:
    if created:
        return
    share_rules()
    persons = set(Employment.objects.filter(job_role=instance).values_list("person", flat=True))
    recompute_after(persons=persons, now=timezone.now())
