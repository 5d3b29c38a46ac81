"""Outside credit: proof is sent, and a manager approves it, returns it or refuses it with a reason."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import override

from curricula.enums import CourseKind
from curricula.models import Course
from lms.accounts.models import Person
from lms.accounts.selectors import resolve_person
from lms.audit.services import record
from lms.outbox.services import enqueue

from .enums import CompletionMode, CompletionSource, ExternalState
from .models import Completion, ExternalCredit, ExternalProof
from .services import record_completion

OPEN_TO_SENDER = (ExternalState.WAITING, ExternalState.RETURNED)


class ExternalRefused(Exception):
    """The step can't be taken as the credit stands; the text says why, in plain words."""


@dataclass(frozen=True)
class Proof:
    """A file that passed ``lms.privacy.uploads``; ``kind`` is one of its kinds."""

    kind: str
    content: bytes


@dataclass(frozen=True)
class Claim:
    """What somebody says of an outside training. ``hours`` are quarter hours as the proof has them."""

    program: Course | None
    title: str
    provider: str
    started_on: date
    completed_on: date
    hours: Decimal


@transaction.atomic
def send_external(*, person: Person, claim: Claim, proof: Proof, actor: Person, now: datetime) -> ExternalCredit:
    """Write an outside training that waits for approval, with its proof, and return it."""
    credit = ExternalCredit.objects.create(person=person, sent_at=now, **_fields(claim))
    _keep(credit, proof, now)
    record(actor=actor, action="external.sent", target=credit, detail={"hours": str(claim.hours)})
    return credit


@transaction.atomic
def send_external_again(
    *, credit: ExternalCredit, claim: Claim, proof: Proof | None, actor: Person, now: datetime
) -> ExternalCredit:
    """Change what is not decided yet, or was returned, and let it wait again; earlier proof is kept.

    Raises ExternalRefused for one that is decided.
    """
    credit = ExternalCredit.objects.select_for_update().get(pk=credit.pk)
    if credit.state not in OPEN_TO_SENDER:
        raise ExternalRefused(_("This is decided already. Send a new one if something else is to count."))
    for name, value in _fields(claim).items():
        setattr(credit, name, value)
    credit.state, credit.sent_at = ExternalState.WAITING, now
    credit.save()
    if proof is not None:
        _keep(credit, proof, now)
    record(actor=actor, action="external.sent_again", target=credit, detail={"hours": str(claim.hours)})
    return credit


def _fields(claim: Claim) -> dict[str, object]:
    return {
        "program": claim.program,
        "title": claim.program.title if claim.program else claim.title.strip(),
        "provider": claim.provider.strip(),
        "started_on": claim.started_on,
        "completed_on": claim.completed_on,
        "hours": claim.hours,
    }


def _keep(credit: ExternalCredit, proof: Proof, now: datetime) -> None:
    ExternalProof.objects.get_or_create(
        credit=credit,
        sha256=hashlib.sha256(proof.content).hexdigest(),
        defaults={"kind": proof.kind, "content": proof.content, "size": len(proof.content), "sent_at": now},
    )


@transaction.atomic
def approve_external(*, credit: ExternalCredit, hours: Decimal, actor: Person, now: datetime) -> Completion:
    """Write the completion that the proof shows, with so many hours, and return it. Saying it twice writes one.

    Raises ExternalRefused for one that is not waiting.
    """
    credit = ExternalCredit.objects.select_for_update().get(pk=credit.pk)
    if credit.state == ExternalState.APPROVED and credit.completion is not None:
        return credit.completion
    _must_wait(credit)
    program = credit.program or _add_program(credit.title)
    completion = record_completion(
        person=credit.person,
        course=program,
        source=CompletionSource.EXTERNAL,
        mode=CompletionMode.OUTSIDE,
        started_on=credit.started_on,
        completed_on=credit.completed_on,
        actor=actor,
        now=now,
        key=f"external:{credit.key}",
        version=program.current_version,
        hours=hours,
        place=credit.provider,
    )
    credit.program, credit.completion = program, completion
    _decide(credit, ExternalState.APPROVED, reason="", actor=actor, now=now)
    return completion


@transaction.atomic
def return_external(*, credit: ExternalCredit, reason: str, actor: Person, now: datetime) -> ExternalCredit:
    """Give it back to be completed. Raises ExternalRefused for one that is not waiting, or without a reason."""
    return _decline(credit, ExternalState.RETURNED, reason=reason, actor=actor, now=now)


@transaction.atomic
def refuse_external(*, credit: ExternalCredit, reason: str, actor: Person, now: datetime) -> ExternalCredit:
    """Say that it does not count. Raises ExternalRefused for one that is not waiting, or without a reason."""
    return _decline(credit, ExternalState.REFUSED, reason=reason, actor=actor, now=now)


def _decline(
    credit: ExternalCredit, state: ExternalState, *, reason: str, actor: Person, now: datetime
) -> ExternalCredit:
    credit = ExternalCredit.objects.select_for_update().get(pk=credit.pk)
    _must_wait(credit)
    if not reason.strip():
        raise ExternalRefused(_("Say why, so that the person knows what to do."))
    _decide(credit, state, reason=reason.strip(), actor=actor, now=now)
    return credit


def _must_wait(credit: ExternalCredit) -> None:
    if credit.state != ExternalState.WAITING:
        raise ExternalRefused(_("Somebody decided this already."))


def _decide(credit: ExternalCredit, state: ExternalState, *, reason: str, actor: Person, now: datetime) -> None:
    credit.state, credit.reason = state, reason
    credit.decided_at, credit.decided_by = now, actor
    credit.save()
    record(actor=actor, action=f"external.{state}", target=credit, detail={"reason": reason})
    _tell(credit)


def _tell(credit: ExternalCredit) -> None:
    """Write the mail that tells the sender, under whichever row they sign in with now, what was decided."""
    person = resolve_person(credit.person)
    if not person.is_active:
        return
    context = {
        "SITE_NAME": settings.SITE_NAME,
        "credit": credit,
        "link": settings.SITE_URL.rstrip("/") + reverse("portal:outside-one", args=[credit.key]),
    }
    with override(person.language):
        enqueue(
            to=person.email,
            subject=render_to_string("learning/email/outside_subject.txt", context),
            text=render_to_string("learning/email/outside_message.txt", context),
        )


def _add_program(title: str) -> Course:
    """Return the external program of this title, made if there is none."""
    if program := Course.objects.filter(kind=CourseKind.EXTERNAL, title__iexact=title).first():
        return program
    stem, number = slugify(title)[:60] or "program", 1
    while Course.objects.filter(code=(code := f"outside-{stem}" + (f"-{number}" if number > 1 else ""))).exists():
        number += 1
    return Course.objects.create(code=code, kind=CourseKind.EXTERNAL, title=title, certificate=False)
