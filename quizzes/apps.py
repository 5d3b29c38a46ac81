from django.apps import AppConfig


class QuizzesConfig(AppConfig):
    name = "quizzes"
    label = "quizzes"

    def ready(self) -> None:
        from . import receivers  # noqa: F401  (connects itself)
