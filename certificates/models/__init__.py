from .credit import CourseCredit, CreditBody, CreditCategory, CreditEntry, License
from .issued import (
    Certificate,
    CertificateDesign,
    CertificateFile,
    CertificateQuerySet,
    IssuedDocument,
    ShareLink,
    Transcript,
    TranscriptFile,
)
from .template import CertificateTemplate, Mark, Signatory, Wording

__all__ = [
    "Certificate",
    "CertificateDesign",
    "CertificateFile",
    "CertificateQuerySet",
    "CertificateTemplate",
    "CourseCredit",
    "CreditBody",
    "CreditCategory",
    "CreditEntry",
    "IssuedDocument",
    "License",
    "Mark",
    "ShareLink",
    "Signatory",
    "Transcript",
    "TranscriptFile",
    "Wording",
]
