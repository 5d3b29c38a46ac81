"""Proof that others ask for: a court manager checks a certificate; outside training is sent, seen and approved."""

from __future__ import annotations

import re
from datetime import date

from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from certificates.models import Certificate
from curricula.models import Course
from lms.learning.models import Completion
from lms.learning.services import record_completion
from tests.conftest import Cast

from .conftest import press, sign_in, words


def test_a_court_manager_checks_a_certificate(client: Client, cast: Cast, course: Course) -> None:
    """Scenario 14: a code is typed on the public page; valid, course, version and dates show, and no address."""
    record_completion(
        person=cast.learner,
        course=course,
        started_on=date(2026, 10, 1),
        completed_on=date(2026, 10, 2),
        source="online",
        mode="online",
        actor=None,
        now=timezone.now(),
        key="scenario-14",
    )
    call_command("tick")
    certificate = Certificate.objects.get()

    assert "Check a certificate" in words(client.get("/"))
    assert "Type the code" in words(client.get("/verify/"))
    by_number = client.get("/verify/", {"code": certificate.number})
    assert "The code stands in the line below it" in words(by_number)
    mistyped = client.get("/verify/", {"code": certificate.grouped_code[:-1] + "0"}, follow=True)
    assert "One sign may be mistyped" in words(mistyped) or certificate.code.endswith("0")

    shown = words(client.get("/verify/", {"code": certificate.grouped_code.lower()}, follow=True))
    for told in ("This certificate is valid", "Small course", "version 1", "October 2, 2026", "October 2, 2028"):
        assert told in shown
    assert cast.learner.email not in shown
    assert "Cast Home" not in shown


def test_outside_credit_and_who_may_see_it(client: Client, cast: Cast, course: Course) -> None:
    """Scenario 15: staff send proof, the manager approves, and another agency's manager is refused the record."""
    program = Course.objects.create(code="mlmc", kind="external", title="My Life My Choice", certificate=False)
    page = sign_in(client, cast.learner.email)
    assert "Outside training" in words(page)
    page = press(
        client,
        client.get("/my/outside/"),
        "/my/outside/",
        program=program.pk,
        provider="A provider in another county",
        started_on="2026-09-01",
        completed_on="2026-09-02",
        hours="12",
        proof=SimpleUploadedFile("proof.pdf", b"%PDF-1.7 proof"),
    )
    assert "Waiting for approval" in words(page)
    [proof] = re.findall(r'href="(/outside/[^"]+/proof/\d+/)"', page.content.decode())
    address = page.request["PATH_INFO"]

    sign_in(manager := Client(), cast.manager.email, "/team/outside/")
    waiting = manager.get("/team/outside/")
    assert "1 outside training waits for you." in words(waiting)
    [decide] = re.findall(r'href="(/team/outside/[^"]+/)"', waiting.content.decode())
    assert manager.get(proof).content == b"%PDF-1.7 proof"
    press(manager, manager.get(decide), decide, decision="approve", hours="12")

    assert "External credit" in words(client.get("/my/outside/"))
    assert Completion.objects.get().source == "external"
    assert "My Life My Choice" in words(client.get("/my/transcript/"))
    assert "My Life My Choice" in words(manager.get(f"/team/{cast.learner.pk}/"))

    sign_in(stranger := Client(), cast.outsider.email)
    for path in (address, decide, proof, f"/team/{cast.learner.pk}/", f"/team/{cast.learner.pk}/transcript/"):
        refused = stranger.get(path)
        assert refused.status_code == 404
        assert "My Life My Choice" not in words(refused)
