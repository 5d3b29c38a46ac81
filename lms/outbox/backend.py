from collections.abc import Sequence

from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.db import DatabaseError, transaction
from django.utils.html import strip_tags

from .services import enqueue


class OutboxEmailBackend(BaseEmailBackend):
    """Django's mail, written as rows: one for each recipient, who therefore doesn't see the others.

    The sender is the site's own (DEFAULT_FROM_EMAIL).  A message with attachments is refused (ValueError): mails carry
    links, to which access can be checked, never files.
    """

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Return how many messages were written; all are, or none."""
        try:
            with transaction.atomic():
                return sum(self._write(message) for message in email_messages)
        except DatabaseError:
            if not self.fail_silently:
                raise
            return 0

    def _write(self, message: EmailMessage) -> bool:
        if message.attachments:
            raise ValueError("Mails carry links, never files.")
        text, html = str(message.body), ""
        if message.content_subtype == "html":
            text, html = strip_tags(text), text
        elif isinstance(message, EmailMultiAlternatives):
            html = next((str(body) for body, kind in message.alternatives if kind == "text/html"), "")
        for recipient in message.recipients():
            enqueue(to=recipient, subject=str(message.subject), text=text, html=html)
        return bool(message.recipients())
