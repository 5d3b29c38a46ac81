"""A deputy's first day: from signing in to a certificate that somebody else checks."""

from __future__ import annotations

from hashlib import sha256

from django.core.management import call_command
from django.test import Client

from certificates.models import Certificate
from curricula.models import Course
from lms.learning.models import Completion
from tests.conftest import Cast

from .conftest import choose, press, sign_in, words


def test_from_sign_in_to_a_checked_certificate(client: Client, cast: Cast, course: Course) -> None:
    assert "/accounts/login/" in client.get("/my/").headers["Location"]
    assert "My training" in words(sign_in(client, cast.learner.email))

    page = press(client, client.get("/courses/small-course/"), "/learn/enroll/")
    assert "0 of 2 sections" in words(page)
    section = client.get(_section(page))
    assert "First part" in words(section)
    section = press(client, section, "/learn/")
    assert "Second part" in words(section)
    page = press(client, section, "/learn/")

    question = press(client, page, "/quiz/")
    check = press(client, question, "/1/", chosen=choose(question, "That"))
    result = press(client, check, "/check/")
    assert "Not yet" in words(result)
    assert "Look again." in words(result)
    assert "Yes." not in words(result), "a failed attempt never gives the key away"
    assert not Completion.objects.exists()

    question = press(client, result, "/quiz/")
    check = press(client, question, "/1/", chosen=choose(question, "This"))
    result = press(client, check, "/check/")
    press(client, check, "/check/")
    completion = Completion.objects.get()
    assert (completion.person, completion.score) == (cast.learner, 100)

    assert Certificate.objects.get().state == "pending"
    call_command("tick")
    certificate = Certificate.objects.get()
    pdf = b"".join(client.get(f"/certificates/{certificate.number}/download/"))  # type: ignore[arg-type]
    assert pdf.startswith(b"%PDF")

    manager_of_the_court = Client()
    shown = manager_of_the_court.get(f"/verify/{certificate.code}/", follow=True)
    assert "Lena Learner" in words(shown)
    assert sha256(pdf).hexdigest() in words(shown).replace(" ", "")
    assert cast.learner.email not in words(shown)
    assert manager_of_the_court.get("/verify/0000-0000-0000/").status_code == 404

    sign_in(supervisor := Client(), cast.manager.email, "/team/")
    assert "Lena Learner" in words(supervisor.get("/team/people/"))
    assert supervisor.get(f"/team/{cast.outsider.pk}/").status_code == 404
    assert client.get("/team/").status_code == 404, "who leads nobody has no team page"


def _section(page) -> str:  # type: ignore[no-untyped-def]
    place, enrollment = page.context["next_place"], page.context["enrollment"]
    return f"/learn/{enrollment.key}/{place.module.key}/{place.section.id}/"
