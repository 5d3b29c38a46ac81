import logging
import signal
import threading
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from lms.jobs import services

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_TICKS = 60


class Command(BaseCommand):
    help = "Does what is due: certificates, jobs, mails, reminders, nightly work (the settings' TICK_WORK)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--forever", action="store_true", help="Tick each minute until stopped by SIGTERM.")

    def handle(self, *args: Any, forever: bool, **options: Any) -> None:
        if not forever:
            self.tick()
            return
        stop = threading.Event()
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, lambda *_: stop.set())
        while not stop.is_set():
            started = time.monotonic()
            try:
                self.tick()
            except DatabaseError:
                logger.exception("The database could not be reached; the next tick tries again.")
            close_old_connections()
            stop.wait(max(0.0, SECONDS_BETWEEN_TICKS - (time.monotonic() - started)))

    def tick(self) -> None:
        if not services.tick(now=timezone.now()):
            self.stdout.write("Another tick is at work; it takes this one's work along.")
