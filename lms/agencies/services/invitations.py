"""Invitations: a mail with a link, by which somebody who has no password sets their first one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import islice

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import signing
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.formats import time_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import override

from lms.accounts.models import Person
from lms.agencies.models import Invitation
from lms.audit.services import record
from lms.outbox.services import enqueue

from .errors import AgencyError

VALID_FOR = timedelta(days=14)
# So that impatience fills nobody's mailbox.
PAUSE = timedelta(minutes=10)
# One press of a button holds up nobody else's writing for long.
AT_ONCE = 100
SALT = "lms.agencies.invitations"


class InvitationExpiredError(ValueError):
    """The link was sent too long ago."""


class InvitationInvalidError(ValueError):
    """The link is broken, was used or withdrawn, or a newer one followed it."""


def why_not_invite(person: Person) -> str:
    """Return in words why the person can't be invited, or nothing."""
    if not person.is_active:
        return _("%(person)s may not sign in.") % {"person": person}
    if person.has_usable_password():
        return _("%(person)s has a password already. “Forgot your password?” on the sign-in page sends a new link.") % {
            "person": person
        }
    if EmailAddress.objects.filter(email__iexact=person.email, verified=True).exclude(user=person).exists():
        return _("%(address)s signs in as somebody else. Join the two records first.") % {"address": person.email}
    return ""


def can_invite(person: Person, *, now: datetime) -> bool:
    """Whether ``invite_person`` would send a mail now."""
    lately = Invitation.objects.standing().filter(person=person, address=person.email, sent_at__gt=now - PAUSE)
    return not why_not_invite(person) and not lately.exists()


@transaction.atomic
def invite_person(*, actor: Person | None, person: Person, now: datetime) -> Invitation:
    """Mail the person a link and return the invitation; an earlier link opens nothing from now on.

    Raises AgencyError as ``why_not_invite`` says, and when a mail went out within the last ten minutes.
    """
    person = Person.objects.select_for_update().get(pk=person.pk)
    if reason := why_not_invite(person):
        raise AgencyError(reason)
    earlier = Invitation.objects.standing().filter(person=person).first()
    if earlier is not None:
        if earlier.sent_at > now - PAUSE and earlier.address == person.email:
            raise AgencyError(
                _("An invitation to %(address)s went out at %(time)s. Please give it ten minutes.")
                % {"address": person.email, "time": time_format(localtime(earlier.sent_at))}
            )
        earlier.withdrawn_at = now
        earlier.save(update_fields=["withdrawn_at"])
    invitation = Invitation.objects.create(
        person=person, address=person.email, sent_by=actor, sent_at=now, expires_at=now + VALID_FOR
    )
    _mail_link(invitation)
    record(
        actor=actor,
        action="invitation.sent",
        target=person,
        detail={"address": person.email, "until": invitation.expires_at.isoformat(), "again": earlier is not None},
    )
    return invitation


@transaction.atomic
def invite_people(*, actor: Person | None, people: Iterable[Person], now: datetime) -> list[Person]:
    """Invite those of the people who can be invited now, at most AT_ONCE, and return them.

    Raises AgencyError when there is nobody to invite.
    """
    invited = list(islice((person for person in people if can_invite(person, now=now)), AT_ONCE))
    if not invited:
        raise AgencyError(_("Everybody here can sign in, or was invited within the last ten minutes."))
    for person in invited:
        invite_person(actor=actor, person=person, now=now)
    return invited


def _mail_link(invitation: Invitation) -> None:
    link = settings.SITE_URL + reverse("agencies:accept-invitation", args=[sign_invitation(invitation)])
    with override(invitation.person.language):
        context = {"SITE_NAME": settings.SITE_NAME, "invitation": invitation, "link": link}
        enqueue(
            to=invitation.address,
            subject=render_to_string("agencies/email/invitation_subject.txt", context).strip(),
            text=render_to_string("agencies/email/invitation_message.txt", context),
            key=f"invitation-{invitation.pk}",
        )


@transaction.atomic
def withdraw_invitation(*, actor: Person | None, person: Person, now: datetime) -> Invitation:
    """Make the person's link open nothing from now on and return the invitation.

    Raises AgencyError when there is none that could be used.
    """
    invitation = Invitation.objects.select_for_update().standing().filter(person=person).first()
    if invitation is None:
        raise AgencyError(_("There is no invitation to withdraw."))
    invitation.withdrawn_at = now
    invitation.save(update_fields=["withdrawn_at"])
    record(actor=actor, action="invitation.withdrawn", target=person, detail={"address": invitation.address})
    return invitation


def sign_invitation(invitation: Invitation) -> str:
    """Return the invitation as a text for a link, which can't be changed."""
    return signing.dumps([invitation.pk, invitation.address], salt=SALT)


def read_invitation(token: str, *, now: datetime) -> Invitation:
    """Return the invitation that the link carries, if it still opens something.

    Raises InvitationExpiredError and InvitationInvalidError: by now the person may have a password, another address, or
    be joined to another record.
    """
    try:
        key, address = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise InvitationInvalidError from error
    invitation = Invitation.objects.standing().select_related("person").filter(pk=key, address=address).first()
    if invitation is None or invitation.person.email != address or why_not_invite(invitation.person):
        raise InvitationInvalidError
    if invitation.expires_at <= now:
        raise InvitationExpiredError
    return invitation


@transaction.atomic
def accept_invitation(*, token: str, password: str, now: datetime) -> Person:
    """Set the person's first password; reading the mail proved the address. Returns the person.

    Raises as ``read_invitation`` does: a link works once.
    """
    person = Person.objects.select_for_update().get(pk=read_invitation(token, now=now).person_id)
    invitation = read_invitation(token, now=now)
    person.set_password(password)
    person.save(update_fields=["password"])
    EmailAddress.objects.filter(user=person, primary=True).update(primary=False)
    EmailAddress.objects.update_or_create(user=person, email=person.email, defaults={"verified": True, "primary": True})
    invitation.accepted_at = now
    invitation.save(update_fields=["accepted_at"])
    record(actor=person, action="invitation.accepted", target=person, detail={"address": invitation.address})
    return person
