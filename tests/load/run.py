"""One run: learners at work, the server killed under them, and what is found afterwards."""

from __future__ import annotations

import json
import signal
import statistics
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path

from django.core.management import call_command
from django.db import connection

from .audit import compare
from .learners import Journal, Learner
from .prepare import prepare
from .server import Server

KILL_AT = (0.2, 0.45, 0.7)
"""After these shares of the first tries' answers."""
AWAY = 2
MOST_SECONDS = 2_400


def run(learners: int, think: tuple[float, float], home: Path) -> bool:
    """Print and write down what was found, and return whether all is as it should be."""
    say(f"{connection.vendor}: preparing {learners} learners ...")
    call_command("migrate", verbosity=0)
    accounts = prepare(learners)
    connection.close()
    journal, server = Journal(), Server(home / "server.log")
    server.start()
    threads = [
        threading.Thread(target=Learner(account, server.url, journal, think).run, daemon=True) for account in accounts
    ]
    start = time.monotonic()
    stopped = threading.Event()
    # Who stops the run by hand gets the report so far, and leaves no server behind.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_given: stopped.set())
    try:
        for thread in threads:
            thread.start()
        outages = kill_three_times(server, journal, threads, writes=10 * learners, stopped=stopped)
    finally:
        server.kill()
    findings = compare(journal.at_rest(), learners=learners)
    report = {
        "database": connection.vendor,
        "learners": learners,
        "seconds": round(time.monotonic() - start),
        "kills": len(outages),
        "seconds_away": [round(end - begin, 1) for begin, end in outages],
        "acknowledged": journal.acknowledged,
        "sent_again": journal.sent_again,
        "milliseconds": spread_by_kind(journal, []),
        "milliseconds_beside_outages": spread_by_kind(journal, outages),
        **asdict(findings),
        "failures": journal.failures[:10],
    }
    text = json.dumps(report, indent=2) + "\n"
    sys.stdout.write(text)
    target = Path("build") / f"load-{connection.vendor}.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(text)
    whole = findings.faults == 0 and not journal.failures and len(outages) == len(KILL_AT)
    say("Nothing that was acknowledged is missing." if whole else "SOMETHING IS WRONG: see above.")
    return whole


def kill_three_times(
    server: Server, journal: Journal, threads: list[threading.Thread], *, writes: int, stopped: threading.Event
) -> list[tuple[float, float]]:
    """Kill and restart until all learners are done, and return from when to when the server was away."""
    outages: list[tuple[float, float]] = []
    stop_at = time.monotonic() + MOST_SECONDS
    while any(thread.is_alive() for thread in threads):
        time.sleep(0.2)
        if len(outages) < len(KILL_AT) and journal.acknowledged >= KILL_AT[len(outages)] * writes:
            say(f"{journal.acknowledged} writes acknowledged: SIGKILL {len(outages) + 1} of {len(KILL_AT)}")
            begin = time.monotonic()
            server.kill()
            time.sleep(AWAY)
            server.start()
            outages.append((begin, time.monotonic()))
        if stopped.is_set() or time.monotonic() > stop_at:
            journal.note_failure(f"stopped {'by hand' if stopped.is_set() else f'after {MOST_SECONDS} seconds'}")
            break
    return outages


def spread_by_kind(journal: Journal, outages: list[tuple[float, float]]) -> dict[str, dict[str, float]]:
    """How long requests took that met none of the outages, by kind."""
    times: dict[str, list[float]] = {}
    for kind, start, end in journal.requests:
        if not any(start < back and begin < end for begin, back in outages):
            times.setdefault(kind, []).append(end - start)
    return {kind: spread(seconds) for kind, seconds in sorted(times.items())}


def spread(times: list[float]) -> dict[str, float]:
    """The median, the 95th percentile and the slowest, in milliseconds."""
    parts = statistics.quantiles(times, n=100, method="inclusive") if len(times) > 1 else times * 99
    named = {"number": len(times), "p50": parts[49], "p95": parts[94], "most": max(times)}
    return {name: value if name == "number" else round(1000 * value) for name, value in named.items()}


def say(words: str) -> None:
    sys.stderr.write(f"{words}\n")
