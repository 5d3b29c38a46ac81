"""What a rule says, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from .models import RequirementCondition


def describe_condition(condition: RequirementCondition) -> str:
    """Return whom the condition names, such as "Line staff working with clients in Probation"."""
    if condition.person:
        return str(condition.person)
    who = condition.job_role.title if condition.job_role else ""
    if condition.level:
        level = condition.get_level_display()
        who = f"{who} ({level})" if who else level
    if condition.client_facing is not None:
        facing = _("works with clients") if condition.client_facing else _("does not work with clients")
        who = _("%(who)s, %(facing)s") % {"who": who or _("Whoever"), "facing": facing}
    if condition.agency is None:
        return who or _("Everyone")
    return _("%(who)s in %(agency)s and below") % {"who": who or _("Everyone"), "agency": condition.agency}
