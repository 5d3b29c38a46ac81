from .credit import BodyHours, Refusal, list_bodies, list_body_hours, list_credit_lines
from .issued import (
    get_certificate_for,
    get_issued_certificate,
    get_issued_transcript,
    get_open_share,
    get_own_file,
    list_bundled,
    list_certificates,
)
from .template import describe_template, get_template, list_signers
from .transcript import TranscriptEntry, list_entries_taken_back, list_transcript_entries

__all__ = [
    "BodyHours",
    "Refusal",
    "TranscriptEntry",
    "describe_template",
    "get_certificate_for",
    "get_issued_certificate",
    "get_issued_transcript",
    "get_open_share",
    "get_own_file",
    "get_template",
    "list_bodies",
    "list_body_hours",
    "list_bundled",
    "list_certificates",
    "list_credit_lines",
    "list_entries_taken_back",
    "list_signers",
    "list_transcript_entries",
]
