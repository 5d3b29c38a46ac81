"""Against a real SMTP server: accepting, down, refusing some, and after a kill between claim and sending."""

import datetime
import socket
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import transaction
from django.utils import timezone

from lms.outbox import services
from lms.outbox.enums import MailState
from lms.outbox.models import Mail

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

MINUTE = datetime.timedelta(minutes=1)


class Postmaster:
    """Keeps what arrives; answers an address, or the content of every mail, as the test says."""

    def __init__(self) -> None:
        self.arrived: list[tuple[str, EmailMessage]] = []
        self.answers: dict[str, str] = {}
        self.answer_to_data = "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        answer = self.answers.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.answer_to_data.startswith("250"):
            message = message_from_bytes(envelope.content, policy=policy.default)
            self.arrived.extend((address, message) for address in envelope.rcpt_tos)
        return self.answer_to_data


@pytest.fixture
def postmaster(settings: Any) -> Iterator[Postmaster]:
    postmaster = Postmaster()
    controller = Controller(postmaster, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.OUTBOX_TRANSPORT = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", controller.port, 5
    settings.DEFAULT_FROM_EMAIL = "Lantern <training@harbor.example.org>"
    yield postmaster
    controller.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def write(to: str = "ana@example.org", **fields: Any) -> Mail:
    return services.enqueue(to=to, subject="Your certificate", text="It is ready.", **fields)


def send(*, later: datetime.timedelta = datetime.timedelta()) -> int:
    return services.send_due(now=timezone.now() + later)


def test_it_works(postmaster: Postmaster) -> None:
    mail = write()
    assert mail.state == MailState.PENDING
    assert send() == 1
    mail.refresh_from_db()
    assert (mail.state, mail.attempts, mail.last_error) == (MailState.SENT, 1, "")
    assert mail.sent_at is not None
    [(address, message)] = postmaster.arrived
    assert address == "ana@example.org"
    assert message["To"] == "ana@example.org"
    assert message["From"] == "Lantern <training@harbor.example.org>"
    assert message["Subject"] == "Your certificate"
    assert message["Message-ID"] == mail.message_id
    assert mail.message_id.endswith("@harbor.example.org>")
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Reply-To"] is None
    assert message.get_content().strip() == "It is ready."


def test_html_stands_beside_the_text(postmaster: Postmaster) -> None:
    write(html="<p>It is <b>ready</b>.</p>")
    send()
    [(_address, message)] = postmaster.arrived
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert "<b>ready</b>" in message.get_body(("html",)).get_content()


def test_answers_go_where_the_settings_say(postmaster: Postmaster, settings: Any) -> None:
    settings.OUTBOX_REPLY_TO = "help@harbor.example.org"
    write()
    send()
    assert postmaster.arrived[0][1]["Reply-To"] == "help@harbor.example.org"


def test_spanish_arrives_whole(postmaster: Postmaster) -> None:
    services.enqueue(to="ana@example.org", subject="Su certificado está listo, Íñigo", text="¡Está listo! 你好")
    send()
    message = postmaster.arrived[0][1]
    assert message["Subject"] == "Su certificado está listo, Íñigo"
    assert message.get_content().strip() == "¡Está listo! 你好"


def test_a_sent_mail_does_not_go_again(postmaster: Postmaster) -> None:
    write()
    send()
    assert send(later=datetime.timedelta(days=9)) == 0
    assert len(postmaster.arrived) == 1


def test_the_same_key_twice_is_one_mail(postmaster: Postmaster) -> None:
    first = write(key="due-7-2026")
    assert write(key="due-7-2026", html="<p>Another</p>") == first
    write()
    write()
    assert send() == 3


def test_a_mail_not_due_waits(postmaster: Postmaster) -> None:
    mail = write()
    Mail.objects.filter(pk=mail.pk).update(next_try_at=timezone.now() + 5 * MINUTE)
    assert send() == 0
    assert send(later=6 * MINUTE) == 1


def test_the_limit_holds_and_the_oldest_go_first(postmaster: Postmaster) -> None:
    for number in range(5):
        write(f"person{number}@example.org")
    assert services.send_due(now=timezone.now(), limit=2) == 2
    assert [address for address, _ in postmaster.arrived] == ["person0@example.org", "person1@example.org"]
    assert send() == 3


def test_a_line_break_in_the_subject_adds_no_header(postmaster: Postmaster) -> None:
    services.enqueue(to="ana@example.org", subject="Due\r\nBcc: eve@example.org", text="x")
    send()
    [(address, message)] = postmaster.arrived
    assert address == "ana@example.org"
    assert message["Bcc"] is None
    assert message["Subject"] == "Due Bcc: eve@example.org"


def test_an_address_no_mail_can_be_made_for_fails_at_once(postmaster: Postmaster) -> None:
    mail = write("ana@example.org\r\nBcc: eve@example.org")
    other = write()
    assert send() == 1
    mail.refresh_from_db()
    other.refresh_from_db()
    assert (mail.state, other.state) == (MailState.FAILED, MailState.SENT)
    assert mail.last_error


def test_a_server_that_is_down_loses_nothing(settings: Any) -> None:
    settings.OUTBOX_TRANSPORT = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", free_port(), 2
    first, second = write(), write("ben@example.org")
    now = timezone.now()
    assert services.send_due(now=now) == 0
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.attempts) == (MailState.PENDING, 1)
    assert datetime.timedelta(0) < first.next_try_at - now - MINUTE < datetime.timedelta(seconds=5)
    assert "ConnectionRefusedError" in first.last_error
    # With the door closed, the mails behind the first one lose no attempt.
    assert (second.state, second.attempts) == (MailState.PENDING, 0)


def test_a_server_that_comes_back_gets_all(postmaster: Postmaster, settings: Any) -> None:
    for number in range(3):
        write(f"person{number}@example.org")
    up, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()
    assert send() == 0
    settings.EMAIL_PORT = up
    assert send(later=2 * MINUTE) == 3


def test_a_refused_recipient_fails_at_once_and_the_others_go(postmaster: Postmaster) -> None:
    for number in range(6):
        address = f"person{number}@example.org"
        write(address)
        if number % 2:
            postmaster.answers[address] = "550 5.1.1 No such mailbox here"
    assert send() == 3
    failed = Mail.objects.filter(state=MailState.FAILED)
    assert {mail.to for mail in failed} == {f"person{number}@example.org" for number in (1, 3, 5)}
    assert {mail.last_error for mail in failed} == {"550 5.1.1 No such mailbox here"}
    assert Mail.objects.filter(state=MailState.SENT).count() == 3
    assert send(later=datetime.timedelta(days=1)) == 0


def test_refused_content_fails_at_once(postmaster: Postmaster) -> None:
    postmaster.answer_to_data = "554 5.7.1 Message refused"
    mail = write()
    send()
    mail.refresh_from_db()
    assert (mail.state, mail.last_error) == (MailState.FAILED, "554 5.7.1 Message refused")


@pytest.mark.parametrize("where", ["recipient", "content"])
def test_a_refusal_for_now_is_tried_again(postmaster: Postmaster, where: str) -> None:
    if where == "recipient":
        postmaster.answers["ana@example.org"] = "451 4.7.1 Greylisted, come back later"
    else:
        postmaster.answer_to_data = "451 4.7.1 Greylisted, come back later"
    mail = write()
    write("ben@example.org")
    assert send() == (1 if where == "recipient" else 0)
    mail.refresh_from_db()
    assert (mail.state, mail.attempts) == (MailState.PENDING, 1)
    assert mail.last_error == "451 4.7.1 Greylisted, come back later"
    postmaster.answers, postmaster.answer_to_data = {}, "250 OK"
    send(later=2 * MINUTE)
    mail.refresh_from_db()
    assert (mail.state, mail.attempts, mail.last_error) == (MailState.SENT, 2, "")


def test_the_pauses_grow_and_end_after_three_days(postmaster: Postmaster) -> None:
    postmaster.answers["ana@example.org"] = "451 4.7.1 Greylisted, come back later"
    mail = write()
    now, pauses = timezone.now(), []
    while mail.state == MailState.PENDING:
        assert services.send_due(now=now) == 0
        mail.refresh_from_db()
        if mail.state == MailState.PENDING:
            pauses.append(round((mail.next_try_at - now) / MINUTE))
            now = mail.next_try_at
    assert pauses[:7] == [1, 5, 15, 60, 240, 360, 360]
    assert set(pauses[5:]) == {360}
    assert mail.state == MailState.FAILED
    assert datetime.timedelta(days=2.5) < now - mail.created_at <= datetime.timedelta(days=3)
    assert "Greylisted" in mail.last_error


def test_a_mail_claimed_by_a_killed_worker_goes_again_with_the_same_message_id(postmaster: Postmaster) -> None:
    mail = write()
    killed_at = timezone.now()
    Mail.objects.filter(pk=mail.pk).update(state=MailState.CLAIMED, claimed_at=killed_at, attempts=1)
    assert services.send_due(now=killed_at + 9 * MINUTE) == 0
    assert services.send_due(now=killed_at + 10 * MINUTE) == 1
    assert services.send_due(now=killed_at + 30 * MINUTE) == 0
    mail.refresh_from_db()
    assert (mail.state, mail.attempts) == (MailState.SENT, 2)
    assert [message["Message-ID"] for _, message in postmaster.arrived] == [mail.message_id]


def test_a_worker_killed_after_sending_repeats_the_message_id(
    postmaster: Postmaster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one case in which a mail goes twice: mailboxes recognize it by its Message-ID."""
    mail = write()
    send()
    sent_at = timezone.now()
    Mail.objects.filter(pk=mail.pk).update(state=MailState.CLAIMED, claimed_at=sent_at, sent_at=None)
    services.send_due(now=sent_at + 11 * MINUTE)
    assert [message["Message-ID"] for _, message in postmaster.arrived] == [mail.message_id] * 2


@pytest.mark.usefixtures("postmaster")
def test_nothing_is_sent_inside_a_transaction() -> None:
    mail = write()
    with transaction.atomic(), pytest.raises(RuntimeError):
        send()
    mail.refresh_from_db()
    assert mail.state == MailState.PENDING
