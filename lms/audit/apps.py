from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AuditConfig(AppConfig):
    name = "lms.audit"
    label = "audit"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Audit"

    def ready(self) -> None:
        from . import append_only, checks  # noqa: F401  (checks registers itself)
        from .models import AuditEvent

        append_only.protect(AuditEvent, message="The audit trail is append-only: write a further event instead.")
        post_migrate.connect(append_only.restore_triggers, dispatch_uid="lms.audit.restore_triggers")
