"""Whose certificates, and which one a code names."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django.db.models.functions import Coalesce

from certificates.enums import CertificateState
from certificates.models import Certificate, CertificateFile, CertificateQuerySet, ShareLink, Transcript
from lms.accounts.models import Person
from lms.accounts.selectors import resolve_person
from lms.agencies.models import Agency, Employment
from lms.agencies.selectors import visible_to


def list_certificates(people: Iterable[Person]) -> CertificateQuerySet:
    """Return the certificates of these persons and of everybody merged into them, the latest completion first."""
    keys = [person.pk for person in people]
    return (
        Certificate.objects.filter(
            Q(completion__person__in=keys)
            | Q(completion__person__merged_into__in=keys)
            | Q(completion__person__merged_into__merged_into__in=keys)
        )
        .select_related("completion")
        .order_by("-completion__completed_on", "-pk")
    )


def get_certificate_for(user: Person | AnonymousUser, number: str, *, as_of: date) -> Certificate | None:
    """Return the certificate if it is the user's own, or of someone whose training the user may see on that day."""
    certificate = (
        Certificate.objects.select_related("completion__person", "design", "superseded_by", "state_changed_by")
        .filter(number=number)
        .first()
    )
    if certificate is None or not isinstance(user, Person):
        return None
    holder = resolve_person(certificate.completion.person)
    if holder == resolve_person(user) or visible_to(user, as_of=as_of).filter(pk=holder.pk).exists():
        return certificate
    return None


def get_own_file(user: Person | AnonymousUser, number: str) -> tuple[str, bytes | memoryview] | None:
    """Return digest and bytes of the user's own certificate that stands, in one query; None sends the caller the
    long way: not theirs by this account, not made yet, taken back."""
    own = CertificateFile.objects.filter(certificate__number=number, certificate__completion__person=user.pk)
    for sha256, pdf, state in own.values_list("sha256", "pdf", "certificate__state")[:1]:
        if state != CertificateState.REVOKED:
            return sha256, pdf
    return None


def get_issued_certificate(code: str) -> Certificate | None:
    """Return the issued certificate that carries the code (26 signs), or None."""
    return Certificate.objects.issued().select_related("file", "superseded_by").filter(code=code).first()


def get_issued_transcript(code: str) -> Transcript | None:
    """Return the transcript that carries the code (26 signs), once it is made, or None."""
    return Transcript.objects.exclude(issued_at=None).select_related("file").filter(code=code).first()


def get_open_share(code: str, *, now: datetime) -> ShareLink | None:
    """Return the share link with this code while it is open and its certificate may be given out, or None."""
    return (
        ShareLink.objects.open(now)
        .filter(code=code, certificate__issued_at__isnull=False)
        .exclude(certificate__state=CertificateState.REVOKED)
        .select_related("certificate__file", "certificate__design", "certificate__superseded_by")
        .first()
    )


def list_bundled(
    user: Person, *, agency: Agency | None, first_on: date, last_on: date, as_of: date
) -> CertificateQuerySet:
    """Return the certificates, not taken back, of completions within the days, of the people whom the user may see: of
    those who work in the agency, or below it, on the day, where one is named."""
    people = visible_to(user, as_of=as_of)
    if agency is not None:
        jobs = Employment.objects.on(as_of).filter(agency__in=Agency.objects.subtree_on(agency, as_of))
        working = jobs.values(person_key=Coalesce("person__merged_into__merged_into", "person__merged_into", "person"))
        people = people.filter(pk__in=working)
    return (
        Certificate.objects.issued()
        .exclude(state=CertificateState.REVOKED)
        .filter(completion__completed_on__range=(first_on, last_on))
        .filter(
            Q(completion__person__in=people)
            | Q(completion__person__merged_into__in=people)
            | Q(completion__person__merged_into__merged_into__in=people)
        )
        .order_by("pk")
    )
