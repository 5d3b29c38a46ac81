"""Tests: as development, with nothing that leaves the process and cheap password hashing."""

import os

from .base import DATABASES, MIDDLEWARE, VAR_DIR
from .dev import *  # noqa: F403

DEMONSTRATION = False
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, not memory: tests that commit copy it. One for each run, so that two runs do not meet; who runs tests
    # often names one of their own and keeps it (pytest --reuse-db).
    _name = os.environ.get("LANTERN_TEST_DATABASE", VAR_DIR / f"test-{os.getppid()}-{os.getpid()}.sqlite3")
    DATABASES["default"]["TEST"] = {"NAME": _name}
# Tests sign people in without the form. Those of the second factor, of every address and in the browser put it back.
MIDDLEWARE = [name for name in MIDDLEWARE if name != "lms.agencies.middleware.SecondFactorMiddleware"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
OUTBOX_TRANSPORT = "django.core.mail.backends.locmem.EmailBackend"
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
WHITENOISE_AUTOREFRESH = True
LOGGING = {"version": 1, "disable_existing_loggers": False, "root": {"level": "WARNING"}}
