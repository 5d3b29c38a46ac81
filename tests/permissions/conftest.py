"""A small site with something of everything, owned by the cast."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from time import time
from typing import Any
from uuid import UUID

import pytest
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from certificates.models import Certificate
from certificates.services import issue_transcript, render_pending, share_certificate
from curricula.enums import EditorGroup
from curricula.models import Course, ModulePage
from lms.accounts.merging import merge_persons
from lms.accounts.models import Person
from lms.agencies.enums import GrantKind
from lms.agencies.models import Agency, Employment
from lms.agencies.permissions import user_needs_second_factor
from lms.agencies.services import give_grant
from lms.compliance.models import CourseList, ProviderContract, QualifiedList, RequirementCondition
from lms.compliance.services import make_list, save_requirement, waive
from lms.hr_import.enums import RunKind
from lms.hr_import.models import ImportRun
from lms.learning.external import Claim, Proof, send_external
from lms.learning.models import Completion, ExternalCredit
from lms.learning.selectors import get_progress
from lms.learning.services import begin_quiz, enroll, record_completion, record_section
from lms.portal.services import propose_correction
from quizzes.models import Question
from quizzes.services import extend_time, regrade_question
from tests.conftest import START, Cast
from tests.learning.conftest import make_course


@dataclass(frozen=True)
class Places:
    """A browser for each person, and the keys that the addresses of the matrix name."""

    clients: dict[str, Client]
    keys: dict[str, Any]


def give(person: Person, kind: str, agency: Agency | None) -> int:
    """Give the person a grant and return its key."""
    today = timezone.localdate()
    grant = give_grant(
        actor=None,
        person=person,
        kind=kind,
        agency=agency,
        valid_from=START,
        valid_until=today + timedelta(days=30) if kind == GrantKind.READER else None,
        reason="For the matrix",
        today=today,
    )
    return grant.pk


def merged_twin(of: Person, email: str) -> int:
    """Join another row into the person's and return the merge's key."""
    twin = Person.objects.create_user(email, first_name=of.first_name, last_name=of.last_name)
    return merge_persons(actor=None, survivor=of, merged=twin, now=timezone.now()).pk


def made_import(agency: Agency, state: str) -> int:
    """An import for the agency, as far as the state says, and its key."""
    return ImportRun.objects.create(
        kind=RunKind.STAFF,
        agency=agency,
        state=state,
        file_name="staff.csv",
        header=["a", "b"],
        as_of=timezone.localdate(),
        created_at=timezone.now(),
    ).pk


def more_time(person: Person, actor: Person) -> int:
    """Give the person more time and return the extension's key."""
    return extend_time(person=person, quiz=None, extra_percent=50, actor=actor, now=timezone.now()).pk


def sign_in(person: Person) -> Client:
    """A browser in which the person signed in with all that their rights ask for."""
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    if user_needs_second_factor(person, as_of=timezone.localdate()):
        factor = TOTP.activate(person, generate_totp_secret()).instance
        session = client.session
        session["account_authentication_methods_user"] = str(person.pk)
        session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "mfa", "at": time(), "id": factor.pk, "type": "totp"}]
        session.save()
    return client


def send_outside(person: Person) -> ExternalCredit:
    """Send proof of an outside training."""
    day = date(2026, 10, 1)
    claim = Claim(None, "Program of another county", "Elsewhere", day, day, Decimal(2))
    return send_external(
        person=person, claim=claim, proof=Proof("pdf", b"%PDF-1.7 proof"), actor=person, now=timezone.now()
    )


def make_rule(code: str, course: Course, agency: Agency) -> int:
    """Make a rule for everybody of the agency and return its key."""
    rule, _created = save_requirement(
        actor=None,
        code=code,
        name=code,
        days=30,
        starts_on=START,
        courses=[course],
        conditions=[RequirementCondition(agency=agency)],
    )
    return rule.pk


def make_contract(agency: Agency) -> int:
    """Write down a contract of the agency and return its key."""
    contract = ProviderContract.objects.create(
        agency=agency, title="Contract", citation="C-1", target_percent=90, starts_on=START, due_on=date(2027, 3, 1)
    )
    return contract.pk


def make_course_list(owner: Person, course: Course) -> CourseList:
    """Make a list of the course that nobody is on yet."""
    today = timezone.localdate()
    return make_list(actor=owner, name="Spring", courses=[course], people=[], due_on=today, now=timezone.now())


def waived(person: Person, actor: Person) -> int:
    """Waive a requirement for the person and return the waiver's key."""
    rule, _created = save_requirement(
        actor=None,
        code="matrix",
        name="For the matrix",
        days=30,
        starts_on=START,
        courses=[Course.objects.get(code="small-course")],
        conditions=[RequirementCondition()],
    )
    waiver = waive(
        actor=actor,
        person=person,
        requirement=rule,
        valid_from=START,
        valid_until=None,
        reason="For the matrix",
        now=timezone.now(),
    )
    return waiver.pk


def correction(completion: Completion, actor: Person) -> UUID:
    """Ask for the completion to be taken back and return the change's key."""
    change = propose_correction(
        actor=actor, completion=completion, taken=None, reason="For the matrix", now=timezone.now()
    )
    return change.key


@pytest.fixture
def places(cast: Cast, settings: Any) -> Places:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "lms.agencies.middleware.SecondFactorMiddleware"]
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

    question = Question.objects.get(quiz=course.quiz)
    shared = {
        person: share_certificate(
            certificate=Certificate.objects.get(completion__person=person),
            until=timezone.localdate() + timedelta(days=1),
            actor=Person.objects.get(pk=person),
            now=now,
        )
        for person in (cast.learner.pk, colleague.pk)
    }

    runs = {
        state: [made_import(agency, state) for agency in (home, other)] for state in ("columns", "planned", "applied")
    }
    own_list = make_course_list(cast.manager, course)
    clients = {"visitor": Client()}
    for name in cast._fields:
        clients[name] = sign_in(getattr(cast, name))
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
        "job": Employment.objects.get(person=cast.learner).pk,
        "foreign_job": Employment.objects.get(person=colleague).pk,
        "loan": give(Person.objects.create_user("rea@example.org"), GrantKind.READER, home),
        "foreign_loan": give(Person.objects.create_user("rob@example.org"), GrantKind.READER, other),
        "question": question.pk,
        "regrade": regrade_question(question=question, reason="For the matrix", actor=cast.editor, now=now).pk,
        "extension": more_time(cast.learner, cast.manager),
        "foreign_extension": more_time(colleague, cast.outsider),
        "share": shared[cast.learner.pk].pk,
        "foreign_share": shared[colleague.pk].pk,
        "share_code": shared[cast.learner.pk].grouped_code,
        "transcript": transcripts[cast.learner.pk].grouped_code,
        "foreign_transcript": transcripts[colleague.pk].grouped_code,
        "waiver": waived(cast.learner, cast.manager),
        "foreign_waiver": waived(colleague, cast.outsider),
        "completion": (completion := Completion.objects.get(key=f"matrix-{cast.learner.pk}")).pk,
        "foreign_completion": (foreign_completion := Completion.objects.get(key=f"matrix-{colleague.pk}")).pk,
        "change": correction(completion, cast.manager),
        "foreign_change": correction(foreign_completion, cast.outsider),
        "outside": outside[cast.learner.pk].key,
        "foreign_outside": outside[colleague.pk].key,
        "proof": outside[cast.learner.pk].proofs.get().pk,
        "foreign_proof": outside[colleague.pk].proofs.get().pk,
        "merge": merged_twin(cast.learner, "lena@old.example.org"),
        "foreign_merge": merged_twin(colleague, "otis@old.example.org"),
        **{f"{state}_import": pair[0] for state, pair in runs.items()},
        **{f"foreign_{state}_import": pair[1] for state, pair in runs.items()},
        "rule": make_rule("for-home", course, home),
        "foreign_rule": make_rule("for-other", course, other),
        "contract": make_contract(home),
        "foreign_contract": make_contract(other),
        "qualified": QualifiedList.objects.create(name="Screeners").pk,
        "list": own_list.pk,
        "list_key": own_list.key,
        "foreign_list": make_course_list(cast.outsider, course).pk,
        "home": home.pk,
        "other": other.pk,
        "missing": 999_999,
        "missing_uuid": "00000000-0000-4000-8000-000000000000",
    }
    return Places(clients, keys)
