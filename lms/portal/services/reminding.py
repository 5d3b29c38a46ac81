"""Reminders that a manager sends: what is owed, by when and why; one mail for each person and day at most."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from lms.accounts.models import Person
from lms.audit.services import record
from lms.compliance.obligations import Obligation
from lms.compliance.selectors import list_obligations
from lms.outbox.models import Mail
from lms.outbox.services import enqueue
from lms.portal.enums import REMINDED


@dataclass(frozen=True)
class Reminder:
    """The mail that one person would get today, or in words why they get none (``refusal``)."""

    person: Person
    owed: Sequence[Obligation]
    refusal: str
    subject: str = ""
    text: str = ""


def list_reminders(people: Iterable[Person], *, actor: Person, today: date) -> list[Reminder]:
    """Return the mail of each person, by name, in their own language; as many queries for any number of people."""
    people = sorted(people, key=lambda person: person.sort_name)
    obligations = list_obligations(people, as_of=today)
    sent = set(Mail.objects.filter(key__in=[_key(person, today) for person in people]).values_list("key", flat=True))
    reminders = []
    for person in people:
        owed = [line for line in obligations.get(person.pk, []) if line.mandatory and line.owed]
        refusal = _why_not(person, owed, sent=_key(person, today) in sent)
        if refusal:
            reminders.append(Reminder(person, owed, refusal))
            continue
        context = {
            "SITE_NAME": settings.SITE_NAME,
            "person": person,
            "actor": actor,
            "owed": owed,
            "link": settings.SITE_URL + reverse("portal:my"),
        }
        with override(person.language):
            subject = render_to_string("portal/email/reminder_subject.txt", context).strip()
            text = render_to_string("portal/email/reminder_message.txt", context)
        reminders.append(Reminder(person, owed, "", subject, text))
    return reminders


def _why_not(person: Person, owed: Sequence[Obligation], *, sent: bool) -> str:
    if sent:
        return _("Reminded today already.")
    if not owed:
        return _("Owes nothing now.")
    if not person.is_active:
        return _("May not sign in.")
    return ""


@transaction.atomic
def send_reminders(*, actor: Person, people: Iterable[Person], today: date) -> list[Reminder]:
    """Write a mail for each of the people who may get one today, and return all with what became of them."""
    # Two managers at once: the second waits, and finds that the mail is written.
    chosen = Person.objects.filter(pk__in=[one.pk for one in people])
    locked = list(chosen.select_for_update().in_lock_order())
    reminders = list_reminders(locked, actor=actor, today=today)
    for reminder in reminders:
        if reminder.refusal:
            continue
        enqueue(
            to=reminder.person.email, subject=reminder.subject, text=reminder.text, key=_key(reminder.person, today)
        )
        record(
            actor=actor,
            action=REMINDED,
            target=reminder.person,
            detail={"courses": [line.course.code for line in reminder.owed]},
        )
    return reminders


def _key(person: Person, today: date) -> str:
    return f"reminder:{person.pk}:{today.isoformat()}"
