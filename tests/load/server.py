"""The site in processes of its own, which can be killed as a whole."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path


class Server:
    """gunicorn as ``make run`` starts it, on a spare loopback port."""

    def __init__(self, log: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start, and wait until it answers. Raises TimeoutError after a minute."""
        command = [sys.executable, "-m", "gunicorn", "lms.wsgi", "--bind", f"127.0.0.1:{self.port}"]
        command += ["--worker-class", "gthread", "--workers", "2", "--threads", "4", "--backlog", "2048"]
        with self.log.open("ab") as log:
            # A session of its own, so that one signal reaches the arbiter and every worker.
            self.process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True, env=os.environ)
        for _try in range(240):
            try:
                urllib.request.urlopen(f"{self.url}/healthz", timeout=2).close()
                return
            except OSError:
                time.sleep(0.25)
        raise TimeoutError("The server did not start; see " + str(self.log))

    def kill(self) -> None:
        """Kill every process of it at once, as a power cut would: no handler of theirs runs."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None
