"""Reminders: written once, with the mail that tells them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from lms.accounts.models import Person
from lms.audit.services import record
from lms.compliance.enums import Audience, Status
from lms.compliance.models import Reminder, ReminderDay, ReminderLine, ReminderStep
from lms.compliance.obligations import Obligation
from lms.compliance.selectors import (
    Told,
    list_late_reports,
    list_obligations,
    list_own_steps,
    list_supervisors_to_tell,
    list_to_remind,
    name_mail,
)
from lms.outbox.models import Mail
from lms.outbox.services import enqueue

FIRST_HOUR = 6  # nobody's telephone rings at night
AT_ONCE = 300  # people in one call, so that the tick stays short; the next one goes on
CHUNK = 50
NAMES_TOLD = 40
CALLING = {Status.DUE_SOON, Status.OVERDUE, Status.EXPIRED, Status.RENEW_SOON}


class StepsRefused(ValueError):
    """Reminder steps that can't be; the text is for the person who wrote them."""


def send_reminders(*, now: datetime, limit: int = AT_ONCE) -> int:
    """Write the reminders that are due today, at most ``limit``, and return how many; to be called until none is left.

    Each is one transaction: the reminder, which is the only one of its recipient on the day, a line for each step that
    it tells, and the mail. A kill leaves all of one or nothing of it, and the next call goes on.
    """
    today = timezone.localdate(now)
    if timezone.localtime(now).hour < FIRST_HOUR or ReminderDay.objects.filter(day=today).exists():
        return 0
    written = sum(_remind(people, today) for people in _chunks(list_to_remind(today=today, limit=limit)))
    for supervisor in list_supervisors_to_tell(today=today, limit=limit - written) if written < limit else ():
        written += _tell_supervisor(supervisor, today)
    if not written:
        ReminderDay.objects.get_or_create(day=today, defaults={"finished_at": now})
    return written


def _chunks(people: Sequence[Person]) -> list[Sequence[Person]]:
    return [people[start : start + CHUNK] for start in range(0, len(people), CHUNK)]


def _remind(people: Collection[Person], today: date) -> int:
    steps = list_own_steps(people, today=today)
    lines = list_obligations(people, as_of=today)
    return sum(_remind_one(person, steps.get(person.pk, []), lines[person.pk], today) for person in people)


def _remind_one(person: Person, steps: Sequence[Told], lines: Sequence[Obligation], today: date) -> bool:
    told = {step.requirement_id for step in steps}
    shown = [line for line in lines if line.mandatory and (line.status in CALLING or line.requirement.pk in told)]
    late = sum(line.status in {Status.OVERDUE, Status.EXPIRED} for line in shown)
    context = {"person": person, "lines": shown, "late": late, "link": _link("portal:my"), "today": today}
    return _write(person, Audience.OWN, steps, "reminder", context, today)


def _tell_supervisor(supervisor: Person, today: date) -> bool:
    lines = list_late_reports(supervisor, today=today)
    steps = [line.step for line in lines if line.step is not None]
    context = {
        "lines": lines[:NAMES_TOLD],
        "more": max(len(lines) - NAMES_TOLD, 0),
        "people": len({line.person.pk for line in lines}),
        "link": _link("portal:team"),
        "today": today,
    }
    return _write(supervisor, Audience.SUPERVISOR, steps, "digest", context, today)


@transaction.atomic
def _write(
    recipient: Person, audience: Audience, steps: Sequence[Told], name: str, context: dict[str, Any], today: date
) -> bool:
    key = name_mail(recipient.pk, today)
    # Somebody who reminds by hand locks the person, too: the later one finds the mail of the earlier one.
    Person.objects.select_for_update().get(pk=recipient.pk)
    if not steps or Mail.objects.filter(key=key).exists():
        return False
    reminder, created = Reminder.objects.get_or_create(recipient=recipient, day=today, defaults={"audience": audience})
    if not created:
        return False
    ReminderLine.objects.bulk_create(
        [ReminderLine(reminder=reminder, recipient=recipient, **step._asdict()) for step in steps]
    )
    with override(recipient.language):
        context |= {"SITE_NAME": settings.SITE_NAME}
        reminder.mail = enqueue(
            to=recipient.email,
            subject=render_to_string(f"compliance/email/{name}_subject.txt", context).strip(),
            text=render_to_string(f"compliance/email/{name}_message.txt", context),
            key=key,
        )
    reminder.save(update_fields=["mail"])
    return True


def _link(name: str) -> str:
    return f"{settings.SITE_URL}{reverse(name)}"


@transaction.atomic
def set_reminder_steps(*, actor: Person, steps: Sequence[tuple[str, int]]) -> None:
    """Replace the steps: (audience, days after the last good day, before it when negative).

    Raises StepsRefused when one stands twice, and for a supervisor who would hear of what is not late yet.
    """
    if len(set(steps)) < len(steps):
        raise StepsRefused(_("A day is named twice. Name it once."))
    if any(audience == Audience.SUPERVISOR and offset <= 0 for audience, offset in steps):
        raise StepsRefused(_("Supervisors hear of what is late: choose a day after the due day."))
    standing = set(ReminderStep.objects.values_list("audience", "offset"))
    if standing == set(steps):
        return
    ReminderStep.objects.all().delete()
    ReminderStep.objects.bulk_create(ReminderStep(audience=audience, offset=offset) for audience, offset in steps)
    record(
        actor=actor,
        action="reminders.changed",
        target=None,
        detail={"was": _say(standing), "is": _say(steps)},
    )


def _say(steps: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{audience} {offset:+d}" for audience, offset in sorted(steps))
