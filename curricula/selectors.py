"""What a version of a course holds, weighed and compared."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from curricula.enums import ModuleChange
from curricula.hours import credit_hours
from curricula.models import Course, CoursePage, ModulePage
from curricula.outline import reading_load
from quizzes.models import Quiz


@dataclass(frozen=True)
class ComparedModule:
    """A module and what became of it since the last version."""

    title: str
    change: ModuleChange


@dataclass(frozen=True)
class VersionPreview:
    """What the next version of a course would be; empty ``contents`` mean that no module is online.

    ``hours`` are quarter hours by the written rule of ``curricula.hours``.
    """

    number: int
    hours: Decimal
    words: int
    video_minutes: int
    practice_minutes: int
    questions: int
    contents: dict[str, Any]
    modules: list[ComparedModule]
    quiz_changed: bool

    @property
    def changes_nothing(self) -> bool:
        """Whether what readers see is what the last version holds."""
        waiting = {ModuleChange.SAME, ModuleChange.DRAFT}
        return self.number > 1 and not self.quiz_changed and all(module.change in waiting for module in self.modules)


def preview_version(course: Course) -> VersionPreview:
    """Return what publishing a version of the course now would make of it.

    The page that counts is the live one in the site's first language.
    """
    page = CoursePage.objects.filter(course=course, live=True).order_by("locale_id").first()
    below = list(ModulePage.objects.child_of(page).order_by("path")) if page else []
    online = [module for module in below if module.live]
    loads = [reading_load(module) for module in online]
    words, seconds = sum(load.words for load in loads), sum(load.video_seconds for load in loads)
    practice = sum(load.practice_minutes for load in loads)
    questions = course.quiz.questions.filter(retired=False).count() if course.quiz else 0
    contents = {
        "modules": [[str(module.translation_key), module.title, module.live_revision_id] for module in online],
        "quiz": _fingerprint(course.quiz) if course.quiz else "",
    }
    last = course.versions.first()
    before: dict[str, Any] = last.contents if last else {}
    return VersionPreview(
        number=course.current_version + 1,
        hours=credit_hours(words=words, video_seconds=seconds, practice_minutes=practice, questions=questions),
        words=words,
        video_minutes=seconds // 60,
        practice_minutes=practice,
        questions=questions,
        contents=contents if online else {},
        modules=_compare(before.get("modules", []), below),
        quiz_changed=bool(last) and before.get("quiz", "") != contents["quiz"],
    )


def _compare(before: list[list[Any]], below: list[ModulePage]) -> list[ComparedModule]:
    """What became of each module, in the order of the pages; those that left come last."""
    then = {key: revision for key, _title, revision in before}
    compared = []
    for module in below:
        key = str(module.translation_key)
        if not module.live:
            change = ModuleChange.REMOVED if key in then else ModuleChange.DRAFT
        elif key not in then:
            change = ModuleChange.NEW
        else:
            change = ModuleChange.SAME if then[key] == module.live_revision_id else ModuleChange.CHANGED
        compared.append(ComparedModule(module.title, change))
    standing = {str(module.translation_key) for module in below}
    left = [ComparedModule(title, ModuleChange.REMOVED) for key, title, _revision in before if key not in standing]
    return compared + left


def _fingerprint(quiz: Quiz) -> str:
    """A digest of what the quiz asks and how it grades: the same for the same questions."""
    asked = quiz.questions.filter(retired=False).order_by("position", "pk")
    rows = [
        quiz.pass_percent,
        *asked.values_list("kind", "stem", "explanation"),
        *asked.values_list("choices__text", "choices__right", "choices__feedback").order_by("position", "choices__pk"),
    ]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()
