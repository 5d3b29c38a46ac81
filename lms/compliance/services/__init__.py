"""Every write of the compliance side."""

from .contracts import ContractRefused, save_contract, save_qualified_list
from .counts import count_day, forget_counts_across, forget_totals, list_board_days, refresh_counts, store_shares
from .feeds import close_feed, make_feed
from .lists import ListRefused, close_list, join_list, make_list
from .reminders import StepsRefused, send_reminders, set_reminder_steps
from .requirements import (
    RequirementChanged,
    RequirementRefused,
    add_requirement,
    change_requirement,
    change_requirement_as_read,
    check_rule,
    end_requirement,
    find_circle,
    save_requirement,
)
from .spans import (
    EVENT_LIMIT,
    JOB_KIND,
    claim_rules,
    recompute,
    recompute_after,
    recompute_after_credit,
    recompute_all,
    recompute_requirements,
    run_recompute,
    share_rules,
)
from .verifying import Difference, list_sample, verify, verify_counts
from .waivers import WaiverRefused, void_waiver, waive

__all__ = [
    "EVENT_LIMIT",
    "JOB_KIND",
    "ContractRefused",
    "Difference",
    "ListRefused",
    "RequirementChanged",
    "RequirementRefused",
    "StepsRefused",
    "WaiverRefused",
    "add_requirement",
    "change_requirement",
    "change_requirement_as_read",
    "check_rule",
    "claim_rules",
    "close_feed",
    "close_list",
    "count_day",
    "end_requirement",
    "find_circle",
    "forget_counts_across",
    "forget_totals",
    "join_list",
    "list_board_days",
    "list_sample",
    "make_feed",
    "make_list",
    "recompute",
    "recompute_after",
    "recompute_after_credit",
    "recompute_all",
    "recompute_requirements",
    "refresh_counts",
    "run_recompute",
    "save_contract",
    "save_qualified_list",
    "save_requirement",
    "send_reminders",
    "set_reminder_steps",
    "share_rules",
    "store_shares",
    "verify",
    "verify_counts",
    "void_waiver",
    "waive",
]
