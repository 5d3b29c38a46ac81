"""Who may see what a quiz tells, correct a key, take a pass away, and give more time."""

from __future__ import annotations

from datetime import date

from django.contrib.auth.models import AnonymousUser

from lms.accounts.models import Person
from lms.agencies.enums import GrantKind
from lms.agencies.permissions import user_has_grant


def user_can_regrade(user: Person | AnonymousUser) -> bool:
    """Whether the user may correct the key of a question that people have answered: who may change quizzes."""
    return user.has_perm("quizzes.change_quiz")


def user_can_decide_regrade(user: Person | AnonymousUser, *, as_of: date) -> bool:
    """Whether the user may decide that a corrected key takes a pass away: a coordinator."""
    return user_has_grant(user, GrantKind.COORDINATOR, as_of=as_of)


def user_can_see_results(user: Person | AnonymousUser, *, as_of: date) -> bool:
    """Whether the user may see what the answers tell about questions, nobody named: trainers and coordinators."""
    return user_has_grant(user, GrantKind.TRAINER, GrantKind.COORDINATOR, as_of=as_of)


def user_can_extend_time(user: Person | AnonymousUser, *, as_of: date) -> bool:
    """Whether the user may give people more time (those whom ``visible_to`` gives them): managers and coordinators."""
    return user_has_grant(user, GrantKind.MANAGER, GrantKind.COORDINATOR, as_of=as_of)
