"""Where the wizard finds its answers: our own table, keyed by the attempt in the address.

formtools keeps answers in the session, where a second tab, Back or a reload loses them.
"""

from __future__ import annotations

from typing import Any, NoReturn

from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from formtools.wizard.storage.base import BaseStorage

from .selectors import list_questions


class ResponseStorage(BaseStorage):
    """Reads an attempt's questions and answers in one query; the wizard's prefix is the attempt's id."""

    def __init__(self, prefix: str, request: HttpRequest | None = None, file_storage: Any = None) -> None:
        super().__init__(prefix, request, file_storage)
        self.questions = {str(question.position): question for question in list_questions(int(prefix))}
        self.init_data()

    def get_step_data(self, step: str) -> MultiValueDict[str, str] | None:
        chosen = self.questions[step].chosen
        return MultiValueDict({"chosen": [str(choice) for choice in chosen]}) if chosen else None

    def set_step_data(self, step: str, cleaned_data: Any) -> NoReturn:
        raise NotImplementedError("Answers are written by quizzes.services.save_response.")

    def reset(self) -> None:
        """Keep everything: what was answered outlives the wizard."""
