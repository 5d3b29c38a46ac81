"""Every write about agencies, jobs and grants: one transaction, its audit row, its signal."""

from .errors import AgencyError
from .grants import end_grant, give_grant, record_opening
from .invitations import (
    InvitationExpiredError,
    InvitationInvalidError,
    accept_invitation,
    invite_people,
    invite_person,
    read_invitation,
    why_not_invite,
    withdraw_invitation,
)
from .jobs import (
    add_employment,
    employ,
    end_employment,
    find_left_for,
    take_back_employment,
    transfer,
    undo_end,
)
from .units import close_agency, create_agency, move_agency, reopen_agency, split_agency, update_agency

__all__ = [
    "AgencyError",
    "InvitationExpiredError",
    "InvitationInvalidError",
    "accept_invitation",
    "add_employment",
    "close_agency",
    "create_agency",
    "employ",
    "end_employment",
    "end_grant",
    "find_left_for",
    "give_grant",
    "invite_people",
    "invite_person",
    "move_agency",
    "read_invitation",
    "record_opening",
    "reopen_agency",
    "split_agency",
    "take_back_employment",
    "transfer",
    "undo_end",
    "update_agency",
    "why_not_invite",
    "withdraw_invitation",
]
