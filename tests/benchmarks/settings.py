"""As in production, on a throw-away database: no debugging, templates cached."""

from lms.settings.test import *  # noqa: F403
from lms.settings.test import TEMPLATES

DEBUG = False
DEMONSTRATION = True
ALLOWED_HOSTS = ["testserver"]
ROOT_URLCONF = "tests.benchmarks.urls"
for engine in TEMPLATES:
    engine["OPTIONS"] = {**engine.get("OPTIONS", {}), "debug": False}
