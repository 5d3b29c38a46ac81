from django.db import models
from django.utils.translation import gettext_lazy as _


class CertificateState(models.TextChoices):
    PENDING = "pending", _("Being made")
    VALID = "valid", _("Valid")
    SUPERSEDED = "superseded", _("Superseded")
    REVOKED = "revoked", _("Revoked")


class CreditField(models.TextChoices):
    """What a body may ask its line to say, over and above what every certificate says."""

    COURSE_NUMBER = "course_number", _("the course’s number with the body")
    PROVIDER_NUMBER = "provider_number", _("the provider number")
    PROVIDER_NAME = "provider_name", _("the provider’s name")
    PROVIDER_ADDRESS = "provider_address", _("the provider’s address")
    STATEMENT = "statement", _("the body’s statement")
    LICENSE_KIND = "license_kind", _("the kind of the learner’s license")
    LICENSE_NUMBER = "license_number", _("the learner’s license number")
    PLACE = "place", _("the place")
    INSTRUCTOR = "instructor", _("the instructor")
    SIGNER = "signer", _("a signature")


class CycleStart(models.TextChoices):
    FIXED = "fixed", _("For everybody on the same day")
    LICENSE = "license", _("With each person’s license")
