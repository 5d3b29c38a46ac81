"""Builds Harbor County, which does not exist, through the same services that a real county uses."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.utils import decrypt
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from certificates.services import load_bodies
from curricula.enums import EditorGroup
from curricula.models import Course, HelpSettings
from curricula.starter_loader import load_curriculum, publish_written
from lms.accounts.models import Person
from lms.agencies.models import Agency, AgencyKind, Grant, JobRole, ServiceArea
from lms.agencies.permissions import user_needs_second_factor
from lms.agencies.services import add_employment, create_agency, give_grant
from lms.audit.services import record
from lms.compliance.calendar import add_months
from lms.compliance.models import ProviderContract, QualifiedList, Requirement, RequirementCondition
from lms.compliance.selectors import list_obligations
from lms.compliance.services import save_contract, save_qualified_list, save_requirement
from lms.learning.enums import CompletionMode, CompletionSource
from lms.learning.external import Claim, Proof, send_external
from lms.learning.services import enroll, finish_course, record_completion
from lms.pdf.render import render_pdf

from .online import build_pre_test, take_quiz
from .plan import PlannedPerson, plan_people

CONTENT = Path(__file__).parent / "data"
SIGN_INS = ("learner", "supervisor", "manager", "trainer", "coordinator", "contract_manager", "oversight", "editor")


class NotADemonstrationError(RuntimeError):
    """The site holds, or may come to hold, records of real people."""


@dataclass
class Demonstration:
    """What a load built anew, which starter files it refused and why, and the sign-ins: role -> {email, password}, with
    a totp_secret where a password alone does not open enough."""

    sign_ins: dict[str, dict[str, str]]
    built: dict[str, int] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)


def load_demonstration(*, now: datetime, today: date, people: int | None = None) -> Demonstration:
    """Load the starter curriculum, publish what is written, and build the demonstration county around it.

    What stands already is left as it is, so that a second load changes nothing. ``people`` scales the staff (none: as
    the files say). Raises NotADemonstrationError unless the settings mark the site as a demonstration.
    """
    _refuse_elsewhere()
    refused = load_curriculum().refused
    publish_written(actor=None, now=now)
    county, duties, staff, rights, quizzes = (
        yaml.safe_load((CONTENT / f"{name}.yaml").read_text())
        for name in ("agencies", "requirements", "people", "grants", "quizzes")
    )
    _name_the_office(county["office"])
    password = _sign_in_password()
    built = {"agencies": _build_agencies(county)}
    sites = {entry["code"]: [site["code"] for site in entry["sites"]] for entry in county["agencies"]}
    planned = plan_people(staff, sites, wanted=people)
    sign_in_people = {person.sign_in: person for person in planned if person.sign_in}
    personal = [duty for duty in duties["requirements"] if _names_a_person(duty)]
    general = [duty for duty in duties["requirements"] if duty not in personal]
    built["requirements"] = _build_requirements(general, duties["starts_on"])
    built["quizzes"] = build_pre_test(
        Course.objects.select_related("quiz").get(code=quizzes["course"]), quizzes["pre_test"]
    )
    built["people"] = _build_people(planned, quizzes, password=password, today=today, now=now)
    built["requirements"] += _build_requirements(personal, duties["starts_on"])
    built["grants"] = _build_grants(rights, f"@{staff['email_domain']}", today=today)
    built["credit bodies"] = len(load_bodies())
    built["outside trainings"] = _send_outside(sign_in_people["learner"].email, today=today, now=now)
    built["contracts"] = _build_contracts(duties["contracts"], duties["starts_on"], today=today)
    built["qualified lists"] = _build_qualified_lists(duties["qualified_lists"])
    return Demonstration(
        sign_ins={role: _sign_in(sign_in_people[role].email, password, today=today) for role in SIGN_INS},
        built=built,
        refused=refused,
    )


def _refuse_elsewhere() -> None:
    if not settings.DEMONSTRATION:
        raise NotADemonstrationError(
            _(
                "This site is not marked as a demonstration, so nothing was loaded. Made-up people belong on a site of "
                "their own: set LANTERN_DEMONSTRATION=1 there."
            )
        )


def _name_the_office(name: str) -> None:
    """Say who runs the site, as certificates print it, unless somebody said so already."""
    office = HelpSettings.load()
    if not office.agency_name:
        office.agency_name = name
        office.save()


def _sign_in_password() -> str:
    """The one password of the demonstration: made from the site's secret key, so that it is the same at every load,
    another on every site, and written nowhere."""
    digest = salted_hmac("lms.demo.sign_in", "password", algorithm="sha256").hexdigest()
    return f"harbor-{digest[:4]}-{digest[4:8]}-{digest[8:12]}"


def _sign_in(email: str, password: str, *, today: date) -> dict[str, str]:
    """Return what opens the account. Who needs a second factor has an authenticator app whose secret is made as the
    password is."""
    person = Person.objects.get(email=email)
    sign_in = {"email": email, "password": password}
    if not user_needs_second_factor(person, as_of=today):
        return sign_in
    secret = _totp_secret(email)
    standing = Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).first()
    if standing is None or decrypt(standing.data["secret"]) != secret:
        Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).delete()
        TOTP.activate(person, secret)
    return sign_in | {"totp_secret": secret}


def _totp_secret(email: str) -> str:
    digest = salted_hmac("lms.demo.totp", email, algorithm="sha256").digest()
    return base64.b32encode(digest[:20]).decode()


def current_code(email: str) -> str:
    """Return the code that the authenticator app of a demonstration sign-in shows now. Raises NotADemonstrationError
    elsewhere."""
    _refuse_elsewhere()
    counter = next(iter(yield_hotp_counters_from_time()))
    return format_hotp_value(hotp_value(_totp_secret(email), counter))


# --- agencies


def _build_agencies(county: Mapping[str, Any]) -> int:
    standing = {agency.code: agency for agency in Agency.objects.all()}
    areas = {
        area["code"]: ServiceArea.objects.get_or_create(code=area["code"], defaults=area)[0] for area in county["areas"]
    }
    kinds = {kind.code: kind for kind in AgencyKind.objects.all()}
    built = 0
    for entry in county["agencies"]:
        kind = kinds[entry["code"]]
        agency = standing.get(entry["code"])
        if agency is None:
            agency = create_agency(
                actor=None,
                code=entry["code"],
                name=entry["name"],
                short_name=entry["short_name"],
                kind=kind,
                under_contract=entry["under_contract"],
                valid_from=county["valid_from"],
            )
            built += 1
        for site in entry["sites"]:
            if site["code"] not in standing:
                area = areas[site["area"]]
                create_agency(
                    actor=None,
                    code=site["code"],
                    name=f"{site['name']} (demonstration)",
                    short_name=site["name"],
                    kind=kind,
                    service_area=area,
                    high_priority=area.high_priority,
                    under_contract=entry["under_contract"],
                    parent=agency,
                    valid_from=county["valid_from"],
                )
                built += 1
    return built


# --- requirements


def _names_a_person(duty: Mapping[str, Any]) -> bool:
    return any("person" in condition for condition in duty["applies_to"])


def _build_requirements(duties: list[dict[str, Any]], starts_on: date) -> int:
    courses = {course.code: course for course in Course.objects.all()}
    standing = set(Requirement.objects.values_list("code", flat=True))
    built = 0
    for duty in duties:
        if duty["code"] in standing:
            continue
        course = courses[duty["course"]]
        save_requirement(
            actor=None,
            code=duty["code"],
            name=duty["name"],
            text=duty["text"],
            citation=duty["citation"],
            mandatory=duty["mandatory"],
            before_placement=duty.get("before_placement", False),
            days=duty["days"],
            months=course.valid_months,
            starts_on=starts_on,
            courses=[course],
            conditions=[_condition(condition) for condition in duty["applies_to"]],
        )
        built += 1
    return built


def _condition(entry: Mapping[str, Any]) -> RequirementCondition:
    return RequirementCondition(
        agency=Agency.objects.get(code=entry["agency"]) if "agency" in entry else None,
        job_role=JobRole.objects.get(code=entry["job_role"]) if "job_role" in entry else None,
        level=entry.get("level", ""),
        client_facing=entry.get("client_facing"),
        person=Person.objects.get(email=entry["person"]) if "person" in entry else None,
    )


def _build_contracts(entries: list[dict[str, Any]], starts_on: date, *, today: date) -> int:
    built = 0
    for entry in entries:
        if ProviderContract.objects.filter(title=entry["title"]).exists():
            continue
        save_contract(
            actor=None,
            contract=ProviderContract(agency=Agency.objects.get(code=entry["agency"])),
            requirements=list(Requirement.objects.filter(code__in=entry["requirements"])),
            title=entry["title"],
            citation=entry["citation"],
            target_percent=entry["target_percent"],
            starts_on=starts_on,
            due_on=today + timedelta(days=entry["days_left"]),
        )
        built += 1
    return built


def _build_qualified_lists(entries: list[dict[str, Any]]) -> int:
    built = 0
    for entry in entries:
        if QualifiedList.objects.filter(name=entry["name"]).exists():
            continue
        save_qualified_list(
            actor=None,
            qualified=QualifiedList(name=entry["name"]),
            courses=list(Course.objects.filter(code__in=entry["courses"])),
            text=entry["text"],
            citation=entry["citation"],
            months=entry["months"],
        )
        built += 1
    return built


# --- people


def _build_people(
    planned: list[PlannedPerson], quizzes: Mapping[str, Any], *, password: str, today: date, now: datetime
) -> int:
    standing = {person.email: person for person in Person.objects.filter(email__in=[plan.email for plan in planned])}
    if all(plan.email in standing for plan in planned):
        _keep_password(standing, planned, password)
        return 0
    agencies = {agency.code: agency for agency in Agency.objects.all()}
    roles = {role.code: role for role in JobRole.objects.all()}
    # One hash for everybody: hashing is slow on purpose, and the password is one.
    hashed = make_password(password)
    built = 0
    for plan in planned:
        if plan.email in standing:
            continue
        with transaction.atomic():
            person = _create_person(plan, hashed)
            add_employment(
                actor=None,
                person=person,
                agency=agencies[plan.site],
                job_role=roles[plan.job_role],
                supervisor=standing[plan.supervisor] if plan.supervisor else None,
                affiliation=plan.affiliation,
                valid_from=today - timedelta(days=plan.days_employed),
            )
            _record_training(person, plan, quizzes, position=built, today=today, now=now)
        standing[plan.email] = person
        built += 1
    return built


def _keep_password(standing: Mapping[str, Person], planned: list[PlannedPerson], password: str) -> None:
    """Set the sign-ins' password again when the site's secret key, and with it the password, is another one."""
    for plan in planned:
        person = standing[plan.email]
        if plan.sign_in and not person.check_password(password):
            person.set_password(password)
            person.save(update_fields=["password"])


def _build_grants(rights: Mapping[str, Any], domain: str, *, today: date) -> int:
    """Give the grants that were never given; one that somebody ended stays ended."""
    built = 0
    for entry in rights["grants"]:
        person = Person.objects.get(email=entry["person"] + domain)
        agency = Agency.objects.get(code=entry["agency"]) if "agency" in entry else None
        if Grant.objects.filter(person=person, kind=entry["kind"], agency=agency).exists():
            continue
        give_grant(
            actor=None,
            person=person,
            kind=entry["kind"],
            agency=agency,
            valid_from=rights["starts_on"],
            reason=entry["reason"],
            today=today,
        )
        built += 1
    return built


def _send_outside(email: str, *, today: date, now: datetime) -> int:
    """Let the learner send proof of an outside training, once: it waits for the supervisor."""
    person = Person.objects.get(email=email)
    if person.external_credits.exists():
        return 0
    words = _("Made-up proof of the demonstration. It proves nothing.")
    proof = render_pdf(f"<!doctype html><h1>{words}</h1>", title=words, lang="en")
    day = today - timedelta(days=20)
    claim = Claim(
        program=Course.objects.get(code="my-life-my-choice"),
        title="",
        provider=_("Harbor County (demonstration)"),
        started_on=day,
        completed_on=day,
        hours=Decimal(6),
    )
    send_external(person=person, claim=claim, proof=Proof("pdf", proof), actor=person, now=now)
    return 1


def _create_person(plan: PlannedPerson, hashed: str) -> Person:
    person = Person.objects.create(
        email=plan.email,
        first_name=plan.first_name,
        last_name=plan.last_name,
        password=hashed,
        is_staff=plan.sign_in == "editor",
    )
    EmailAddress.objects.create(user=person, email=plan.email, verified=True, primary=True)
    if plan.sign_in == "editor":
        person.groups.set(Group.objects.filter(name__in=[EditorGroup.AUTHOR, EditorGroup.PUBLISHER]))
    record(actor=None, action="person.created", target=person, detail={"demonstration": True})
    return person


def _record_training(
    person: Person, plan: PlannedPerson, quizzes: Mapping[str, Any], *, position: int, today: date, now: datetime
) -> None:
    """Record what the plan says the person completed and began, of all that their job asks for."""
    duties = [line for line in list_obligations([person], as_of=today)[person.pk] if line.mandatory]
    span = min(plan.days_employed, 300)
    for order, line in enumerate(sorted(duties, key=lambda line: line.course.code)):
        course = line.course
        if plan.under_way and line.can_begin:
            enroll(person=person, course=course, language=person.language, now=now - timedelta(days=2))
        if course.level not in plan.completed or course.code == plan.behind:
            continue
        days_ago = span - 5 - (position * 13 + order * 29) % max(span // 2, 1)
        completed_on = today - timedelta(days=max(days_ago, 1))
        if plan.renewal and plan.renewal.course == course.code and course.valid_months:
            completed_on = add_months(today, -course.valid_months) + timedelta(days=plan.renewal.days_left)
        enrollment, passed_at, key = None, now, f"demonstration:{plan.email}:{course.code}"
        if plan.knows is not None and course.code == quizzes["course"] and course.quiz_id and line.can_begin:
            enrollment, passed_at = take_quiz(
                person=person, course=course, knows=plan.knows, answers=quizzes["answers"], on=completed_on
            )
            # By this key the enrollment's end finds its completion, which is attested like all others.
            key = f"enrollment:{enrollment.key}"
        record_completion(
            actor=None,
            person=person,
            course=course,
            started_on=completed_on,
            completed_on=completed_on,
            source=CompletionSource.ATTESTED,
            mode=CompletionMode.IN_PERSON,
            now=now,
            key=key,
            enrollment=enrollment,
        )
        if enrollment is not None:
            finish_course(enrollment=enrollment, actor=person, now=passed_at)
