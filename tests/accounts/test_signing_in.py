"""The one door: what it tells strangers, how often one may knock, and when a session ends."""

from __future__ import annotations

import statistics
import time
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings as site_settings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from lms.accounts.browsers import describe_browser
from lms.audit.models import AuditEvent
from lms.outbox.models import Mail
from tests.conftest import PASSWORD, Cast

LOGIN = "/accounts/login/"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh(settings: Any) -> None:
    cache.clear()
    settings.EMAIL_BACKEND = "lms.outbox.backend.OutboxEmailBackend"


@pytest.fixture
def learner(cast: Cast) -> Any:
    EmailAddress.objects.create(user=cast.learner, email=cast.learner.email, verified=True, primary=True)
    return cast.learner


def sign_in(person: Any, **headers: str) -> Client:
    client = Client(headers=headers)
    assert client.post(LOGIN, {"login": person.email, "password": PASSWORD})["Location"] == "/my/"
    return client


def said(response: Any, address: str) -> str:
    """The page without what differs at every opening."""
    words = response.content.decode().replace(address, "")
    return "\n".join(line for line in words.splitlines() if "csrfmiddlewaretoken" not in line and "nonce" not in line)


def test_known_and_unknown_addresses_get_the_same_answer(learner: Any) -> None:
    answers = {}
    for address in (learner.email, "nobody@example.org"):
        response = Client().post(LOGIN, {"login": address, "password": "not the password"})
        answers[address] = (response.status_code, said(response, address))
    assert len(set(answers.values())) == 1


def test_asking_for_a_new_password_says_the_same_and_mails_both(learner: Any) -> None:
    answers = {}
    for address in (learner.email, "nobody@example.org"):
        response = Client().post(reverse("account_reset_password"), {"email": address}, follow=True)
        answers[address] = (response.redirect_chain, said(response, address))
    assert len({str(answer) for answer in answers.values()}) == 1
    assert Mail.objects.count() == 2


def test_known_and_unknown_addresses_take_about_as_long(learner: Any, settings: Any) -> None:
    """With the hashing that production uses, the time is the hash's, and both take the same number of them."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    learner.set_password(PASSWORD)
    learner.save()
    taken: dict[str, list[float]] = {learner.email: [], "nobody@example.org": []}
    for number in range(4):
        for address, times in taken.items():
            began = time.process_time()
            Client(REMOTE_ADDR=f"192.0.2.{number}").post(LOGIN, {"login": address, "password": "not the password"})
            times.append(time.process_time() - began)
    known, unknown = (statistics.median(times) for times in taken.values())
    assert 0.6 < known / unknown < 1.6


def test_guessing_is_slowed_for_one_address_wherever_it_comes_from(learner: Any) -> None:
    for number in range(5):
        Client(REMOTE_ADDR=f"192.0.2.{number}").post(LOGIN, {"login": learner.email, "password": f"guess {number}"})
    answer = Client(REMOTE_ADDR="192.0.2.99").post(LOGIN, {"login": learner.email, "password": PASSWORD})
    assert "Too many failed login attempts" in answer.content.decode()
    assert "_auth_user_id" not in answer.client.session


def test_throttles_stand_in_the_cache_that_all_processes_share() -> None:
    assert site_settings.CACHES["default"]["BACKEND"].endswith(("DatabaseCache", "RedisCache"))


def test_a_disabled_persons_sessions_end_at_once(learner: Any) -> None:
    client = sign_in(learner)
    assert client.get("/my/").status_code == 200
    learner.is_active = False
    learner.save()
    assert client.get("/my/")["Location"].startswith(LOGIN)
    answer = Client().post(LOGIN, {"login": learner.email, "password": PASSWORD})
    assert answer["Location"] == reverse("account_inactive")


def test_a_new_password_ends_the_other_sessions(learner: Any) -> None:
    here, elsewhere = sign_in(learner), sign_in(learner)
    here.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    new = "a lamp in the harbor 7"
    form = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert here.post(reverse("account_change_password"), form).status_code == 302
    assert here.get("/my/").status_code == 200
    assert elsewhere.get("/my/").status_code == 302


def test_the_sessions_are_listed_and_ended_everywhere_else(learner: Any) -> None:
    phone = sign_in(learner, user_agent="Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18 Safari/605")
    here = sign_in(learner, user_agent="Mozilla/5.0 (Windows NT 10.0) Chrome/142.0 Safari/537.36 Edg/142.0")
    page = here.get(reverse("usersessions_list")).content.decode()
    assert "Edge on Windows" in page
    assert "Safari on iPhone" in page
    assert page.count("This device") == 1
    here.post(reverse("usersessions_list"))
    assert phone.get("/my/").status_code == 302
    assert here.get("/my/").status_code == 200
    assert "You are signed in nowhere else." in here.get(reverse("usersessions_list")).content.decode()


def test_nobody_sees_or_ends_the_sessions_of_others(learner: Any, cast: Cast) -> None:
    theirs = sign_in(learner)
    other = Client()
    other.force_login(cast.outsider, backend="django.contrib.auth.backends.ModelBackend")
    assert "Since" not in other.get(reverse("usersessions_list")).content.decode()
    other.post(reverse("usersessions_list"))
    assert theirs.get("/my/").status_code == 200


@pytest.mark.parametrize("name", ["mfa_activate_totp", "mfa_add_webauthn", "mfa_generate_recovery_codes"])
def test_the_second_step_changes_only_after_the_password_again(learner: Any, name: str) -> None:
    answer = sign_in(learner).get(reverse(name))
    assert answer["Location"].startswith(reverse("account_reauthenticate"))


def test_addresses_change_only_after_the_password_again(learner: Any) -> None:
    client = sign_in(learner)
    form = {"action_add": "", "email": "lena@home.example.org"}
    assert client.post(reverse("account_email"), form)["Location"].startswith(reverse("account_reauthenticate"))
    assert EmailAddress.objects.filter(user=learner).count() == 1
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    client.post(reverse("account_email"), form)
    assert EmailAddress.objects.filter(user=learner).count() == 2


@pytest.mark.parametrize("path", ["/cms/login/", "/cms/login/?next=/cms/pages/", "/_util/login/", "/cms/"])
def test_there_is_one_door(path: str) -> None:
    answer = Client().get(path, follow=True)
    assert answer.request["PATH_INFO"] == LOGIN
    assert answer.status_code == 200
    assert Client().post(path.partition("?")[0], {"username": "x", "password": "y"}).status_code in {302, 405}


@pytest.mark.parametrize("path", ["/cms/", "/cms/pages/", "/cms/login/", "/_util/login/"])
def test_who_is_signed_in_and_may_not_open_the_cms_is_told_so(learner: Any, path: str) -> None:
    assert sign_in(learner).get(path, follow=True).status_code == 403


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "https:evil.example",
        "javascript:alert(1)",
        "http://testserver@evil.example/",
        "\thttps://evil.example/",
        "https://testserver.evil.example/",
    ],
)
def test_next_leads_nowhere_else(learner: Any, elsewhere: str) -> None:
    answer = Client().post(LOGIN, {"login": learner.email, "password": PASSWORD, "next": elsewhere})
    assert answer["Location"] == "/my/"
    out = sign_in(learner).post(reverse("account_logout"), {"next": elsewhere})
    assert out["Location"] == "/"


def test_next_leads_back_to_a_page_of_ours(learner: Any) -> None:
    answer = Client().post(LOGIN, {"login": learner.email, "password": PASSWORD, "next": "/courses/?level=awareness"})
    assert answer["Location"] == "/courses/?level=awareness"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8000"])
def test_links_in_mails_lead_to_the_sites_own_address(learner: Any, host: str, settings: Any) -> None:
    settings.SITE_URL = "https://training.county.example"
    Client(headers={"host": host}).post(reverse("account_reset_password"), {"email": learner.email})
    text = Mail.objects.get().text
    assert "https://training.county.example/accounts/password/reset/key/" in text
    assert host not in text


def test_a_foreign_host_is_refused(learner: Any) -> None:
    answer = Client(headers={"host": "evil.example"}).post(reverse("account_reset_password"), {"email": learner.email})
    assert answer.status_code == 400
    assert not Mail.objects.exists()


def test_who_signed_in_and_who_failed_is_written_down(learner: Any) -> None:
    Client().post(LOGIN, {"login": learner.email, "password": "not the password"})
    Client().post(LOGIN, {"login": "nobody@example.org", "password": "not the password"})
    sign_in(learner)
    rows = AuditEvent.objects.order_by("pk").values_list("action", "target_name", "detail")
    assert list(rows) == [
        ("sign_in.failed", "Lena Learner", {"ip": "127.0.0.1", "times": 1}),
        ("sign_in.failed", "", {"ip": "127.0.0.1", "times": 1}),
        ("sign_in.done", "Lena Learner", {"ip": "127.0.0.1", "methods": ["password"]}),
    ]


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605 Version/18 Safari/605", "Safari on Mac"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537 Chrome/142.0 Mobile Safari/537.36", "Chrome on Android"),
        ("curl/8.0", "A browser we don't know"),
        ("", "A browser we don't know"),
    ],
)
def test_a_browser_is_named_in_two_words(user_agent: str, words: str) -> None:
    assert describe_browser(user_agent) == words
