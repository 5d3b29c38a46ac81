"""The two lists of imports say the same."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONTRACTS = {
    contract["name"]: contract
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
}


def rooms_of_line(line: str, prefix: str) -> set[str]:
    names = {name.strip(" ()") for name in line.replace(":", "|").split("|")}
    return {name.removeprefix(prefix) for name in names if name.startswith(prefix)}


def test_the_rooms_stand_in_the_order_of_the_house() -> None:
    house = [rooms_of_line(line, "lms.") for line in CONTRACTS["house"]["layers"]]
    rooms = [rooms_of_line(line, "") for line in CONTRACTS["rooms"]["layers"]]
    assert [line for line in house if line] == rooms


def test_every_app_has_the_order_of_files() -> None:
    held = set(CONTRACTS["order of files inside an app"]["containers"])
    apps = {
        ".".join(config.parent.relative_to(ROOT).parts)
        for folder in ("lms/*", "certificates", "curricula", "quizzes")
        for config in ROOT.glob(f"{folder}/apps.py")
    }
    assert apps == held
