from django.db import models
from django.utils.translation import gettext_lazy as _


class QuestionKind(models.TextChoices):
    SINGLE = "single", _("One answer")
    MULTIPLE = "multiple", _("Several answers")
    TRUE_FALSE = "true_false", _("True or false")
    MATCHING = "matching", _("Matching")
    ORDERING = "ordering", _("Put in order")
    SHORT_TEXT = "short_text", _("Short text")
    NUMERIC = "numeric", _("Number")
    LIKERT = "likert", _("Agreement (surveys)")
    FREE_TEXT = "free_text", _("Free text (surveys)")


ONE_CLICK_KINDS = frozenset({QuestionKind.SINGLE, QuestionKind.TRUE_FALSE, QuestionKind.LIKERT})
"""Each choice is a button that saves it and goes on."""

CHOICE_KINDS = ONE_CLICK_KINDS | {QuestionKind.MULTIPLE}
"""What is chosen are ids of choices."""

TEXT_KINDS = frozenset({QuestionKind.SHORT_TEXT, QuestionKind.NUMERIC, QuestionKind.FREE_TEXT})
"""What is given is written."""

SURVEY_KINDS = frozenset({QuestionKind.LIKERT, QuestionKind.FREE_TEXT})
"""Nothing in these is right or wrong, so that only a survey asks them."""


class QuizKind(models.TextChoices):
    QUIZ = "quiz", _("Quiz, graded")
    SURVEY = "survey", _("Survey, not graded")


class FeedbackPolicy(models.TextChoices):
    NOW = "now", _("After each answer, which closes it")
    AT_END = "at_end", _("After handing in, with the right answers")
    AFTER_PASSING = "after_passing", _("After handing in; the right answers after passing")


class RegradeState(models.TextChoices):
    APPLIED = "applied", _("Applied")
    WAITING = "waiting", _("Waits for a coordinator: it would take a pass away")
    UPHELD = "upheld", _("The pass stands")
    WITHDRAWN = "withdrawn", _("The pass was taken away")
