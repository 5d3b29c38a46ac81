from django.apps import AppConfig


class CurriculaConfig(AppConfig):
    name = "curricula"
    label = "curricula"

    def ready(self) -> None:
        from . import receivers  # noqa: F401  (connects itself)
