"""Every write about agencies, jobs and grants: one transaction, its audit row, its signal."""

from .errors import AgencyError
from .grants import end_grant, give_grant, record_opening
from .jobs import add_employment, employ, end_employment, transfer
from .units import close_agency, create_agency, move_agency, split_agency, update_agency

__all__ = [
    "AgencyError",
    "add_employment",
    "close_agency",
    "create_agency",
    "employ",
    "end_employment",
    "end_grant",
    "give_grant",
    "move_agency",
    "record_opening",
    "split_agency",
    "transfer",
    "update_agency",
]
