from django.db import models
from django.utils.translation import gettext_lazy as _


class CertificateState(models.TextChoices):
    PENDING = "pending", _("Being made")
    VALID = "valid", _("Valid")
    SUPERSEDED = "superseded", _("Superseded")
    REVOKED = "revoked", _("Revoked")
