"""Claiming an older record of one's own by proving its address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from allauth.mfa.models import Authenticator
from django.core import signing

from .merging import why_not_merge
from .models import Person
from .selectors import find_by_email, resolve_person

VALID_FOR = timedelta(days=3)
SALT = "lms.accounts.claims"


class ClaimExpiredError(ValueError):
    """The link was sent more than three days ago."""


class ClaimInvalidError(ValueError):
    """The link is broken, or of somebody else, or what it names is joined already."""


@dataclass(frozen=True)
class Claim:
    """That ``claimant`` says that the record with ``address`` is their own too."""

    claimant: Person
    record: Person
    address: str


def find_claimable(claimant: Person, address: str) -> Claim | None:
    """Return the claim to another person's record with the address, or None when there is none to make."""
    address = address.strip().lower()
    record = find_by_email([address]).get(address)
    if record is None or record == resolve_person(claimant):
        return None
    return Claim(claimant, record, address)


def address_is_proof_enough(record: Person) -> bool:
    """Whether reading the mail of an address may open the record: not where its owner set up a second step, or where
    the record may open the CMS, since an address alone would not sign in there either."""
    guarded = record.is_staff or record.is_superuser
    return not guarded and not Authenticator.objects.filter(user=record).exists()


def sign_claim(claim: Claim) -> str:
    """Return the claim as a text for a link: it can't be changed, and it ends after three days."""
    return signing.dumps([claim.claimant.pk, claim.record.pk, claim.address], salt=SALT)


def read_claim(token: str, *, claimant: Person) -> Claim:
    """Return the claim that the link carries, if it is the claimant's own and can still be made.

    Raises ClaimExpiredError and ClaimInvalidError.
    """
    try:
        owner, key, address = signing.loads(token, salt=SALT, max_age=VALID_FOR)
    except signing.SignatureExpired as error:
        raise ClaimExpiredError from error
    except (signing.BadSignature, ValueError) as error:
        raise ClaimInvalidError from error
    claim = find_claimable(claimant, address)
    own = owner == claimant.pk and claim is not None and claim.record.pk == key
    if not own or claim is None or why_not_merge(claimant, claim.record) or not address_is_proof_enough(claim.record):
        raise ClaimInvalidError
    return claim
