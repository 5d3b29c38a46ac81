"""The fixed words of the people side."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class StaffLevel(models.TextChoices):
    LINE = "line", _("Line staff")
    SUPERVISOR = "supervisor", _("Supervisor")
    MANAGER = "manager", _("Manager")


class Affiliation(models.TextChoices):
    EMPLOYEE = "employee", _("Employee")
    CAREGIVER = "caregiver", _("Caregiver")
    VOLUNTEER = "volunteer", _("Volunteer")


class TopicSide(models.TextChoices):
    IDENTIFICATION = "identification", _("Identification")
    RESPONSE = "response", _("Response")


class GrantKind(models.TextChoices):
    """What a person may do beyond their own training and that of their direct reports, who need no grant."""

    MANAGER = "manager", _("Agency manager")
    COORDINATOR = "coordinator", _("Coordinator")
    TRAINER = "trainer", _("Trainer")
    REVIEWER = "reviewer", _("Reviewer")
    OVERSIGHT = "oversight", _("Oversight reader")
    CONTRACT_MANAGER = "contract_manager", _("Contract manager")
    READER = "reader", _("Reader")


class SignInState(models.TextChoices):
    """How far somebody is on the way to a password of their own."""

    READY = "ready", _("Can sign in")
    INVITED = "invited", _("Invited")
    EXPIRED = "expired", _("Invitation ran out")
    NOT_INVITED = "not_invited", _("Not invited yet")
    BLOCKED = "blocked", _("May not sign in")


class ProviderKind(models.TextChoices):
    OPENID_CONNECT = "openid_connect", _("OpenID Connect")
    SAML = "saml", _("SAML 2.0")


WHOLE_SITE_KINDS = (GrantKind.COORDINATOR, GrantKind.OVERSIGHT, GrantKind.REVIEWER)
"""The kinds that may stand over every agency at once; all others stand over a node and what is below it."""

NAMING_KINDS = (GrantKind.MANAGER, GrantKind.COORDINATOR, GrantKind.CONTRACT_MANAGER, GrantKind.READER)
"""The kinds whose holders see people by name."""

MANAGING_KINDS = (GrantKind.MANAGER, GrantKind.COORDINATOR)
"""The kinds whose holders change units and jobs."""
