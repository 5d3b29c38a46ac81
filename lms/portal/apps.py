from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "lms.portal"
    label = "portal"

    def ready(self) -> None:
        from . import receivers  # noqa: F401
