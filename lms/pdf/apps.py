from django.apps import AppConfig


class PdfConfig(AppConfig):
    name = "lms.pdf"
    label = "pdf"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "PDF"

    def ready(self) -> None:
        from . import checks  # noqa: F401  (registers itself)
