"""Learners as browsers are: each reads a page, thinks, answers, and sends again what was not acknowledged."""

from __future__ import annotations

import html
import random
import re
import threading
import time
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import requests

from .prepare import Account

TIMEOUT = 60
PATIENCE = 900
"""So many seconds a learner tries to reach a server that is away, or slow."""
WRONG = 0.12
CHANGES_A_MIND = 0.2
CSRF = "l" * 32

TILE = re.compile(r'name="chosen" value="(\d+)"[^>]*><span>([^<]+)</span>')
BOX = re.compile(r'name="chosen" value="(\d+)"[^>]*><label[^>]*>([^<]+)</label>')
ROW = re.compile(r'<label class="usa-label" for="line-\d+">([^<]+)</label>\s*<select.*?</select>', re.DOTALL)
OPTION = re.compile(r'<option value="(\d+)"[^>]*>([^<]+)</option>')
PAGE = re.compile(r'name="page" value="([0-9a-f-]{36})"')
REVISION = re.compile(r'name="revision" value="(\d+)"')


class GaveUp(Exception):
    """The server did not come back, or answered what no learner should read."""


@dataclass
class Journal:
    """What the server acknowledged, kept on the learners' side."""

    answers: dict[tuple[int, int], list[str]] = field(default_factory=dict)
    """The last answer acknowledged, by attempt and position, as the page's fields sent it."""
    on_the_way: dict[tuple[int, int], list[str]] = field(default_factory=dict)
    """What was sent and not acknowledged: it may be saved or not."""
    handed_in: set[int] = field(default_factory=set)
    acknowledged: int = 0
    sent_again: int = 0
    requests: list[tuple[str, float, float]] = field(default_factory=list)
    """Kind, beginning and end of each request that was served."""
    failures: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def at_rest(self) -> Journal:
        """What it holds at one moment, whatever learners that are still at work note meanwhile."""
        with self._lock:
            return Journal(answers=dict(self.answers), on_the_way=dict(self.on_the_way), handed_in=set(self.handed_in))

    def note_request(self, kind: str, start: float) -> None:
        with self._lock:
            self.requests.append((kind, start, time.monotonic()))

    def note_sent(self, attempt: int, position: int, chosen: list[str]) -> None:
        with self._lock:
            self.on_the_way[attempt, position] = chosen

    def note_answer(self, attempt: int, position: int, chosen: list[str]) -> None:
        with self._lock:
            self.answers[attempt, position] = chosen
            del self.on_the_way[attempt, position]
            self.acknowledged += 1

    def note_handed_in(self, attempt: int) -> None:
        with self._lock:
            self.handed_in.add(attempt)
            self.acknowledged += 1

    def note_sent_again(self) -> None:
        with self._lock:
            self.sent_again += 1

    def note_failure(self, words: str) -> None:
        with self._lock:
            self.failures.append(words)


@dataclass
class Learner:
    """One learner with a browser of their own; ``think`` bounds the seconds before each answer."""

    account: Account
    site: str
    journal: Journal
    think: tuple[float, float]

    def __post_init__(self) -> None:
        self.random = random.Random(self.account.number)
        self.browser = requests.Session()
        self.browser.headers["X-CSRFToken"] = CSRF
        self.browser.cookies.update({"sessionid": self.account.session, "csrftoken": CSRF})
        self.sequence = count(1)

    def run(self) -> None:
        """Take the quiz until it is passed: the first time with mistakes, then without."""
        try:
            for wrong in (WRONG, 0.0):
                if self._take(wrong):
                    return
            raise GaveUp("not passed without a mistake")
        except Exception as problem:
            self.journal.note_failure(f"learner {self.account.number}: {problem!r}"[:300])

    def _take(self, wrong: float) -> bool:
        begun = self._send("start", "POST", f"/learn/{self.account.enrollment}/quiz/", {}, expected=302)
        step = urlsplit(begun.headers["Location"]).path
        *_way, attempt, _position, _end = step.split("/")
        base = step.rsplit("/", 2)[0]
        for position in range(1, 11):
            self._answer(base, int(attempt), position, wrong)
            if position > 1 and self.random.random() < CHANGES_A_MIND:
                self._answer(base, int(attempt), self.random.randrange(1, position), wrong)
        done = self._send("hand in", "POST", f"{base}/check/", {}, expected=302)
        if not done.headers["Location"].endswith("/result/"):
            raise GaveUp(f"hand-in led to {done.headers['Location']}")
        self.journal.note_handed_in(int(attempt))
        return "Passed:" in self._send("result", "GET", f"{base}/result/").text

    def _answer(self, base: str, attempt: int, position: int, wrong: float) -> None:
        address = f"{base}/{position}/"
        page = self._send("question", "GET", address).text
        time.sleep(self.random.uniform(*self.think))
        chosen = self._choose(page, right=self.random.random() >= wrong)
        message = {
            "chosen": chosen,
            "page": PAGE.findall(page)[0],
            "revision": REVISION.findall(page)[0],
            "sequence": str(next(self.sequence)),
        }
        self.journal.note_sent(attempt, position, chosen)
        told = self._send("answer", "POST", address, message, json=True).json()
        if not told.get("revision"):
            raise GaveUp(f"no receipt for {address}")
        self.journal.note_answer(attempt, position, chosen)

    def _choose(self, page: str, *, right: bool) -> list[str]:
        if rows := ROW.findall(page):
            options = {html.unescape(text): value for value, text in OPTION.findall(page)}
            numbers = [row.split()[-1] for row in rows]
            return [options[f"Option {number}"] for number in (numbers if right else reversed(numbers))]
        if boxes := BOX.findall(page):
            return [value for value, text in boxes if text.startswith("Right") is right]
        if tiles := TILE.findall(page):
            return [self.random.choice([value for value, text in tiles if text.startswith("Right") is right])]
        if 'inputmode="decimal"' in page:
            return ["12" if right else "40"]
        return ["right" if right else "wrong"]

    def _send(
        self,
        kind: str,
        method: str,
        path: str,
        given: dict[str, Any] | None = None,
        *,
        json: bool = False,
        expected: int = 200,
    ) -> requests.Response:
        """Send until the server acknowledges; what is sent again is the same message."""
        headers = {"Accept": "application/json"} if json else {}
        until = time.monotonic() + PATIENCE
        while True:
            start = time.monotonic()
            try:
                answer = self.browser.request(
                    method, self.site + path, data=given, headers=headers, timeout=TIMEOUT, allow_redirects=False
                )
            except requests.RequestException as problem:
                words = type(problem).__name__
            else:
                if answer.status_code == expected:
                    self.journal.note_request(kind, start)
                    return answer
                words = f"status {answer.status_code}"
                if answer.status_code < 500:
                    raise GaveUp(f"{kind} {path}: {words}: {answer.text[:200]}")
            if time.monotonic() > until:
                raise GaveUp(f"{kind} {path}: {words}")
            self.journal.note_sent_again()
            time.sleep(self.random.uniform(0.5, 2))
