"""Every write: attempts and answers, versions of questions, time, regrading."""

from .answering import (
    AnswerClosed,
    AnswerConflict,
    AnswerRefused,
    AttemptClosed,
    EmptyAnswer,
    IdentifierRefused,
    IncompleteAnswer,
    TimeIsUp,
    TooManyChoices,
    Unanswered,
    UnknownChoice,
    UnknownQuestion,
    save_response,
    submit_attempt,
)
from .bank import keep_versions
from .importing import import_questions
from .regrading import (
    CoordinatorNeeded,
    NothingToDecide,
    ReasonMissing,
    decide_regrade,
    regrade_question,
)
from .starting import (
    AttemptRefused,
    CoolingOff,
    NoAttemptsLeft,
    NotEnoughQuestions,
    QuizHasNoQuestions,
    QuizNotOpen,
    start_attempt,
)
from .time import end_time_extension, extend_time

__all__ = [
    "AnswerClosed",
    "AnswerConflict",
    "AnswerRefused",
    "AttemptClosed",
    "AttemptRefused",
    "CoolingOff",
    "CoordinatorNeeded",
    "EmptyAnswer",
    "IdentifierRefused",
    "IncompleteAnswer",
    "NoAttemptsLeft",
    "NotEnoughQuestions",
    "NothingToDecide",
    "QuizHasNoQuestions",
    "QuizNotOpen",
    "ReasonMissing",
    "TimeIsUp",
    "TooManyChoices",
    "Unanswered",
    "UnknownChoice",
    "UnknownQuestion",
    "decide_regrade",
    "end_time_extension",
    "extend_time",
    "import_questions",
    "keep_versions",
    "regrade_question",
    "save_response",
    "start_attempt",
    "submit_attempt",
]
