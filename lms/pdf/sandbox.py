"""A child process for whatever an author can write: it may take so much time and memory, and is killed past that."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from .pipe import read_message, write_message
from .render import Backdrop, RenderError

BASE_DIR = Path(__file__).resolve().parents[2]
SECONDS = 30
MEGABYTES = 1500  # of address space: the Chinese, Japanese and Korean fonts alone map some 200
DOCUMENTS = 2000  # then a new child, so that what a library leaks does not add up


class Sandbox:
    """Makes PDFs in a child that is started with the first one and kept for the next.

    One that takes longer than ``seconds``, or more memory than ``megabytes``, raises RenderError; the next one gets a
    new child. The child ends with its parent, however that ends.
    """

    def __init__(self, *, seconds: float = SECONDS, megabytes: int = MEGABYTES) -> None:
        self.seconds = seconds
        self.megabytes = megabytes
        self._child: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._made = 0
        self._lock = threading.Lock()

    def render_pdf(self, html: str, *, title: str, lang: str, backdrop: Backdrop | None = None) -> bytes:
        """As ``render.render_pdf``, behind the wall."""
        question = {"html": html, "title": title, "lang": lang, "backdrop": asdict(backdrop) if backdrop else None}
        with self._lock:
            answer = self._ask(json.dumps(question).encode())
        if answer[:1] == b"+":
            return answer[1:]
        if answer:
            raise RenderError(answer[1:].decode(errors="replace"))
        raise RenderError(
            f"The child process ended without an answer: more than {self.seconds} seconds or {self.megabytes} MB."
        )

    def _ask(self, question: bytes) -> bytes:
        child = self._get_child()
        assert child.stdin is not None
        assert child.stdout is not None
        # A child that hangs is ended from outside; the reading below then finds its pipe closed.
        alarm = threading.Timer(self.seconds, child.kill)
        alarm.daemon = True
        alarm.start()
        answer = b""
        with suppress(OSError):
            write_message(child.stdin, question)
            answer = read_message(child.stdout)
        alarm.cancel()
        self._made += 1
        if not answer or self._made >= DOCUMENTS:
            self.close()
        return answer

    def _get_child(self) -> subprocess.Popen[bytes]:
        if self._owner != os.getpid():
            # After a fork the child is the other process's.
            self._child, self._owner = None, os.getpid()
        if self._child is None:
            self._child, self._made = self._start(), 0
        return self._child

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "lms.pdf.child", str(self.megabytes)],
            cwd=BASE_DIR,
            # Nothing of the site's environment: neither its key nor its database.
            env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def close(self) -> None:
        """End the child, whatever it is at."""
        child, self._child = self._child, None
        if child is None or self._owner != os.getpid():
            return
        child.kill()
        for pipe in (child.stdin, child.stdout):
            with suppress(OSError):
                if pipe is not None:
                    pipe.close()
        child.wait()


sandbox = Sandbox()
"""The one of this process: starting a child takes longer than ten documents."""
atexit.register(sandbox.close)
