"""Templates and credit rules as editors keep them."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel, ObjectList
from wagtail.admin.ui.tables import Column
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from .forms import CourseCreditForm, CreditBodyForm, TemplateForm
from .models import CertificateTemplate, CourseCredit, CreditBody
from .models.template import MOST_MARKS, MOST_SIGNATORIES


class CertificateTemplateViewSet(SnippetViewSet):
    model = CertificateTemplate
    icon = "doc-full"
    menu_label = _("Templates")
    list_display = ["name"]
    search_fields = ["name"]
    search_backend_name = None
    edit_handler = ObjectList(
        [
            FieldPanel("name"),
            InlinePanel(
                "wordings",
                [
                    FieldPanel("language"),
                    FieldPanel("title"),
                    FieldPanel("certify"),
                    FieldPanel("completed"),
                    FieldPanel("note"),
                ],
                heading=_("Words"),
                label=_("Language"),
                help_text=_("What is left empty is said in the site’s own words. The preview shows both languages."),
            ),
            InlinePanel("signatories", heading=_("Who signs"), label=_("Signatory"), max_num=MOST_SIGNATORIES),
            InlinePanel("marks", heading=_("Marks in the upper corners"), label=_("Mark"), max_num=MOST_MARKS),
            FieldPanel("courses", widget=forms.CheckboxSelectMultiple),
        ],
        base_form_class=TemplateForm,
    )


class CreditBodyViewSet(SnippetViewSet):
    model = CreditBody
    icon = "clipboard-list"
    menu_label = _("Bodies")
    list_display = [
        "short_name",
        "name",
        "provider_number",
        Column("still_missing", label=_("Still missing for its line")),
        "checked_on",
    ]
    search_fields = ["short_name", "name", "code"]
    search_backend_name = None
    edit_handler = ObjectList(
        [
            MultiFieldPanel(
                [
                    FieldRowPanel([FieldPanel("short_name"), FieldPanel("code")]),
                    FieldPanel("name"),
                    FieldPanel("citation"),
                    FieldPanel("checked_on"),
                    FieldPanel("note"),
                    FieldPanel("job_roles", widget=forms.CheckboxSelectMultiple),
                ],
                heading=_("The body"),
            ),
            MultiFieldPanel(
                [
                    FieldRowPanel([FieldPanel("hours_required"), FieldPanel("minutes_an_hour")]),
                    FieldRowPanel([FieldPanel("cycle_months"), FieldPanel("cycle_starts")]),
                    FieldPanel("cycle_anchor"),
                    FieldPanel("counts_outside"),
                ],
                heading=_("Hours and cycle"),
            ),
            MultiFieldPanel(
                [
                    FieldPanel("required"),
                    FieldPanel("provider_name"),
                    FieldPanel("provider_address"),
                    FieldRowPanel([FieldPanel("provider_number"), FieldPanel("provider_until")]),
                    FieldPanel("statement"),
                ],
                heading=_("Its line on a certificate"),
            ),
        ],
        base_form_class=CreditBodyForm,
    )


class CourseCreditViewSet(SnippetViewSet):
    model = CourseCredit
    icon = "tick"
    menu_label = _("Credits of courses")
    list_display = ["course", "body", "hours", "valid_from", "valid_until"]
    list_filter = ["body"]
    search_fields = ["course__title", "course_number"]
    search_backend_name = None
    edit_handler = ObjectList(
        [
            FieldPanel("course"),
            FieldPanel("body"),
            FieldRowPanel([FieldPanel("hours"), FieldPanel("course_number")]),
            FieldRowPanel([FieldPanel("valid_from"), FieldPanel("valid_until")]),
            InlinePanel("categories", heading=_("Of these hours"), label=_("Category")),
        ],
        base_form_class=CourseCreditForm,
    )


class CertificateGroup(SnippetViewSetGroup):
    items = (CertificateTemplateViewSet, CreditBodyViewSet, CourseCreditViewSet)
    menu_label = _("Certificates")
    menu_icon = "doc-full"
    menu_order = 155
