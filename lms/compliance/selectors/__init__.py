"""Reads: what a person owes, how many have done it, who is late, and what the spans should say by the ledger."""

from .boards import Board, Line, get_board, list_shares_by, list_trend
from .counts import Tally, Tree, get_counts, list_counted_days
from .obligations import Stretch, list_history, list_obligations, map_identities
from .people import BadCursor, Duty, Page, count_duties, list_due, list_duties, list_expiring, list_late
from .previews import Effect, Preview, preview_rule
from .reminders import (
    LateLine,
    Told,
    list_late_reports,
    list_own_steps,
    list_reaches,
    list_supervisors_to_tell,
    list_to_remind,
)
from .replay import Key, Row, list_candidates, list_stored, replay, replay_records
from .rules import get_fingerprint, get_recompute_job, list_rules
from .scopes import Scope, ScopeChoice, get_scope, list_scope_choices

__all__ = [
    "BadCursor",
    "Board",
    "Duty",
    "Effect",
    "Key",
    "LateLine",
    "Line",
    "Page",
    "Preview",
    "Row",
    "Scope",
    "ScopeChoice",
    "Stretch",
    "Tally",
    "Told",
    "Tree",
    "count_duties",
    "get_board",
    "get_counts",
    "get_fingerprint",
    "get_recompute_job",
    "get_scope",
    "list_candidates",
    "list_counted_days",
    "list_due",
    "list_duties",
    "list_expiring",
    "list_history",
    "list_late",
    "list_late_reports",
    "list_obligations",
    "list_own_steps",
    "list_reaches",
    "list_rules",
    "list_scope_choices",
    "list_shares_by",
    "list_stored",
    "list_supervisors_to_tell",
    "list_to_remind",
    "list_trend",
    "map_identities",
    "preview_rule",
    "replay",
    "replay_records",
]
