from typing import Any

from django.dispatch import receiver

from .signals import work_left
from .tasks import wake


@receiver(work_left, dispatch_uid="lms.jobs.enqueue_wake")
def enqueue_wake(**kwargs: Any) -> None:
    wake.enqueue()
