from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from .guard import Kind, find_identifiers

MESSAGES = {
    Kind.CASE_NUMBER: _("This looks like a case number. Take it out; no child's data may be kept here."),
    Kind.BOOKING_NUMBER: _("This looks like a booking number. Take it out; no child's data may be kept here."),
    Kind.SOCIAL_SECURITY_NUMBER: _(
        "This looks like a social security number. Take it out; no personal numbers may be kept here."
    ),
    Kind.DATE_OF_BIRTH: _("This looks like a date of birth. Take it out; no child's data may be kept here."),
}


def validate_no_identifiers(text: str) -> None:
    """Raise ValidationError, one message for each kind found.  The text itself is neither quoted nor logged."""
    kinds = dict.fromkeys(finding.kind for finding in find_identifiers(text))
    if kinds:
        raise ValidationError([ValidationError(MESSAGES[kind], code=kind.value) for kind in kinds])
