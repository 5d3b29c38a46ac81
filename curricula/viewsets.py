"""What editors manage besides pages."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from curricula.models import Course, ReviewRecord


class CourseViewSet(SnippetViewSet):
    model = Course
    icon = "list-ol"
    list_display = ["title", "code", "kind", "level", "current_version"]
    list_filter = ["kind", "level"]
    search_fields = ["title", "code"]
    panels = [
        MultiFieldPanel(
            [FieldPanel("code"), FieldPanel("title"), FieldPanel("summary"), FieldPanel("kind"), FieldPanel("level")],
            heading=_("The course"),
        ),
        MultiFieldPanel(
            [FieldPanel("quiz"), FieldPanel("valid_months"), FieldPanel("certificate")], heading=_("How it ends")
        ),
        MultiFieldPanel(
            [FieldPanel("agency_kinds"), FieldPanel("job_roles"), FieldPanel("prerequisites"), FieldPanel("topics")],
            heading=_("Who it is for, and what it covers"),
        ),
    ]


class ReviewViewSet(SnippetViewSet):
    model = ReviewRecord
    icon = "clipboard-list"
    list_display = ["page", "kind", "reviewed_on"]
    list_filter = ["kind"]
    panels = [
        FieldPanel("page"),
        FieldPanel("kind"),
        FieldPanel("reviewed_on"),
        MultiFieldPanel(
            [FieldPanel("reviewer"), FieldPanel("reviewer_name"), FieldPanel("name_consent")], heading=_("Reviewer")
        ),
        FieldPanel("note"),
    ]


class CurriculumGroup(SnippetViewSetGroup):
    items = (CourseViewSet, ReviewViewSet)
    menu_label = _("Curriculum")
    menu_icon = "list-ol"
    menu_order = 150
