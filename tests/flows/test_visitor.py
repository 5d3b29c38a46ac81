"""Somebody without an account, perhaps with somebody watching: reads, leaves no trace, may check a certificate."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from curricula.models import ModulePage
from curricula.starter_loader import load_curriculum, publish_written

from .conftest import words

pytestmark = pytest.mark.django_db


def test_reading_needs_no_account_and_sets_no_cookie(client: Client, settings) -> None:
    settings.DEMONSTRATION = True
    load_curriculum()
    publish_written(actor=None, now=timezone.now())
    for path, text in (
        ("/", "What brings you here?"),
        ("/courses/", "CSEC awareness (101)"),
        ("/courses/csec-101/", "Modules"),
        ("/library/jobs-friends-and-offers/", "Text 233733"),
        ("/es/library/", "Ayuda, de día y de noche"),
        ("/safety/", "safely"),
    ):
        page = client.get(path)
        assert page.status_code == 200, path
        assert text in words(page), path
    for path in ("/library/", "/library/jobs-friends-and-offers/", "/es/library/"):
        assert not Client().get(path).cookies
    youth = words(client.get("/library/jobs-friends-and-offers/"))
    assert youth.index("Text 233733") < youth.index("Call 1-888-373-7888"), "a text first, for who can't talk"
    family = words(client.get("/library/talking-with-your-child/"))
    assert family.index("Call 1-888-373-7888") < family.index("Text 233733")
    assert "Hotline: Call 1-888-373-7888" in words(client.get("/verify/")), "from the help box"
    module = ModulePage.objects.live()[0]
    led = client.get(f"/learn/module/{module.translation_key}/", follow=True)
    assert led.request["PATH_INFO"] == "/courses/csec-101/"
    assert client.get("/verify/0000-0000-0000/").status_code == 404
    assert client.get("/no-such-page/").status_code == 404
