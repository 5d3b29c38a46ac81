from .holder import detail, download, end, reissue, share
from .licenses import licenses
from .preview import preview_template
from .public import ornament, shared, shared_download, verify, verify_index
from .transcripts import transcript, transcript_download

__all__ = [
    "detail",
    "download",
    "end",
    "licenses",
    "ornament",
    "preview_template",
    "reissue",
    "share",
    "shared",
    "shared_download",
    "transcript",
    "transcript_download",
    "verify",
    "verify_index",
]
