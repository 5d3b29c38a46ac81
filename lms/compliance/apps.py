from django.apps import AppConfig


class ComplianceConfig(AppConfig):
    name = "lms.compliance"
    label = "compliance"

    def ready(self) -> None:
        from lms.audit.append_only import protect

        from . import receivers  # noqa: F401  (connects itself)
        from .models import Waiver

        protect(Waiver, message="A waiver is never changed: take it back with a reason instead.")
