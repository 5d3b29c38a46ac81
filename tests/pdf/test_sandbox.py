"""The child process: what it makes, and that nothing an author writes gets past its limits."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.conf import settings

from lms.pdf.render import Backdrop, RenderError, render_pdf
from lms.pdf.sandbox import Sandbox

from .test_backdrop import CIRCLE
from .test_render import OUTSIDE

PAGE = "<!doctype html><html><head><meta charset='utf-8'></head><body><h1>One</h1>{body}</body></html>"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    made = Sandbox()
    yield made
    made.close()


def make(sandbox: Sandbox, body: str = "<p>Words</p>") -> bytes:
    return sandbox.render_pdf(PAGE.format(body=body), title="One", lang="en")


def test_it_makes_what_is_made_without_it(sandbox: Sandbox) -> None:
    backdrop = Backdrop(CIRCLE.format(radius=20), 100, 80)
    html = PAGE.format(body="<p>Words: 歐陽慧敏 مريم</p>")
    inside = sandbox.render_pdf(html, title="One", lang="en", backdrop=backdrop)
    assert inside == render_pdf(html, title="One", lang="en", backdrop=backdrop)


@pytest.mark.parametrize("body", OUTSIDE[:3] + OUTSIDE[-8:])
def test_what_is_refused_without_it_is_refused(sandbox: Sandbox, body: str) -> None:
    with pytest.raises(RenderError):
        make(sandbox, body.replace("{{", "{").replace("}}", "}").replace("{port}", "9"))
    assert make(sandbox)


def test_one_that_takes_too_long_is_ended_and_the_next_one_is_made() -> None:
    sandbox = Sandbox(seconds=2)
    nested = "<div style='display: inline-block; float: left'>" * 200 + "x" + "</div>" * 200
    start = time.monotonic()
    with pytest.raises(RenderError):
        make(sandbox, nested + "<p>x</p>" * 60_000)
    assert time.monotonic() - start < 20
    sandbox.seconds = 60
    assert make(sandbox)
    sandbox.close()


def test_one_that_takes_too_much_memory_is_refused_and_the_next_one_is_made() -> None:
    sandbox = Sandbox(megabytes=600)
    assert make(sandbox)
    with pytest.raises(RenderError):
        make(sandbox, "<p><b>x</b><i>y</i></p>" * 150_000)
    assert make(sandbox)
    sandbox.close()


def test_a_child_that_was_killed_is_replaced(sandbox: Sandbox) -> None:
    assert make(sandbox)
    assert sandbox._child is not None
    os.kill(sandbox._child.pid, signal.SIGKILL)
    with pytest.raises(RenderError, match="without an answer"):
        make(sandbox)
    assert make(sandbox)


def test_threads_take_turns(sandbox: Sandbox) -> None:
    with ThreadPoolExecutor(4) as pool:
        assert len({bytes(pdf) for pdf in pool.map(lambda _number: make(sandbox), range(8))}) == 1


def test_it_knows_nothing_of_the_site(sandbox: Sandbox) -> None:
    make(sandbox)
    assert sandbox._child is not None
    home = Path("/proc") / str(sandbox._child.pid)
    environment = dict(line.split("=", 1) for line in (home / "environ").read_text().split("\0") if line)
    assert set(environment) <= {"PATH", "LANG", "PYTHONDONTWRITEBYTECODE", "LC_CTYPE"}
    loaded = (home / "maps").read_text()
    assert "psycopg" not in loaded
    assert "_sqlite3" not in loaded


WATCHED = """
import io, os, resource, sys, tempfile
tempfile.gettempdir()
sys.path.insert(0, {base!r})
from lms.pdf.child import serve
from lms.pdf.pipe import write_message
import json
def ask(body):
    pipe = io.BytesIO()
    write_message(pipe, json.dumps(dict(html=body, title="x", lang="en", backdrop=None)).encode())
    pipe.seek(0)
    answer = io.BytesIO()
    serve(pipe, answer)
    return answer.getvalue()[8:9]
assert ask("<h1>warm</h1>") == b"+"
seen = []
def watch(event, args):
    if event.startswith("socket.") or event in ("subprocess.Popen", "os.system", "os.exec", "os.fork"):
        seen.append(event)
    elif event == "open" and not str(args[0]).endswith((".py", ".pyc", ".so")):
        seen.append(f"open {{args[0]}}")
sys.addaudithook(watch)
answers = [ask("<h1>x</h1>" + body.replace("{{port}}", "9")) for body in {bodies!r}]
print(answers.count(b"-"), seen, flush=True)
os._exit(0)
"""

NAMES = [
    "<p>{name}</p>".replace("{name}", name)
    for name in (
        "<img src=file:///etc/passwd>",
        "<img src=http://127.0.0.1:{port}/x.png>",
        "<img src=http://169.254.169.254/latest/meta-data/>",
        "<img src=http://[::1]:{port}/>",
        "<link rel=attachment href=file:///etc/passwd>",
        "<style>@import url(http://127.0.0.1:{port}/x.css);</style>",
        "<style>@import url(file:///etc/passwd);</style>",
    )
]


def test_no_socket_is_opened_and_no_file_read() -> None:
    """The interpreter itself watches (PEP 578), what it opens and whom it calls."""
    script = WATCHED.format(base=str(settings.BASE_DIR), bodies=NAMES)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == f"{len(NAMES)} []"
