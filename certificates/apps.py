from django.apps import AppConfig


class CertificatesConfig(AppConfig):
    name = "certificates"
    label = "certificates"

    def ready(self) -> None:
        from . import receivers  # noqa: F401
