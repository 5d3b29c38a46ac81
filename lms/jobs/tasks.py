from django.utils import timezone
from django_tasks import task

from . import services


@task()
def wake() -> None:
    """Do at once what the next tick would do."""
    services.tick(now=timezone.now())
