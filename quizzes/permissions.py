"""Who may correct a key, and who may take a pass away."""

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
