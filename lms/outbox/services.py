"""Mails as rows: written with the act they tell of, sent afterwards, retried until they arrive or are given up."""

import datetime
import logging
import smtplib
import time
from email.errors import MessageError
from email.utils import make_msgid, parseaddr

from django.conf import settings
from django.core.mail import BadHeaderError, EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import F
from django.utils.module_loading import import_string

from .enums import MailState
from .models import Mail

logger = logging.getLogger(__name__)

BACK_OFF = [datetime.timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240)]
LAST_BACK_OFF = datetime.timedelta(hours=6)
GIVE_UP_AFTER = datetime.timedelta(days=3)


def enqueue(*, to: str, subject: str, text: str, html: str = "", key: str | None = None) -> Mail:
    """Write one pending mail, in the caller's transaction, and return it.

    With a `key` that a mail already has, that mail is returned and nothing is written.  The Message-ID is made here, so
    that a mail that goes twice after a kill is recognized as one.
    """
    fields = {
        "to": to,
        "subject": " ".join(subject.split())[:500],
        "text": text,
        "html": html,
        "message_id": make_msgid(domain=_sender_domain()),
    }
    if key is None:
        mail = Mail.objects.create(**fields)
    else:
        mail, _created = Mail.objects.get_or_create(key=key, defaults=fields)
    if wake := getattr(settings, "OUTBOX_WAKE", ""):
        import_string(wake)()
    return mail


def send_due(*, now: datetime.datetime, limit: int = 50) -> int:
    """Send up to `limit` mails that are due, through `settings.OUTBOX_TRANSPORT`; return how many went out.

    Each mail is claimed by one conditional UPDATE before it is sent, so that two workers never both send it, and is
    sent outside any transaction (RuntimeError inside one).  A refusal for good (5xx for this recipient) fails the mail
    at once; anything else is tried again after 1, 5, 15, 60 and 240 minutes, then every 6 hours until 3 days after the
    mail was written.  When the transport can't be reached, the mails behind the first one are left for the next call.
    """
    started = time.monotonic()
    connection = get_connection(settings.OUTBOX_TRANSPORT)
    sent = 0
    try:
        for pk in list(Mail.objects.due(now).order_by("next_try_at", "id").values_list("pk", flat=True)[:limit]):
            moment = now + datetime.timedelta(seconds=time.monotonic() - started)
            mail = _claim(pk, moment)
            if mail is None:
                continue
            try:
                connection.open()
            except Exception as error:
                _put_off(mail, moment, _in_words(error))
                break
            sent += _send(mail, connection, moment)
    finally:
        _close(connection)
    return sent


def _claim(pk: int, now: datetime.datetime) -> Mail | None:
    """Take the mail in one conditional UPDATE; None when another worker was quicker."""
    with transaction.atomic(durable=True):
        taken = (
            Mail.objects.due(now)
            .filter(pk=pk)
            .update(state=MailState.CLAIMED, claimed_at=now, attempts=F("attempts") + 1)
        )
        return Mail.objects.get(pk=pk) if taken else None


def _send(mail: Mail, connection: BaseEmailBackend, now: datetime.datetime) -> bool:
    try:
        connection.send_messages([_compose(mail)])
    except (BadHeaderError, MessageError, ValueError) as error:
        # No mail can be made of this row, however often it is tried.
        _fail(mail, _in_words(error))
    except Exception as error:
        if _is_refused_for_good(error):
            _fail(mail, _in_words(error))
        else:
            _put_off(mail, now, _in_words(error))
            # After a broken conversation the next mail starts a new one.
            _close(connection)
    else:
        Mail.objects.filter(pk=mail.pk).update(state=MailState.SENT, sent_at=now, last_error="")
        return True
    return False


def _compose(mail: Mail) -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(
        subject=mail.subject,
        body=mail.text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[mail.to],
        reply_to=[reply_to] if (reply_to := getattr(settings, "OUTBOX_REPLY_TO", "")) else None,
        headers={"Message-ID": mail.message_id, "Auto-Submitted": "auto-generated"},
    )
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    return message


def _put_off(mail: Mail, now: datetime.datetime, reason: str) -> None:
    pause = BACK_OFF[mail.attempts - 1] if mail.attempts <= len(BACK_OFF) else LAST_BACK_OFF
    if now + pause > mail.created_at + GIVE_UP_AFTER:
        _fail(mail, reason)
    else:
        _write(mail, state=MailState.PENDING, next_try_at=now + pause, last_error=reason)


def _fail(mail: Mail, reason: str) -> None:
    logger.warning("Mail %s was given up: %s", mail.pk, reason)
    _write(mail, state=MailState.FAILED, last_error=reason)


def _write(mail: Mail, **fields: object) -> None:
    """Update the row, if this worker still has it (each claim has its own number of attempts)."""
    Mail.objects.filter(pk=mail.pk, state=MailState.CLAIMED, attempts=mail.attempts).update(**fields)


def _is_refused_for_good(error: Exception) -> bool:
    """Whether the server refused this recipient or this content (5xx), not the sender, the login or the moment."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(500 <= code < 600 for code, _text in error.recipients.values())
    return isinstance(error, smtplib.SMTPDataError) and 500 <= error.smtp_code < 600


def _in_words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        answers: list[tuple[int, bytes | str]] = list(error.recipients.values())
    elif isinstance(error, smtplib.SMTPResponseException):
        answers = [(error.smtp_code, error.smtp_error)]
    else:
        return f"{type(error).__name__}: {error}"[:500]
    said = (f"{code} {text.decode(errors='replace') if isinstance(text, bytes) else text}" for code, text in answers)
    return "; ".join(said)[:500]


def _close(connection: BaseEmailBackend) -> None:
    try:
        connection.close()
    except (OSError, smtplib.SMTPException):
        logger.info("The mail server did not say goodbye.")


def _sender_domain() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
