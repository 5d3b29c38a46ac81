"""Every write of an import: its file, its plan, what it changes, what is taken back."""

from .errors import ImportRefused
from .forgetting import forget_people, remove_rows
from .opening import discard_run, name_columns, open_run
from .plans import Report, write_plan
from .recording import match_evidence
from .runs import apply_run, start_apply, start_undo, undo_run

__all__ = [
    "ImportRefused",
    "Report",
    "apply_run",
    "discard_run",
    "forget_people",
    "match_evidence",
    "name_columns",
    "open_run",
    "remove_rows",
    "start_apply",
    "start_undo",
    "undo_run",
    "write_plan",
]
