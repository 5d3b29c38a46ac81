from .bundling import KIND as BUNDLE_KIND
from .bundling import ask_for_bundle, make_bundle
from .credit import CreditRefused, count_outside_hours, load_bodies, save_license, why_not_outside
from .issuing import (
    ReissueRefused,
    issue_certificates,
    reissue_certificate,
    revoke_certificates,
)
from .rendering import (
    describe_sheet,
    ornament_svg,
    render_certificate,
    render_certificate_html,
    render_pending,
    render_preview_html,
    render_transcript_html,
    verification_address,
)
from .sharing import end_share, share_certificate
from .transcripts import issue_transcript

__all__ = [
    "BUNDLE_KIND",
    "CreditRefused",
    "ReissueRefused",
    "ask_for_bundle",
    "count_outside_hours",
    "describe_sheet",
    "end_share",
    "issue_certificates",
    "issue_transcript",
    "load_bodies",
    "make_bundle",
    "ornament_svg",
    "reissue_certificate",
    "render_certificate",
    "render_certificate_html",
    "render_pending",
    "render_preview_html",
    "render_transcript_html",
    "revoke_certificates",
    "save_license",
    "share_certificate",
    "verification_address",
    "why_not_outside",
]
