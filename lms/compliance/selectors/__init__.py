"""Reads: what a person owes, how many have done it, who is late, and what the spans should say by the ledger."""

from .boards import DIMENSIONS, Board, Line, count_shares_by, get_board, get_stored_at, list_shares_by, list_trend
from .counts import Tally, Tree, get_counts, list_counted_days
from .obligations import Stretch, list_history, list_obligations, map_identities
from .people import BadCursor, Duty, Page, list_due, list_duties, list_expiring, list_late
from .replay import Key, Row, list_candidates, list_stored, list_stored_of_courses, replay, replay_credit
from .scopes import Scope, ScopeChoice, get_scope, list_large_scopes, list_scope_choices

__all__ = [
    "DIMENSIONS",
    "BadCursor",
    "Board",
    "Duty",
    "Key",
    "Line",
    "Page",
    "Row",
    "Scope",
    "ScopeChoice",
    "Stretch",
    "Tally",
    "Tree",
    "count_shares_by",
    "get_board",
    "get_counts",
    "get_scope",
    "get_stored_at",
    "list_candidates",
    "list_counted_days",
    "list_due",
    "list_duties",
    "list_expiring",
    "list_history",
    "list_large_scopes",
    "list_late",
    "list_obligations",
    "list_scope_choices",
    "list_shares_by",
    "list_stored",
    "list_stored_of_courses",
    "list_trend",
    "map_identities",
    "replay",
    "replay_credit",
]
