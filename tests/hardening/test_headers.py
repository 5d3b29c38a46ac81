"""What every answer carries, and what production switches on."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

ROOT = Path(settings.BASE_DIR)
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "lms.settings.production",
    "LANTERN_SECRET_KEY": "k7#" * 24 + "qwertzuiop-0123456789",
    "LANTERN_HOSTS": "training.county.example",
    "LANTERN_SITE_URL": "https://training.county.example",
    "DATABASE_URL": "sqlite:///:memory:",
}
ASK = """
import django, json
django.setup()
from django.test import Client
answer = Client().get("/accounts/login/", headers={"host": "training.county.example"}, secure=True)
cookies = {name: {key: value for key, value in morsel.items() if value} for name, morsel in answer.cookies.items()}
print(json.dumps({"headers": dict(answer.headers), "cookies": cookies}))
"""


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **PRODUCTION}
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def test_the_deployment_check_has_nothing_to_say() -> None:
    done = run("manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert (done.returncode, done.stdout.strip()) == (0, "System check identified no issues (0 silenced).")


def test_production_starts_only_with_a_key_and_hosts() -> None:
    environment = {**os.environ, **PRODUCTION}
    del environment["LANTERN_SECRET_KEY"]
    done = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "LANTERN_SECRET_KEY" in done.stderr


def test_production_switches_on_what_needs_tls() -> None:
    done = run(
        "-c",
        "import django; django.setup(); from django.conf import settings as s; "
        "print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, "
        "s.SESSION_COOKIE_DOMAIN, s.CSRF_COOKIE_DOMAIN, s.SESSION_COOKIE_PATH, s.CSRF_COOKIE_PATH, "
        "s.SECURE_SSL_REDIRECT, s.SECURE_HSTS_SECONDS >= 31536000)",
    )
    assert done.stdout.split() == [
        "__Host-sessionid", "__Host-csrftoken", "True", "True", "None", "None", "/", "/", "True", "True",
    ]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/verify/", "/nowhere/", "/healthz", "/my/"])
def test_every_answer_is_strict(client: Client, path: str) -> None:
    headers = client.get(path).headers
    policy = dict(part.strip().partition(" ")[::2] for part in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert re.fullmatch(r"('nonce-[\w+/=]{20,}')?", policy["script-src"])
    assert policy["style-src"] == policy["form-action"] == "'self'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.django_db
def test_a_nonce_is_used_once(client: Client) -> None:
    pages = [client.get("/accounts/login/") for _ in range(2)]
    nonces = [set(re.findall(r'nonce="([^"]+)"', page.content.decode())) for page in pages]
    assert [len(found) for found in nonces] == [1, 1]
    assert nonces[0] != nonces[1]
    for page, found in zip(pages, nonces, strict=True):
        assert f"'nonce-{found.pop()}'" in page["Content-Security-Policy"]


def test_no_template_of_ours_runs_or_styles_anything_inline() -> None:
    """A script has an address and the mark of its answer; no attribute runs or styles."""
    wrong = []
    for path in (ROOT / "templates").rglob("*.html"):
        text = path.read_text()
        if "pdf" in path.name or "admin" in path.parts or path.parent.name in {"certificates", "email"}:
            continue
        for tag in re.findall(r"<script\b[^>]*>", text):
            if "src=" not in tag or 'nonce="{{ request.csp_nonce }}"' not in tag:
                wrong.append(f"{path.name}: {tag}")
        if re.search(r"<style\b|\sstyle=|\son[a-z]+=\"|javascript:", text):
            wrong.append(path.name)
    assert wrong == []


@pytest.mark.django_db
def test_security_txt_says_whom_to_tell(client: Client, settings: object) -> None:
    settings.SECURITY_CONTACT = "mailto:security@county.example"  # type: ignore[attr-defined]
    answer = client.get("/.well-known/security.txt")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in answer.content.decode().splitlines())
    assert fields["Contact"] == "mailto:security@county.example"
    expires = datetime.fromisoformat(fields["Expires"])
    assert timedelta(days=170) < expires - datetime.now(UTC) < timedelta(days=365)
