from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.test import Client

from certificates.models import Certificate, ShareLink
from certificates.printed import CreditLine

from .conftest import NOW, void

Issue = Callable[..., Certificate]
TODAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def _same_day():
    with time_machine.travel(NOW, tick=False):
        yield


def share(client: Client, certificate: Certificate, until: date = TODAY + timedelta(days=7)) -> str:
    response = client.post(f"/certificates/{certificate.number}/share/", {"until": until.isoformat()}, follow=True)
    assert response.status_code == 200
    return f"/shared/{ShareLink.objects.first().grouped_code}/"


def test_it_works(client: Client, issue: Issue, cast) -> None:
    certificate = issue(cast.learner)
    client.force_login(cast.learner)
    address = share(client, certificate)
    assert address in client.get(f"/certificates/{certificate.number}/").content.decode()
    page = Client().get(address)
    assert page.status_code == 200
    assert "Lena Learner" in page.content.decode()
    assert "November 27, 2026" in page.content.decode()
    assert "noindex" in page["X-Robots-Tag"]
    assert cast.learner.email not in page.content.decode()
    file = Client().get(f"{address}download/")
    assert file.content == bytes(certificate.file.pdf)
    assert "noindex" in file["X-Robots-Tag"]


def test_strangers_read_three_signs_of_a_license_number(client: Client, issue: Issue, cast) -> None:
    certificate = issue(cast.learner)
    line = CreditLine("RN", Decimal(1), "P-1", license_kind="RN", license_number="95012345")
    certificate.fields = replace(certificate.printed, lines=(line,)).to_json()
    certificate.save()
    client.force_login(cast.learner)
    address = share(client, certificate)
    assert client.get(f"/certificates/{certificate.number}/").content.decode().count("95012345") == 2
    page = Client().get(address).content.decode()
    assert "95012345" not in page
    assert page.count("•••345") == 2


def test_it_holds_through_its_last_day_and_no_longer(client: Client, issue: Issue, cast) -> None:
    certificate = issue(cast.learner)
    client.force_login(cast.learner)
    address = share(client, certificate)
    with time_machine.travel("2026-11-27 23:59:00-08:00", tick=False):
        assert Client().get(address).status_code == 200
    with time_machine.travel("2026-11-28 00:00:00-08:00", tick=False):
        for path in (address, f"{address}download/"):
            page = Client().get(path)
            assert page.status_code == 404
            assert "Ask the holder for a new one" in page.content.decode()


def test_the_holder_ends_it(client: Client, issue: Issue, cast) -> None:
    certificate = issue(cast.learner)
    client.force_login(cast.learner)
    address = share(client, certificate)
    link = ShareLink.objects.get()
    client.post(f"/certificates/{certificate.number}/share/{link.pk}/end/")
    assert Client().get(address).status_code == 404
    assert address not in client.get(f"/certificates/{certificate.number}/").content.decode()


def test_what_was_taken_back_is_shared_no_more(client: Client, issue: Issue, cast) -> None:
    certificate = issue(cast.learner)
    client.force_login(cast.learner)
    address = share(client, certificate)
    void(certificate.completion, reason="Twice", by=cast.coordinator)
    assert Client().get(address).status_code == 404
    response = client.post(f"/certificates/{certificate.number}/share/", {"until": "2026-11-21"})
    assert response.status_code == 409


@pytest.mark.parametrize("until", ["", "yesterday", "2026-11-19", "2027-12-01", "9999-99-99"])
def test_a_day_that_does_not_do_is_answered_in_words(client: Client, issue: Issue, cast, until: str) -> None:
    certificate = issue(cast.learner)
    client.force_login(cast.learner)
    response = client.post(f"/certificates/{certificate.number}/share/", {"until": until})
    assert response.status_code == 422
    assert "usa-error-message" in response.content.decode()
    assert not ShareLink.objects.exists()


def test_nobody_but_the_holder_shares(client: Client, issue: Issue, cast) -> None:
    certificate = issue(cast.learner)
    client.force_login(cast.manager)
    assert client.post(f"/certificates/{certificate.number}/share/", {"until": "2026-11-21"}).status_code == 404
    assert "Share for a limited time" not in client.get(f"/certificates/{certificate.number}/").content.decode()


def test_guessing_links_counts_as_guessing_codes(client: Client, issue: Issue, cast) -> None:
    known = f"/verify/{issue(cast.learner).grouped_code}/"
    for _ in range(20):
        assert client.get("/shared/0123-4567-89AB-CDEF-GHJK-MNPQ-RS/").status_code == 404
    assert client.get("/shared/x/").status_code == 429
    assert client.get(known).status_code == 429
