"""What editors manage besides pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    MultiFieldPanel,
    ObjectList,
    PageChooserPanel,
    TabbedInterface,
)
from wagtail.admin.ui.tables import BooleanColumn, Column, DateColumn
from wagtail.admin.widgets import Button
from wagtail.snippets.views.chooser import ChooseResultsView, ChooseView, SnippetChooserViewSet
from wagtail.snippets.views.snippets import EditView, SnippetViewSet, SnippetViewSetGroup

from curricula.enums import CourseKind, CourseLevel
from curricula.forms import CourseChooserFilterForm, CourseForm, ReviewForm
from curricula.models import Course, ReviewRecord
from curricula.panels import VERSIONS_PANEL
from curricula.permissions import user_can_publish_version
from curricula.views import PublishVersionView
from lms.agencies.models import AgencyKind


def shown(name: str) -> Callable[[Course], Any]:
    """Return what reads the field of a course, with a dash for the zero before its first version."""
    return lambda course: getattr(course, name) or "–"


class CourseListFilter(WagtailFilterSet):
    """Narrows the list of courses to a kind, a level, a kind of agency, or those with a version."""

    kind = django_filters.ChoiceFilter(choices=CourseKind.choices, label=_("Kind"))
    level = django_filters.ChoiceFilter(choices=CourseLevel.choices, label=_("Level"))
    agency_kinds = django_filters.ModelChoiceFilter(queryset=AgencyKind.objects.all(), label=_("Kind of agency"))
    published = django_filters.BooleanFilter(
        field_name="current_version", lookup_expr="gt", method="filter_published", label=_("Has a version")
    )

    class Meta:
        model = Course
        fields = ["kind", "level", "agency_kinds", "published"]

    def filter_published(self, queryset: QuerySet, name: str, value: bool) -> QuerySet:
        return queryset.filter(current_version__gt=0) if value else queryset.filter(current_version=0)


class CourseEditView(EditView):
    """The course's form, with the way to publish a version in its header."""

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        buttons = super().header_more_buttons
        if user_can_publish_version(self.request.user):
            address = reverse("wagtailsnippets_curricula_course:publish_version", args=[self.object.pk])
            buttons.append(Button(_("Publish a version"), url=address, icon_name="upload", priority=5))
        return buttons


class CourseChooseMixin:
    filter_form_class = CourseChooserFilterForm

    @property
    def columns(self) -> list[Column]:
        return [
            *super().columns,  # type: ignore[misc]
            Column("code", label=_("Code"), accessor="code"),
            Column("kind", label=_("Kind"), accessor="get_kind_display"),
            Column("level", label=_("Level"), accessor="get_level_display"),
        ]


class CourseChooseView(CourseChooseMixin, ChooseView):
    pass


class CourseChooseResultsView(CourseChooseMixin, ChooseResultsView):
    pass


class CourseChooserViewSet(SnippetChooserViewSet):
    choose_view_class = CourseChooseView
    choose_results_view_class = CourseChooseResultsView


class CourseViewSet(SnippetViewSet):
    """Courses as records know them, with their versions."""

    model = Course
    icon = "list-ol"
    menu_label = _("Courses")
    list_display = [
        "title",
        "code",
        Column("kind", label=_("Kind"), accessor="get_kind_display", sort_key="kind"),
        Column("level", label=_("Level"), accessor="get_level_display", sort_key="level"),
        Column("current_version", label=_("Version"), accessor=shown("current_version"), sort_key="current_version"),
        Column("hours", label=_("Credit hours"), accessor=shown("hours"), sort_key="hours"),
    ]
    list_per_page = 50
    filterset_class = CourseListFilter
    search_fields = ["title", "code"]
    search_backend_name = None
    ordering = ["title"]
    # A copy would carry the code of the first, and a code names one course.
    copy_view_enabled = False
    edit_view_class = CourseEditView
    chooser_viewset_class = CourseChooserViewSet
    edit_handler = TabbedInterface(
        [
            ObjectList(
                [
                    MultiFieldPanel(
                        [
                            FieldPanel("title", help_text=_("As it is printed on certificates and lists.")),
                            FieldPanel("summary", help_text=_("For the catalog: for whom, and what for.")),
                            FieldPanel(
                                "code",
                                help_text=_(
                                    "Names the course in addresses, staff files and reports. Keep it once people are "
                                    "enrolled."
                                ),
                            ),
                            FieldRowPanel(
                                [
                                    FieldPanel(
                                        "kind",
                                        help_text=_(
                                            "An external program has no pages here; its completions are recorded."
                                        ),
                                    ),
                                    FieldPanel(
                                        "level",
                                        help_text=_("Awareness courses go online only after a survivor review."),
                                    ),
                                ]
                            ),
                        ],
                        heading=_("The course"),
                    ),
                    MultiFieldPanel(
                        [
                            FieldPanel(
                                "quiz",
                                help_text=_("Opens when every section was read. Empty: reading it all completes it."),
                            ),
                            FieldPanel("certificate", help_text=_("A completion is followed by a certificate.")),
                            FieldPanel(
                                "valid_months",
                                help_text=_("Printed on the certificate. Empty: it does not expire."),
                            ),
                        ],
                        heading=_("How it ends"),
                    ),
                ],
                heading=_("Course"),
            ),
            ObjectList(
                [
                    MultiFieldPanel(
                        [
                            FieldPanel(
                                "agency_kinds",
                                widget=forms.CheckboxSelectMultiple,
                                help_text=_("None ticked: for every kind of agency. The catalog filters by it."),
                            ),
                            FieldPanel(
                                "job_roles",
                                widget=forms.CheckboxSelectMultiple,
                                help_text=_("For whom it is written. Who owes it is set in requirements."),
                            ),
                        ],
                        heading=_("Who it is for"),
                    ),
                    FieldPanel(
                        "prerequisites",
                        heading=_("Courses before it"),
                        widget=forms.CheckboxSelectMultiple,
                        help_text=_("Courses to be completed first. People can't enroll before they are."),
                    ),
                    FieldPanel(
                        "topics",
                        widget=forms.CheckboxSelectMultiple,
                        classname="collapsed",
                        help_text=_("What of the work-scope grid it covers, for the gap map."),
                    ),
                ],
                heading=_("Audience and topics"),
            ),
            ObjectList(
                [VERSIONS_PANEL],
                heading=_("Versions"),
            ),
        ],
        base_form_class=CourseForm,
    )

    def get_urlpatterns(self) -> list[URLPattern]:
        publish = self.construct_view(PublishVersionView)
        return [*super().get_urlpatterns(), path("publish-version/<int:pk>/", publish, name="publish_version")]


class ReviewViewSet(SnippetViewSet):
    """Who reviewed which page, and when."""

    model = ReviewRecord
    icon = "clipboard-list"
    menu_label = _("Reviews")
    list_display = [
        "page",
        Column("kind", label=_("Kind"), accessor="get_kind_display", sort_key="kind"),
        DateColumn("reviewed_on", label=_("Reviewed on"), sort_key="reviewed_on"),
        "reviewer_name",
        BooleanColumn("name_consent", label=_("May be named")),
    ]
    list_filter = ["kind", "reviewed_on"]
    search_fields = ["page__title", "reviewer_name", "note"]
    search_backend_name = None
    copy_view_enabled = False
    list_per_page = 50
    edit_handler = ObjectList(
        [
            MultiFieldPanel(
                [
                    PageChooserPanel(
                        "page",
                        ["curricula.CoursePage", "curricula.ModulePage", "curricula.PreventionPage"],
                        help_text=_("A review counts for the page in every language; a course's for all its modules."),
                    ),
                    FieldRowPanel(
                        [
                            FieldPanel(
                                "kind",
                                help_text=_(
                                    "Pages for young people and families and awareness courses go online only after "
                                    "a survivor review."
                                ),
                            ),
                            FieldPanel("reviewed_on"),
                        ]
                    ),
                ],
                heading=_("What was reviewed"),
            ),
            MultiFieldPanel(
                [
                    FieldPanel("reviewer", help_text=_("Members of the group Reviewer.")),
                    FieldPanel("reviewer_name", help_text=_("For somebody without an account. Only editors see it.")),
                    FieldPanel(
                        "name_consent", help_text=_("Tick it only if that person has said so. Nobody is named without.")
                    ),
                ],
                heading=_("Who reviewed it"),
            ),
            FieldPanel("note", help_text=_("What was asked for and what was changed. Nothing about a child or case.")),
        ],
        base_form_class=ReviewForm,
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReviewRecord]:
        return ReviewRecord.objects.select_related("page", "reviewer")


class CurriculumGroup(SnippetViewSetGroup):
    items = (CourseViewSet, ReviewViewSet)
    menu_label = _("Curriculum")
    menu_icon = "list-ol"
    menu_order = 150
