from django.db import models
from django.utils.translation import gettext_lazy as _


class CompletionSource(models.TextChoices):
    ONLINE = "online", _("Online course")
    SESSION = "session", _("Live session")
    EXTERNAL = "external", _("Outside credit")
    IMPORT = "import", _("Imported record")
    ATTESTED = "attested", _("Attested")


class CompletionMode(models.TextChoices):
    ONLINE = "online", _("Online, self-paced")
    IN_PERSON = "in_person", _("In person")
    LIVE_ONLINE = "live_online", _("Live online")
    OUTSIDE = "outside", _("Outside training")


class AttemptRole(models.TextChoices):
    BEFORE = "before", _("Pre-test")
    QUIZ = "quiz", _("Final quiz")
    SURVEY = "survey", _("Survey")


class ExternalState(models.TextChoices):
    WAITING = "waiting", _("Waiting for approval")
    RETURNED = "returned", _("Returned to you")
    APPROVED = "approved", _("External credit")
    REFUSED = "refused", _("Refused")
