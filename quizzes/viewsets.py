"""How editors write quizzes in the CMS."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel, ObjectList
from wagtail.admin.ui.tables import Column
from wagtail.admin.widgets import Button
from wagtail.snippets.views.snippets import EditView, SnippetViewSet

from .forms import QuestionAdminForm, QuizAdminForm
from .models import Quiz


class QuestionsPanel(InlinePanel):
    """The questions of a quiz, each checked by its own form."""

    def get_form_options(self) -> dict[str, Any]:
        options: dict[str, Any] = super().get_form_options()
        options["formsets"][self.relation_name]["form"] = QuestionAdminForm
        return options


CHOICE_PANELS = [
    FieldPanel(
        "text",
        help_text=_(
            "A choice; in matching, what stands on the left; in putting in order, one item; for texts and numbers, an "
            "accepted answer. Case, accents and spaces never matter."
        ),
    ),
    FieldPanel(
        "match",
        help_text=_("Matching only: what belongs to it. A line without a text is an option that belongs to none."),
    ),
    FieldRowPanel(
        [
            FieldPanel("right", help_text=_("One answer, several answers, true or false: a right answer.")),
            FieldPanel(
                "share",
                help_text=_(
                    "Leave empty as a rule. Several answers: what choosing it adds to the point, in percent, or takes "
                    "away (-50). One answer and texts: what it is worth, where that is not the whole point."
                ),
            ),
        ]
    ),
    FieldPanel(
        "feedback",
        help_text=_(
            "What the learner reads after choosing this. For a wrong choice, point the way without naming the key."
        ),
    ),
]

VARIANT_PANELS = [
    FieldPanel("language"),
    FieldPanel("stem"),
    FieldPanel("texts", help_text=_("One line for each line of the question, in the same order.")),
    FieldPanel("matches", help_text=_("Matching only: one line for each, in the same order.")),
    FieldPanel("feedback", help_text=_("One line for each, in the same order, or nothing at all.")),
    FieldPanel("explanation"),
]

QUESTION_PANELS = [
    FieldPanel("stem", help_text=_("One sentence or two. Emphasis as <em> or <strong>.")),
    FieldRowPanel(
        [
            FieldPanel(
                "kind",
                help_text=_(
                    "One answer, several, true or false: mark what is right. Matching: a text and what belongs to it "
                    "on each line. Put in order: the items, in their right order. Short text and number: the accepted "
                    "answers. Agreement: the steps of the scale. Free text: no lines."
                ),
            ),
            FieldPanel("code", help_text=_("Names the question in reports; never shown.")),
        ]
    ),
    InlinePanel("choices", panels=CHOICE_PANELS, heading=_("Lines"), label=_("Line")),
    FieldPanel(
        "tolerance", help_text=_("Numbers only: how far from an accepted answer still counts. Empty: not at all.")
    ),
    FieldPanel("explanation", help_text=_("Shown with the right answer, when the quiz tells it.")),
    FieldRowPanel(
        [
            FieldPanel("keep_order", help_text=_("For choices such as “None of these”, or an order that has a sense.")),
            FieldPanel("drawn_only", help_text=_("Otherwise every attempt asks it.")),
            FieldPanel("retired", help_text=_("New attempts leave it out; old ones keep it.")),
        ]
    ),
    FieldRowPanel(
        [
            FieldPanel("topic"),
            FieldPanel("tags", help_text=_("Words between commas, by which questions are drawn.")),
            FieldPanel("grid_topic"),
        ]
    ),
    FieldPanel("objective", help_text=_("What somebody can do who answers it: begin with a verb.")),
    FieldPanel("language"),
    InlinePanel("variants", panels=VARIANT_PANELS, heading=_("In other languages"), label=_("Variant")),
]

DRAW_PANELS = [
    FieldRowPanel([FieldPanel("number"), FieldPanel("tag")]),
    FieldPanel("source", help_text=_("Empty: out of this quiz’s own questions.")),
]

QUIZ_PANELS = [
    MultiFieldPanel(
        [
            FieldPanel("title"),
            FieldRowPanel(
                [
                    FieldPanel("code", help_text=_("The course's code, as a rule. Keep it once set.")),
                    FieldPanel("kind", help_text=_("A survey is neither passed nor failed.")),
                    FieldPanel("pass_percent", help_text=_("Attempts begun before a change keep theirs.")),
                ]
            ),
        ],
        heading=_("Quiz"),
    ),
    MultiFieldPanel(
        [
            FieldPanel("feedback"),
            FieldRowPanel(
                [
                    FieldPanel("attempts_allowed", help_text=_("Empty: as many as it takes.")),
                    FieldPanel("cool_off_hours", help_text=_("0: the next may start at once.")),
                    FieldPanel(
                        "time_limit_minutes",
                        help_text=_("Empty: none. People with an extension get theirs by themselves."),
                    ),
                ]
            ),
            FieldRowPanel([FieldPanel("opens_at"), FieldPanel("closes_at")]),
            FieldRowPanel([FieldPanel("shuffle_choices"), FieldPanel("shuffle_questions")]),
        ],
        heading=_("Rules"),
    ),
    MultiFieldPanel(
        [
            FieldRowPanel(
                [
                    FieldPanel("pre_test", help_text=_("Asked before the course: the two show what was learned.")),
                    FieldPanel("survey", help_text=_("Offered when the course is done.")),
                ]
            )
        ],
        heading=_("Before and after"),
    ),
    QuestionsPanel("questions", panels=QUESTION_PANELS, heading=_("Questions"), label=_("Question")),
    InlinePanel("draws", panels=DRAW_PANELS, heading=_("Drawn at random"), label=_("Draw")),
]


def list_buttons(quiz: Quiz) -> list[Button]:
    """Questions in and out, keys that were corrected."""
    return [
        Button(_("Import questions"), url=reverse("quiz_import", args=[quiz.pk]), icon_name="upload", priority=55),
        Button(_("Export questions"), url=reverse("quiz_export", args=[quiz.pk]), icon_name="download", priority=56),
        Button(_("Corrected keys"), url=reverse("quizzes:keys", args=[quiz.code]), icon_name="key", priority=57),
    ]


class QuizEditView(EditView):
    """The quiz with its files and keys beside it, as in the list of quizzes."""

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        return [*super().header_more_buttons, *list_buttons(self.object)]


class QuizViewSet(SnippetViewSet):
    """Quizzes in the CMS. Attempts freeze what they ask, so an edit changes no attempt that has begun."""

    model = Quiz
    icon = "help"
    menu_label = _("Quizzes")
    add_to_admin_menu = True
    list_display = [
        "title",
        "code",
        "kind",
        "pass_percent",
        Column("questions", label=_("Questions"), accessor="question_count"),
    ]
    list_per_page = 50
    search_backend_name = None
    search_fields = ["title", "code"]
    ordering = ["title"]
    copy_view_enabled = False
    edit_view_class = QuizEditView
    edit_handler = ObjectList(QUIZ_PANELS, base_form_class=QuizAdminForm)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Quiz]:
        return Quiz.objects.annotate(question_count=Count("questions", filter=Q(questions__retired=False)))
