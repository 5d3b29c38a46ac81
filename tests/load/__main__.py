"""``python -m tests.load [--learners N] [--think LOW HIGH]``: learners take a quiz, the server is killed three times.

On the database of DATABASE_URL, or a throw-away SQLite file. Prints what was compared and how long requests took, and
ends with an error when anything that was acknowledged is not there. Stops by itself.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import tempfile
from pathlib import Path

import django


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--learners", type=int, default=500)
    parser.add_argument("--think", type=float, nargs=2, default=(15.0, 45.0), help="seconds before each answer")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ.setdefault("DATABASE_URL", f"sqlite:///{home}/load.sqlite3")
        os.environ |= {"DJANGO_SETTINGS_MODULE": "lms.settings.dev", "LANTERN_MEDIA_ROOT": f"{home}/media"}
        django.setup()
        # Models need the settings first.
        whole: bool = importlib.import_module("tests.load.run").run(given.learners, tuple(given.think), Path(home))
    return 0 if whole else 1


if __name__ == "__main__":
    sys.exit(main())
