from typing import Any

import pytest
from django.core.mail import EmailMessage, EmailMultiAlternatives, mail_admins, send_mail
from django.db import transaction

from lms.outbox import services
from lms.outbox.models import Mail

pytestmark = pytest.mark.django_db

woken: list[bool] = []


def note_wake() -> None:
    woken.append(True)


@pytest.fixture(autouse=True)
def backend(settings: Any) -> None:
    woken.clear()
    settings.EMAIL_BACKEND = "lms.outbox.backend.OutboxEmailBackend"


def test_it_works() -> None:
    assert send_mail("Hello", "Text", None, ["ana@example.org"], html_message="<p>Text</p>") == 1
    mail = Mail.objects.get()
    assert (mail.to, mail.subject, mail.text, mail.html) == ("ana@example.org", "Hello", "Text", "<p>Text</p>")
    assert mail.key is None


def test_each_recipient_gets_a_mail_of_their_own() -> None:
    message = EmailMessage("Hello", "Text", to=["ana@example.org"], cc=["ben@example.org"], bcc=["cy@example.org"])
    assert message.send() == 1
    assert set(Mail.objects.values_list("to", flat=True)) == {"ana@example.org", "ben@example.org", "cy@example.org"}


def test_a_message_in_html_alone_gets_a_text() -> None:
    message = EmailMessage("Hello", "<p>One &amp; <b>two</b></p>", to=["ana@example.org"])
    message.content_subtype = "html"
    message.send()
    mail = Mail.objects.get()
    assert mail.html == "<p>One &amp; <b>two</b></p>"
    assert "<" not in mail.text


def test_other_alternatives_are_left_out() -> None:
    message = EmailMultiAlternatives("Hello", "Text", to=["ana@example.org"])
    message.attach_alternative("BEGIN:VCALENDAR", "text/calendar")
    message.send()
    assert Mail.objects.get().html == ""


def test_attachments_are_refused() -> None:
    message = EmailMessage("Hello", "Text", to=["ana@example.org"], attachments=[("a.txt", "x", "text/plain")])
    with pytest.raises(ValueError, match="links"):
        message.send()
    assert not Mail.objects.exists()


def test_mails_to_the_admins_are_rows_too(settings: Any) -> None:
    settings.ADMINS = [("Ana", "ana@example.org")]
    mail_admins("Disk", "Nearly full")
    assert Mail.objects.get().subject.endswith("Disk")


def test_the_mail_goes_with_the_transaction() -> None:
    with transaction.atomic():
        send_mail("Hello", "Text", None, ["ana@example.org"])
        transaction.set_rollback(True)
    assert not Mail.objects.exists()


def test_the_worker_is_woken(settings: Any) -> None:
    settings.OUTBOX_WAKE = f"{__name__}.note_wake"
    services.enqueue(to="ana@example.org", subject="Hello", text="Text")
    assert woken == [True]


def test_the_transport_of_the_tests_gets_the_mail(mailoutbox: list[EmailMultiAlternatives]) -> None:
    mail = services.enqueue(to="ana@example.org", subject="Hello", text="Text", html="<p>Text</p>")
    assert services.send_due(now=mail.next_try_at) == 1
    [message] = mailoutbox
    assert (message.to, message.subject, message.body) == (["ana@example.org"], "Hello", "Text")
