from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HrImportConfig(AppConfig):
    name = "lms.hr_import"
    label = "hr_import"
    verbose_name = _("Imports")

    def ready(self) -> None:
        from . import receivers  # noqa: F401  (connects itself)
