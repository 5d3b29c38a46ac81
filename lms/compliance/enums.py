from django.db import models
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    """The words of a duty's status, as every screen shows them."""

    NOT_STARTED = "not_started", _("Not started")
    IN_PROGRESS = "in_progress", _("In progress")
    DUE_SOON = "due_soon", _("Due soon")
    OVERDUE = "overdue", _("Overdue")
    COMPLETE = "complete", _("Done")
    RENEW_SOON = "renew_soon", _("Renew soon")
    EXPIRED = "expired", _("Expired")
    WAIVED = "waived", _("Waived")
    NOT_REQUIRED = "not_required", _("Not required")


class ScopeKind(models.TextChoices):
    """Whose training a screen shows."""

    REPORTS = "reports", _("My reports")
    UNIT = "unit", _("This unit only")
    SUBTREE = "subtree", _("This unit and all below it")


class Audience(models.TextChoices):
    """Who is told about a duty."""

    OWN = "own", _("Who owes it")
    SUPERVISOR = "supervisor", _("Their supervisor, all people in one mail")
