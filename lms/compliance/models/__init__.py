"""Which duty applies to whom, which courses satisfy it, who is waived, and where everybody stands because of it; what
is told to whom about it, and what providers, lists and supervisors make of it."""

from .lists import CourseList, QualifiedList
from .placement import ProviderContract
from .reminders import CalendarFeed, Reminder, ReminderDay, ReminderLine, ReminderStep
from .rules import (
    RULE_FIELDS,
    ComplianceCount,
    CountedDay,
    ObligationSpan,
    ObligationSpanPast,
    Requirement,
    RequirementCondition,
    RequirementCourse,
    SettledTotal,
    SpanRow,
    StoredShare,
    Waiver,
    make_rule,
)

__all__ = [
    "RULE_FIELDS",
    "CalendarFeed",
    "ComplianceCount",
    "CountedDay",
    "CourseList",
    "ObligationSpan",
    "ObligationSpanPast",
    "ProviderContract",
    "QualifiedList",
    "Reminder",
    "ReminderDay",
    "ReminderLine",
    "ReminderStep",
    "Requirement",
    "RequirementCondition",
    "RequirementCourse",
    "SettledTotal",
    "SpanRow",
    "StoredShare",
    "Waiver",
    "make_rule",
]
