"""A small site with something of everything, owned by the cast."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from certificates.models import Certificate
from certificates.services import issue_transcript, render_pending, share_certificate
from curricula.enums import EditorGroup
from curricula.models import ModulePage
from lms.accounts.merging import merge_persons
from lms.accounts.models import Person
from lms.agencies.enums import GrantKind
from lms.agencies.models import Agency, Employment
from lms.agencies.services import give_grant
from lms.learning.external import Claim, Proof, send_external
from lms.learning.models import ExternalCredit
from lms.learning.selectors import get_progress
from lms.learning.services import begin_quiz, enroll, record_completion, record_section
from tests.conftest import START, Cast
from tests.learning.conftest import make_course


@dataclass(frozen=True)
class Places:
    """A browser for each person, and the keys that the addresses of the matrix name."""

    clients: dict[str, Client]
    keys: dict[str, Any]


def give(person: Person, kind: str, agency: Agency | None) -> None:
    give_grant(
        actor=None,
        person=person,
        kind=kind,
        agency=agency,
        valid_from=START,
        reason="For the matrix",
        today=timezone.localdate(),
    )


def merged_twin(of: Person, email: str) -> int:
    """Join another row into the person's and return the merge's key."""
    twin = Person.objects.create_user(email, first_name=of.first_name, last_name=of.last_name)
    return merge_persons(actor=None, survivor=of, merged=twin, now=timezone.now()).pk


def send_outside(person: Person) -> ExternalCredit:
    """Send proof of an outside training."""
    day = date(2026, 10, 1)
    claim = Claim(None, "Program of another county", "Elsewhere", day, day, Decimal(2))
    return send_external(
        person=person, claim=claim, proof=Proof("pdf", b"%PDF-1.7 proof"), actor=person, now=timezone.now()
    )


@pytest.fixture
def places(cast: Cast) -> Places:
    cache.clear()
    home, other = Agency.objects.get(code="cast-home"), Agency.objects.get(code="cast-other")
    give(cast.manager, GrantKind.MANAGER, home)
    give(cast.outsider, GrantKind.MANAGER, other)
    give(cast.trainer, GrantKind.TRAINER, home)
    give(cast.coordinator, GrantKind.COORDINATOR, None)
    cast.editor.groups.add(Group.objects.get(name=EditorGroup.AUTHOR))
    colleague = Person.objects.create_user("otis@example.org", first_name="Otis", last_name="Other")
    job = Employment.objects.get(person=cast.outsider)
    Employment.objects.create(
        person=colleague, agency=other, job_role=job.job_role, supervisor=cast.outsider, valid_from=START
    )

    course, now = make_course(), timezone.now()
    enrollments = {}
    for person in (cast.learner, colleague):
        enrollment = enroll(person=person, course=course, language="en", now=now)
        progress = get_progress(enrollment)
        assert progress is not None
        for place in progress.places:
            record_section(enrollment=enrollment, module=place.module.key, section=place.section.id, now=now)
        progress = get_progress(enrollment)
        assert progress is not None
        attempt = begin_quiz(enrollment=enrollment, progress=progress, now=now)
        enrollments[person.pk] = enrollment.key, attempt.pk, attempt.questions.get().position
        record_completion(
            person=person,
            course=course,
            started_on=date(2026, 10, 1),
            completed_on=date(2026, 10, 2),
            source="online",
            mode="online",
            actor=None,
            now=now,
            key=f"matrix-{person.pk}",
        )
    transcripts = {
        person.pk: issue_transcript(person=person, actor=person, language="en", now=now)
        for person in (cast.learner, colleague)
    }
    render_pending(now=now)
    outside = {person.pk: send_outside(person) for person in (cast.learner, colleague)}
    numbers = dict(Certificate.objects.values_list("completion__person", "number"))
    module = ModulePage.objects.get()
    own, foreign = enrollments[cast.learner.pk], enrollments[colleague.pk]

    shared = {
        person: share_certificate(
            certificate=Certificate.objects.get(completion__person=person),
            until=timezone.localdate() + timedelta(days=1),
            actor=Person.objects.get(pk=person),
            now=now,
        )
        for person in (cast.learner.pk, colleague.pk)
    }

    clients = {"visitor": Client()}
    for name in cast._fields:
        clients[name] = Client()
        clients[name].force_login(getattr(cast, name), backend="django.contrib.auth.backends.ModelBackend")
    keys = {
        "learner": cast.learner.pk,
        "colleague": colleague.pk,
        "manager": cast.manager.pk,
        "enrollment": own[0],
        "attempt": own[1],
        "step": own[2],
        "foreign_enrollment": foreign[0],
        "foreign_attempt": foreign[1],
        "foreign_step": foreign[2],
        "module": module.translation_key,
        "section": module.body[0].id,
        "certificate": numbers[cast.learner.pk],
        "foreign_certificate": numbers[colleague.pk],
        "code": Certificate.objects.get(completion__person=cast.learner).grouped_code,
        "share": shared[cast.learner.pk].pk,
        "foreign_share": shared[colleague.pk].pk,
        "share_code": shared[cast.learner.pk].grouped_code,
        "transcript": transcripts[cast.learner.pk].grouped_code,
        "foreign_transcript": transcripts[colleague.pk].grouped_code,
        "outside": outside[cast.learner.pk].key,
        "foreign_outside": outside[colleague.pk].key,
        "proof": outside[cast.learner.pk].proofs.get().pk,
        "foreign_proof": outside[colleague.pk].proofs.get().pk,
        "merge": merged_twin(cast.learner, "lena@old.example.org"),
        "foreign_merge": merged_twin(colleague, "otis@old.example.org"),
        "home": home.pk,
        "other": other.pk,
        "missing": 999_999,
        "missing_uuid": "00000000-0000-4000-8000-000000000000",
    }
    return Places(clients, keys)
