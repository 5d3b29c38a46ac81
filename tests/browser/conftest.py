"""A real site in processes of its own, on a database of its own, and a real Chromium in front of it."""

from __future__ import annotations

import base64
import hmac
import json
import os
import socket
import struct
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = "/usr/bin/chromium"
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            # One site and one Chromium: these tests stay together on one worker.
            item.add_marker(pytest.mark.xdist_group("browser"))


@dataclass(frozen=True)
class RunningSite:
    """The address of the site, its demonstration sign-ins, and the environment of its processes."""

    url: str
    sign_ins: dict[str, dict[str, str]]
    environment: dict[str, str]
    sessions: dict[str, list[Any]] = field(default_factory=dict)

    def manage(self, *arguments: str) -> str:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            check=True,
            capture_output=True,
            text=True,
        ).stdout


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSite]:
    home = tmp_path_factory.mktemp("site")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://localhost:{port}"
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "lms.settings.dev",
        "DATABASE_URL": f"sqlite:///{home / 'site.sqlite3'}",
        "LANTERN_MEDIA_ROOT": str(home / "media"),
        "LANTERN_SITE_URL": url,
    }
    running = RunningSite(url=url, sign_ins={}, environment=environment)
    running.manage("migrate", "--verbosity", "0")
    running.sign_ins.update(json.loads(running.manage("load_demo", "--json", "--people", "60")))
    log = (home / "web.log").open("w")
    web = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "lms.wsgi", "--bind", f"127.0.0.1:{port}", "--threads", "4"],
        cwd=ROOT,
        env=environment,
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    try:
        for _attempt in range(120):
            try:
                urllib.request.urlopen(f"{url}/healthz", timeout=2).close()
                break
            except OSError:
                time.sleep(0.25)
        else:
            pytest.fail(f"The site did not start:\n{(home / 'web.log').read_text()[-2000:]}")
        yield running
    finally:
        web.terminate()
        web.wait(timeout=20)
        log.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture
def context(browser: Browser, site: RunningSite) -> Iterator[BrowserContext]:
    context = browser.new_context(base_url=site.url, viewport={"width": 1280, "height": 900}, accept_downloads=True)
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def sign_in(page: Page, site: RunningSite, role: str) -> None:
    """Sign in through the forms, once for each role: a code of the second step counts once, the session goes on."""
    account = site.sign_ins[role]
    if cookies := site.sessions.get(role):
        page.context.add_cookies(cookies)
        page.goto("/my/")
        if page.url.endswith("/my/"):
            return
    page.goto("/accounts/login/")
    page.get_by_label("Work e-mail").fill(account["email"])
    page.get_by_label("Password", exact=True).fill(account["password"])
    page.get_by_role("button", name="Sign in", exact=True).click()
    if secret := account.get("totp_secret"):
        page.wait_for_url("**/2fa/authenticate/")
        page.get_by_label("Code").fill(totp_code(secret))
        page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/my/")
    site.sessions[role] = [cookie for cookie in page.context.cookies() if cookie["name"].endswith("sessionid")]


def totp_code(secret: str) -> str:
    """What an authenticator app shows now for the secret (RFC 6238), with time enough left to type it."""
    if time.time() % 30 > 27:
        time.sleep(4)
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", int(time.time()) // 30), "sha1")
    place = digest[-1] & 15
    return f"{(int.from_bytes(digest[place : place + 4]) & 0x7FFFFFFF) % 1_000_000:06d}"


def follow(page: Page, target: Locator) -> None:
    """Click, and wait until the next page stands there; an answer that a script saves first takes its time to leave."""
    with page.expect_navigation():
        target.click()
