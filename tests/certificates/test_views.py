from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
import time_machine
from django.template import Context, Template
from django.test import Client

from certificates.codes import group
from certificates.models import Certificate, CertificateFile
from curricula.models import Course

from .conftest import NOW, complete, void

Issue = Callable[..., Certificate]
UNKNOWN = "0123-4567-89AB-CDEF-GHJK-MNPQ-RS"


@pytest.fixture(autouse=True)
def _same_day():
    with time_machine.travel(NOW, tick=False):
        yield


# --- the public check


def test_anybody_can_check_a_certificate(client: Client, issue: Issue, cast) -> None:
    certificate = issue(cast.learner)
    response = client.get(f"/verify/{certificate.grouped_code}/")
    page = response.content.decode()
    assert response.status_code == 200
    for printed in (
        "This certificate is valid",
        "Lena Learner",
        "CSEC awareness (101)",
        "version 1",
        "1.25 hours",
        "Online, self-paced",
        "November 20, 2026",
        "November 20, 2028",
        "Lantern",
        certificate.number,
        certificate.grouped_code,
        certificate.file.sha256,
    ):
        assert printed in page
    assert "noindex" in response["X-Robots-Tag"]
    assert '<meta name="robots" content="noindex' in page


def test_it_never_shows_address_employer_or_score(client: Client, issue: Issue, cast) -> None:
    page = client.get(f"/verify/{issue(cast.learner).grouped_code}/").content.decode()
    assert "@" not in page
    assert "Cast Home" not in page
    assert "91.67" not in page


def test_a_typed_code_leads_to_its_one_address(client: Client, issue: Issue, cast) -> None:
    certificate = issue(cast.learner)
    typed = certificate.code.lower().replace("0", "o").replace("1", "l")
    address = f"/verify/{certificate.grouped_code}/"
    assert client.get("/verify/", {"code": f" {typed} "}).url == address
    assert client.get(f"/verify/{certificate.code}/").url == address


def test_the_form_is_open_to_visitors(client: Client, db: None) -> None:
    response = client.get("/verify/")
    assert response.status_code == 200
    assert 'name="code"' in response.content.decode()


@pytest.mark.parametrize("typed", ["", "7K2M", "LTN-2026-000147", "x" * 300])
def test_a_typed_thing_that_is_no_code_is_answered_in_words(client: Client, db: None, typed: str) -> None:
    response = client.get("/verify/", {"code": typed})
    assert response.status_code == 400
    assert "usa-error-message" in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("code", [UNKNOWN, "7K2M", "%F0%9F%94%A5", "<script>"])
def test_an_unknown_code_is_a_calm_404(client: Client, code: str) -> None:
    response = client.get(f"/verify/{code}/")
    assert response.status_code == 404
    assert "No certificate has this code" in response.content.decode()
    assert "noindex" in response["X-Robots-Tag"]


def test_guessing_is_slowed_down(client: Client, issue: Issue, cast) -> None:
    known = f"/verify/{issue(cast.learner).grouped_code}/"
    for _ in range(20):
        assert client.get(f"/verify/{UNKNOWN}/").status_code == 404
    response = client.get(f"/verify/{UNKNOWN}/")
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 60
    assert "Wait a minute" in response.content.decode()
    assert client.get(known).status_code == 429
    assert client.get(known, REMOTE_ADDR="192.0.2.7").status_code == 200
    with time_machine.travel(NOW.replace(minute=NOW.minute + 1), tick=False):
        assert client.get(known).status_code == 200


def test_what_is_not_issued_yet_has_no_page(client: Client, cast, course: Course) -> None:
    complete(cast.learner, course)
    assert client.get(f"/verify/{group(Certificate.objects.get().code)}/").status_code == 404


def test_every_state_says_so(client: Client, issue: Issue, cast) -> None:
    first = issue(cast.learner)
    second = issue(cast.learner)
    assert "A later certificate replaces this one" in client.get(f"/verify/{first.grouped_code}/").content.decode()
    with time_machine.travel(date(2028, 11, 22)):
        assert "has expired" in client.get(f"/verify/{second.grouped_code}/").content.decode()
    void(second.completion, reason="Sat by somebody else", by=cast.coordinator)
    page = client.get(f"/verify/{second.grouped_code}/").content.decode()
    assert "was revoked" in page
    assert "Sat by somebody else" not in page
    assert "This certificate is valid" in client.get(f"/verify/{first.grouped_code}/").content.decode()


# --- the holder's pages


def test_the_holder_and_the_supervisor_see_it(client: Client, issue: Issue, cast) -> None:
    certificate = issue(cast.learner)
    for person in (cast.learner, cast.manager):
        client.force_login(person)
        page = client.get(f"/certificates/{certificate.number}/")
        assert page.status_code == 200
        assert "1.25 hours" in page.content.decode()
        assert client.get(f"/certificates/{certificate.number}/download/").status_code == 200


@pytest.mark.parametrize("who", ["outsider", "trainer", "coordinator", "editor"])
def test_a_foreign_certificate_is_not_there(client: Client, issue: Issue, cast, who: str) -> None:
    certificate = issue(cast.learner)
    client.force_login(getattr(cast, who))
    assert client.get(f"/certificates/{certificate.number}/").status_code == 404
    assert client.get(f"/certificates/{certificate.number}/download/").status_code == 404


def test_a_visitor_is_asked_to_sign_in(client: Client, issue: Issue, cast) -> None:
    assert client.get(f"/certificates/{issue(cast.learner).number}/").url.startswith("/accounts/login/")


def test_who_was_merged_keeps_their_certificates(client: Client, issue: Issue, cast) -> None:
    certificate = issue(cast.outsider)
    cast.outsider.merged_into = cast.learner
    cast.outsider.save()
    for person in (cast.learner, cast.manager):
        client.force_login(person)
        assert client.get(f"/certificates/{certificate.number}/").status_code == 200


def test_the_file_is_served_as_stored(client: Client, issue: Issue, cast) -> None:
    certificate = issue(cast.learner)
    stored = CertificateFile.objects.get()
    client.force_login(cast.learner)
    address = f"/certificates/{certificate.number}/download/"
    response = client.get(address)
    assert response["Content-Type"] == "application/pdf"
    assert response.content == bytes(stored.pdf)
    assert response["ETag"] == f'"{stored.sha256}"'
    assert f'filename="certificate-{certificate.number}.pdf"' in response["Content-Disposition"]
    assert "private" in response["Cache-Control"]
    assert client.get(address, HTTP_IF_NONE_MATCH=response["ETag"]).status_code == 304


def test_while_it_is_being_made(client: Client, cast, course: Course) -> None:
    complete(cast.learner, course)
    client.force_login(cast.learner)
    number = Certificate.objects.get().number
    for address in (f"/certificates/{number}/", f"/certificates/{number}/download/"):
        response = client.get(address)
        assert response.status_code == 202
        assert "being made" in response.content.decode()


def test_a_revoked_file_is_given_out_no_more(client: Client, issue: Issue, cast) -> None:
    certificate = issue(cast.learner)
    void(certificate.completion, reason="Entered twice", by=cast.coordinator)
    client.force_login(cast.learner)
    response = client.get(f"/certificates/{certificate.number}/download/")
    assert response.status_code == 410
    assert "Entered twice" in response.content.decode()


# --- the tag for other pages


def test_the_tag_links_or_says_that_it_is_being_made(issue: Issue, cast, course: Course) -> None:
    def show(completion) -> str:
        template = Template("{% load certificates_tags %}{% completion_certificate completion %}")
        return template.render(Context({"completion": completion}))

    certificate = issue(cast.learner)
    assert f'href="/certificates/{certificate.number}/"' in show(certificate.completion)
    assert "Being made" in show(complete(cast.outsider, course))
    assert show(complete(cast.trainer, course, source="attested", mode="outside")).strip() == ""


# --- the sheet on the page


def test_the_page_shows_the_sheet_as_text_over_its_drawing(
    client: Client, issue: Issue, cast, django_assert_max_num_queries
) -> None:
    certificate = issue(cast.learner, language="es")
    client.force_login(cast.learner)
    with django_assert_max_num_queries(14):
        page = client.get(f"/certificates/{certificate.number}/").content.decode()
    sheet = page[page.index('<section class="frame"') : page.index("</section>")]
    assert 'lang="es"' in sheet
    assert "Certificado de finalización" in sheet
    assert certificate.grouped_code in sheet
    assert "<title>Código que abre" in sheet
    [drawing] = re.findall(r'class="ornament" src="([^"]+)" alt=""', sheet)
    answer = Client().get(drawing)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/svg+xml")
    assert "Cookie" not in answer.get("Vary", "")
    assert Client().get(drawing.replace("letter", "parchment")).status_code == 404


def test_no_sheet_is_shown_of_what_was_taken_back(client: Client, issue: Issue, cast) -> None:
    certificate = issue(cast.learner)
    void(certificate.completion, reason="Recorded twice.", by=cast.coordinator)
    client.force_login(cast.learner)
    assert '<section class="frame"' not in client.get(f"/certificates/{certificate.number}/").content.decode()
