"""As in production, on a throw-away database: no debugging, templates cached."""

from pathlib import Path

from lms.settings.test import *  # noqa: F403
from lms.settings.test import TEMPLATES

DEBUG = False
DEMONSTRATION = True
ALLOWED_HOSTS = ["testserver"]
ROOT_URLCONF = "tests.benchmarks.urls"
for engine in TEMPLATES:
    engine["DIRS"] = [Path(__file__).parent / "templates", *engine["DIRS"]]
    engine["OPTIONS"] = {**engine.get("OPTIONS", {}), "debug": False}
