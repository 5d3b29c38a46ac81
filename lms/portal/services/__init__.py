"""The writes of the manager's area, and the daily removal of what is no longer kept."""

from .assigning import assign_course, take_back_assignment, waive_for
from .deciding import approve_outside
from .record_changes import (
    ChangeRefused,
    Taken,
    approve_change,
    propose_completions,
    propose_correction,
    refuse_change,
    withdraw_change,
)
from .reminding import Reminder, list_reminders, send_reminders
from .retention import apply_retention

__all__ = [
    "ChangeRefused",
    "Reminder",
    "Taken",
    "apply_retention",
    "approve_change",
    "approve_outside",
    "assign_course",
    "list_reminders",
    "propose_completions",
    "propose_correction",
    "refuse_change",
    "send_reminders",
    "take_back_assignment",
    "waive_for",
    "withdraw_change",
]
