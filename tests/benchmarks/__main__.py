"""``python -m tests.benchmarks [--only NAME] [--size N]``: measure, print, and write build/bench.json."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import django
from django.core.management import call_command

SUBJECTS = ("pages", "pdfs", "quizzes", "compliance", "hr_import")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", choices=SUBJECTS)
    parser.add_argument("--size", type=int, default=40, help="how often each thing is done")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "tests.benchmarks.settings",
            "DATABASE_URL": os.environ.get("BENCH_DATABASE_URL", f"sqlite:///{home}/bench.sqlite3"),
            "LANTERN_MEDIA_ROOT": f"{home}/media",
        }
        django.setup()
        call_command("migrate", verbosity=0)
        call_command("load_demo", people=60, stdout=sys.stderr)
        subjects = [given.only] if given.only else SUBJECTS
        rows = [row for name in subjects for row in importlib.import_module(f"tests.benchmarks.{name}").run(given.size)]
    for row in rows:
        sys.stdout.write(f"{row.name:72} {row.ours:9.2f} {row.floor:9.2f} {row.unit:16} ratio {row.ratio:5.2f}\n")
    target = Path("build/bench.json")
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps([asdict(row) | {"ratio": row.ratio} for row in rows], indent=2) + "\n")


if __name__ == "__main__":
    main()
