"""The fixed words of what managers do."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ChangeKind(models.TextChoices):
    ADD = "add", _("Record a completion")
    CORRECT = "correct", _("Correct a completion")
    VOID = "void", _("Take a completion back")


class ChangeState(models.TextChoices):
    WAITING = "waiting", _("Waiting for approval")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")


REMINDED = "reminder.sent"
"""The act of a reminder in the trail."""

ASSIGNED = "assigned-"
"""How the code of a requirement begins that a manager made for people by name."""
