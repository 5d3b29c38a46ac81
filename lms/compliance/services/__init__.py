"""Every write of the compliance side."""

from .counts import count_day, forget_counts_across, list_board_days, refresh_counts
from .requirements import RequirementRefused, change_requirement, save_requirement
from .spans import (
    EVENT_LIMIT,
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
    "Difference",
    "RequirementRefused",
    "WaiverRefused",
    "change_requirement",
    "claim_rules",
    "count_day",
    "forget_counts_across",
    "list_board_days",
    "list_sample",
    "recompute",
    "recompute_after",
    "recompute_after_credit",
    "recompute_all",
    "recompute_requirements",
    "refresh_counts",
    "run_recompute",
    "save_requirement",
    "share_rules",
    "verify",
    "verify_counts",
    "void_waiver",
    "waive",
]
