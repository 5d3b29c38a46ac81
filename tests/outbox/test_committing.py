"""What only a real commit shows, in a database of its own."""

import threading
from typing import Any

import pytest
from django.core import mail as django_mail
from django.db import connections
from django.utils import timezone

from lms.outbox import services
from lms.outbox.enums import MailState
from lms.outbox.models import Mail

pytestmark = [pytest.mark.postgres, pytest.mark.usefixtures("committing_db")]


def test_workers_never_send_the_same_mail_twice(settings: Any) -> None:
    settings.OUTBOX_WAKE = ""
    ids = {services.enqueue(to=f"p{n}@example.org", subject="Hello", text="Text").message_id for n in range(20)}
    start = threading.Barrier(3)
    counts: list[int] = []

    def work() -> None:
        start.wait()
        counts.append(services.send_due(now=timezone.now()))
        connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(counts) == 20
    sent = [message.extra_headers["Message-ID"] for message in django_mail.outbox]
    assert sorted(sent) == sorted(ids)
    assert set(Mail.objects.values_list("state", "attempts")) == {(MailState.SENT, 1)}
