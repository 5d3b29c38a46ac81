"""Where the wizard finds its answers: our own table, keyed by the attempt in the address.

formtools keeps answers in the session, where a second tab, Back or a reload loses them.
"""

from __future__ import annotations

from typing import Any, NoReturn

from django.utils.functional import cached_property
from formtools.wizard.storage.base import BaseStorage

from .models import AttemptQuestion
from .selectors import list_questions


class ResponseStorage(BaseStorage):
    """Reads an attempt's questions and answers in one query, when a page lists them; the wizard's prefix is the
    attempt's id."""

    def __init__(self, prefix: str, request: Any = None, file_storage: Any = None) -> None:
        super().__init__(prefix, request, file_storage)
        self.attempt_id = int(prefix)
        self.init_data()

    @cached_property
    def questions(self) -> dict[str, AttemptQuestion]:
        return {str(question.position): question for question in list_questions(self.attempt_id)}

    def get_step_data(self, step: str) -> NoReturn:
        raise NotImplementedError("A step's form reads the saved answer from its question.")

    def set_step_data(self, step: str, cleaned_data: Any) -> NoReturn:
        raise NotImplementedError("Answers are written by quizzes.services.save_response.")

    def reset(self) -> None:
        """Keep everything: what was answered outlives the wizard."""
