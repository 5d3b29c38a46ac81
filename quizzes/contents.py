"""What is kept of a question, as plain values: no database, no clock.

A *version's* content says everything that its author wrote::

    {"kind", "stem", "explanation", "tolerance", "keep_order", "variants": {language: {...}},
     "choices": [{"id", "text", "match", "right", "share", "feedback"}, …]}

An *attempt's* content is drawn from it: in one language, its choices shuffled where that makes sense. Matching adds
``options`` (``[{"id", "text"}, …]``, one for each different text) and to each choice the ``option`` that fits, ordering
the right ``order`` of ids.

``share`` is a choice's share of the point in percent, as a decimal text, or None.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from .enums import QuestionKind

VARIANT_TEXTS = ("text", "match", "feedback")


def digest_of(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a version's content, the same for the same question."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def draw_content(version: Mapping[str, Any], *, language: str, shuffle: bool, random: Random) -> dict[str, Any]:
    """Return an attempt's content: the version in a language (its own, where there is no such variant), shuffled.

    True and false, a scale, and choices that their author fixed keep their order; what is matched and put in order is
    always shuffled, since its order would be the answer.
    """
    kind = QuestionKind(version["kind"])
    variant = version["variants"].get(language, {})
    choices = _translate(version["choices"], variant)
    content = {
        "kind": kind.value,
        "language": language,
        "stem": variant.get("stem") or version["stem"],
        "explanation": variant.get("explanation") or version["explanation"],
        "choices": choices,
    }
    match kind:
        case QuestionKind.SINGLE | QuestionKind.MULTIPLE:
            if shuffle and not version["keep_order"]:
                random.shuffle(choices)
        case QuestionKind.ORDERING:
            content["order"] = [choice["id"] for choice in choices]
            _shuffle_away(choices, random)
        case QuestionKind.MATCHING:
            option_of = _option_of(version["choices"])
            shown = {choice["id"]: choice["match"] for choice in choices}
            # A line without a prompt is an option that fits nothing.
            content["choices"] = [{**choice, "option": option_of[choice["id"]]} for choice in choices if choice["text"]]
            content["options"] = [{"id": key, "text": shown[key]} for key in dict.fromkeys(option_of.values())]
            random.shuffle(content["options"])
        case QuestionKind.NUMERIC:
            content["tolerance"] = version["tolerance"]
    return content


def _translate(choices: Sequence[Mapping[str, Any]], variant: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The choices with the texts of a variant, which has a line for each; ids and key stay those of the question."""
    translated = [dict(choice) for choice in choices]
    for name in VARIANT_TEXTS:
        for choice, text in zip(translated, variant.get(name, ()), strict=False):
            if choice[name]:
                choice[name] = text or choice[name]
    return translated


def _option_of(choices: Sequence[Mapping[str, Any]]) -> dict[int, int]:
    """For each choice the id of its option: that of the first choice with the same text to match."""
    first_with: dict[str, int] = {}
    return {choice["id"]: first_with.setdefault(choice["match"], choice["id"]) for choice in choices}


def _shuffle_away(choices: list[dict[str, Any]], random: Random) -> None:
    """Shuffle, so that the order shown is never the right one."""
    right = list(choices)
    random.shuffle(choices)
    if choices == right:
        choices.append(choices.pop(0))


def correct_content(content: Mapping[str, Any], version: Mapping[str, Any]) -> dict[str, Any]:
    """Return an attempt's content with the key of another version of its question; what was shown stays as it was.

    A choice that the version no longer has is not right.
    """
    key = {choice["id"]: choice for choice in version["choices"]}
    corrected = dict(content)
    match QuestionKind(content["kind"]):
        case QuestionKind.SINGLE | QuestionKind.MULTIPLE | QuestionKind.TRUE_FALSE:
            corrected["choices"] = [_correct_choice(choice, key.get(choice["id"])) for choice in content["choices"]]
        case QuestionKind.MATCHING:
            option_of = _option_of(version["choices"])
            corrected["choices"] = [{**choice, "option": option_of.get(choice["id"])} for choice in content["choices"]]
        case QuestionKind.ORDERING:
            shown = {choice["id"] for choice in content["choices"]}
            corrected["order"] = [identity for identity in key if identity in shown]
        case QuestionKind.SHORT_TEXT | QuestionKind.NUMERIC:
            corrected["choices"] = _translate(version["choices"], version["variants"].get(content.get("language"), {}))
            if "tolerance" in content:
                corrected["tolerance"] = version["tolerance"]
    return corrected


def _correct_choice(choice: Mapping[str, Any], key: Mapping[str, Any] | None) -> dict[str, Any]:
    right, share = (key["right"], key["share"]) if key else (False, None)
    # An attempt drawn before there were shares says nothing of them.
    return {**choice, "right": right} if share == choice.get("share") else {**choice, "right": right, "share": share}
