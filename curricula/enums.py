"""The fixed words of the content side."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CourseKind(models.TextChoices):
    CORE = "core", _("Shared core")
    AGENCY_RESPONSE = "agency-response", _("Agency response")
    SPECIALIST = "specialist", _("Specialist")
    TRAINER = "trainer", _("Train the trainer")
    CAREGIVER = "caregiver", _("Caregiver")
    PREVENTION = "prevention", _("Prevention")
    TOPIC = "topic", _("Topic")
    MANAGER = "manager", _("Supervisors and managers")
    EXTERNAL = "external", _("External program")
    BRIDGE = "bridge", _("Bridge to a new version")
    ACKNOWLEDGEMENT = "acknowledgement", _("Acknowledgement")


class CourseLevel(models.TextChoices):
    AWARENESS = "awareness", _("Awareness")
    RESPONSE = "response", _("Response")
    TRAINER = "trainer", _("Trainer")
    MANAGER = "manager", _("Manager")


class CourseAudience(models.TextChoices):
    """Whom a course speaks to, as visitors of the catalog ask."""

    STAFF = "staff", _("Staff of an agency")
    CAREGIVERS = "caregivers", _("Caregivers")
    MANAGERS = "managers", _("Supervisors and managers")
    TRAINERS = "trainers", _("Trainers and facilitators")

    @property
    def kinds(self) -> list[CourseKind]:
        """The kinds of course that speak to this audience; staff are all who are not named."""
        named = {
            CourseAudience.CAREGIVERS: [CourseKind.CAREGIVER],
            CourseAudience.MANAGERS: [CourseKind.MANAGER],
            CourseAudience.TRAINERS: [CourseKind.TRAINER, CourseKind.PREVENTION],
        }
        others = {kind for kinds in named.values() for kind in kinds}
        return named.get(self, [kind for kind in CourseKind if kind not in others])


class ReviewKind(models.TextChoices):
    SUBJECT = "subject", _("Subject matter")
    LEGAL = "legal", _("Legal")
    SURVIVOR = "survivor", _("Survivor")
    YOUTH = "youth", _("Youth")
    SENSITIVITY = "sensitivity", _("Sensitivity")
    TRANSLATION = "translation", _("Translation")


class ReaderAudience(models.TextChoices):
    YOUTH = "youth", _("Young people")
    CAREGIVERS = "caregivers", _("Parents and caregivers")


class EditorGroup(models.TextChoices):
    """The groups of the CMS by name; what each may do is set by a migration and may be changed by a superuser."""

    AUTHOR = "Author", _("Author")
    REVIEWER = "Reviewer", _("Reviewer")
    PUBLISHER = "Publisher", _("Publisher")
    MEDIA = "Media", _("Media")


class ModuleChange(models.TextChoices):
    """What became of a module since the last version of its course."""

    NEW = "new", _("New")
    CHANGED = "changed", _("Changed")
    SAME = "same", _("As before")
    REMOVED = "removed", _("No longer in the course")
    DRAFT = "draft", _("Still a draft: not part of this version")
