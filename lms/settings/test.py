"""Tests: as development, with nothing that leaves the process and cheap password hashing."""

import os

from .base import DATABASES, VAR_DIR
from .dev import *  # noqa: F403

DEMONSTRATION = False
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, not memory: tests that commit copy it. One for each run, so that two runs do not meet.
    DATABASES["default"]["TEST"] = {"NAME": VAR_DIR / f"test-{os.getppid()}-{os.getpid()}.sqlite3"}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
OUTBOX_TRANSPORT = "django.core.mail.backends.locmem.EmailBackend"
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
WHITENOISE_AUTOREFRESH = True
LOGGING = {"version": 1, "disable_existing_loggers": False, "root": {"level": "WARNING"}}
