"""Versions of questions: what was asked is kept as it read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from quizzes.contents import digest_of
from quizzes.models import Question, QuestionVersion, Quiz
from quizzes.selectors import read_content


def keep_versions(*, questions: Iterable[Question], now: datetime) -> dict[int, QuestionVersion]:
    """Return for each question, by its id, the version that reads as it does now, made where there is none yet.

    An edit back to an earlier wording is that earlier version again. Comparing here, where it is asked, misses no hand
    that may have edited it, and no file that was loaded. Call it in the transaction that asks.
    """
    contents = {question.pk: read_content(question) for question in questions}
    digests = {key: digest_of(content) for key, content in contents.items()}
    versions = QuestionVersion.objects.filter(question__in=digests, digest__in=digests.values())
    kept = {version.question_id: version for version in versions if digests[version.question_id] == version.digest}
    missing = {key: content for key, content in contents.items() if key not in kept}
    return kept | _make_versions(missing, digests, now) if missing else kept


def _make_versions(
    contents: dict[int, dict[str, Any]], digests: dict[int, str], now: datetime
) -> dict[int, QuestionVersion]:
    # Whoever draws the same new wording at the same moment waits here, and finds it made.
    quizzes = Quiz.objects.select_for_update(of=("self",)).filter(questions__in=contents).order_by("pk")
    list(quizzes.values_list("pk", flat=True))
    numbers: dict[int, int] = dict.fromkeys(contents, 0)
    made = {}
    for version in QuestionVersion.objects.filter(question__in=contents):
        numbers[version.question_id] = version.number
        if version.digest == digests[version.question_id]:
            made[version.question_id] = version
    new = [
        QuestionVersion(
            question_id=key, number=numbers[key] + 1, digest=digests[key], content=content, first_drawn_at=now
        )
        for key, content in contents.items()
        if key not in made
    ]
    return made | {version.question_id: version for version in QuestionVersion.objects.bulk_create(new)}
