from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SheetsConfig(AppConfig):
    name = "lms.sheets"
    label = "sheets"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Sheets")
