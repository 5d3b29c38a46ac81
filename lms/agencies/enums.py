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
