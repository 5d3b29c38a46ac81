from django.apps import AppConfig


class LearningConfig(AppConfig):
    name = "lms.learning"
    label = "learning"
    verbose_name = "Learning"

    def ready(self) -> None:
        from lms.audit.append_only import protect

        from . import receivers  # noqa: F401  (connects itself)
        from .models import Completion

        protect(Completion, message="A training record is never changed: void it with a reason instead.")
