"""Reads: what a person owes, how many have done it, who is late, and what the spans should say by the ledger."""

from .boards import DIMENSIONS, Board, Line, count_shares_by, get_board, get_stored_at, list_shares_by, list_trend
from .contracts import (
    ContractLine,
    ContractShare,
    list_contract_agencies,
    list_contract_people,
    list_contracts,
    list_shares,
)
from .counts import Tally, Tree, get_counts, in_chunks, list_counted_days
from .lists import ListLine, is_on_list, list_list_people, list_own_people
from .obligations import Stretch, list_history, list_obligations, map_identities
from .people import BadCursor, Duty, Page, count_duties, list_due, list_duties, list_expiring, list_late
from .previews import Effect, Preview, preview_rule
from .qualified import Qualified, list_qualified
from .readiness import (
    list_facilities,
    list_facility_readiness,
    list_missing,
    list_people_before_placement,
    list_readiness,
)
from .reminders import (
    LateLine,
    Told,
    list_late_reports,
    list_own_steps,
    list_reaches,
    list_supervisors_to_tell,
    list_to_remind,
    name_mail,
)
from .replay import Key, Row, Stored, list_candidates, list_stored, list_stored_of_courses, replay, replay_credit
from .rules import get_fingerprint, get_recompute_job, list_rules
from .scopes import Scope, ScopeChoice, get_scope, list_large_scopes, list_scope_choices

__all__ = [
    "DIMENSIONS",
    "BadCursor",
    "Board",
    "ContractLine",
    "ContractShare",
    "Duty",
    "Effect",
    "Key",
    "LateLine",
    "Line",
    "ListLine",
    "Page",
    "Preview",
    "Qualified",
    "Row",
    "Scope",
    "ScopeChoice",
    "Stored",
    "Stretch",
    "Tally",
    "Told",
    "Tree",
    "count_duties",
    "count_shares_by",
    "get_board",
    "get_counts",
    "get_fingerprint",
    "get_recompute_job",
    "get_scope",
    "get_stored_at",
    "in_chunks",
    "is_on_list",
    "list_candidates",
    "list_contract_agencies",
    "list_contract_people",
    "list_contracts",
    "list_counted_days",
    "list_due",
    "list_duties",
    "list_expiring",
    "list_facilities",
    "list_facility_readiness",
    "list_history",
    "list_large_scopes",
    "list_late",
    "list_late_reports",
    "list_list_people",
    "list_missing",
    "list_obligations",
    "list_own_people",
    "list_own_steps",
    "list_people_before_placement",
    "list_qualified",
    "list_reaches",
    "list_readiness",
    "list_rules",
    "list_scope_choices",
    "list_shares",
    "list_shares_by",
    "list_stored",
    "list_stored_of_courses",
    "list_supervisors_to_tell",
    "list_to_remind",
    "list_trend",
    "map_identities",
    "name_mail",
    "preview_rule",
    "replay",
    "replay_credit",
]
