"""How editors write quizzes in the CMS."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel, ObjectList
from wagtail.admin.ui.tables import Column
from wagtail.snippets.views.snippets import SnippetViewSet

from .forms import QuestionAdminForm, QuizAdminForm
from .models import Quiz


class QuestionsPanel(InlinePanel):
    """The questions of a quiz, each checked by its own form."""

    def get_form_options(self) -> dict[str, Any]:
        options: dict[str, Any] = super().get_form_options()
        options["formsets"][self.relation_name]["form"] = QuestionAdminForm
        return options


CHOICE_PANELS = [
    FieldPanel("text"),
    FieldPanel("right", help_text=_("A right answer.")),
    FieldPanel(
        "feedback",
        help_text=_(
            "What the learner reads after choosing this. For a wrong choice, point the way without naming the key."
        ),
    ),
]

QUESTION_PANELS = [
    FieldPanel("stem", help_text=_("One sentence or two. Emphasis as <em> or <strong>.")),
    FieldRowPanel([FieldPanel("kind"), FieldPanel("code", help_text=_("Names the question in reports; never shown."))]),
    InlinePanel("choices", panels=CHOICE_PANELS, heading=_("Choices"), label=_("Choice")),
    FieldPanel("explanation", help_text=_("Shown to everybody who passed, whatever they chose.")),
    FieldRowPanel(
        [
            FieldPanel("topic"),
            FieldPanel("retired", help_text=_("New attempts leave it out; old ones keep it.")),
        ]
    ),
]


class QuizViewSet(SnippetViewSet):
    """Quizzes in the CMS. Attempts freeze what they ask, so an edit changes no attempt that has begun."""

    model = Quiz
    icon = "help"
    menu_label = _("Quizzes")
    add_to_admin_menu = True
    list_display = [
        "title",
        "code",
        "pass_percent",
        Column("questions", label=_("Questions"), accessor="question_count"),
    ]
    list_per_page = 50
    search_backend_name = None
    search_fields = ["title", "code"]
    ordering = ["title"]
    copy_view_enabled = False
    edit_handler = ObjectList(
        [
            MultiFieldPanel(
                [
                    FieldPanel("title"),
                    FieldRowPanel(
                        [
                            FieldPanel("code", help_text=_("The course's code, as a rule. Keep it once set.")),
                            FieldPanel("pass_percent", help_text=_("Attempts begun before a change keep theirs.")),
                        ]
                    ),
                ],
                heading=_("Quiz"),
            ),
            QuestionsPanel("questions", panels=QUESTION_PANELS, heading=_("Questions"), label=_("Question")),
        ],
        base_form_class=QuizAdminForm,
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Quiz]:
        return Quiz.objects.annotate(question_count=Count("questions", filter=Q(questions__retired=False)))
