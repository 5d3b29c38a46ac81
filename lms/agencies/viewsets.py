"""The shared code lists as editors keep them: a new kind of agency or job role needs no code.

Agencies and employments are not here: they are dated rows with services of their own.
"""

from __future__ import annotations

from django.forms import PasswordInput
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.admin.ui.tables import BooleanColumn
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from .models import AgencyKind, GridTopic, IdentityProvider, JobRole, RegistrationDomain, ServiceArea


class AgencyKindViewSet(SnippetViewSet):
    model = AgencyKind
    icon = "group"
    list_display = ["name", "code", "position"]
    search_fields = ["name", "code"]
    form_fields = ["name", "code", "position"]


class JobRoleViewSet(SnippetViewSet):
    model = JobRole
    icon = "user"
    list_display = ["title", "code", "kind", "level", BooleanColumn("client_facing", label=_("Works with clients"))]
    list_filter = ["kind", "level", "client_facing"]
    search_fields = ["title", "code"]
    form_fields = ["title", "code", "kind", "level", "client_facing", "position"]


class GridTopicViewSet(SnippetViewSet):
    model = GridTopic
    icon = "tasks"
    list_display = ["title", "kind", "side", "code"]
    list_filter = ["kind", "side"]
    search_fields = ["title", "code"]
    form_fields = ["title", "code", "kind", "side", "position"]


class ServiceAreaViewSet(SnippetViewSet):
    model = ServiceArea
    icon = "site"
    list_display = ["name", "code", BooleanColumn("high_priority", label=_("High priority"))]
    search_fields = ["name", "code"]
    form_fields = ["name", "code", "high_priority"]


class CodeListGroup(SnippetViewSetGroup):
    items = (AgencyKindViewSet, JobRoleViewSet, GridTopicViewSet, ServiceAreaViewSet)
    menu_label = _("Agencies and roles")
    menu_icon = "group"
    menu_order = 160


class IdentityProviderViewSet(SnippetViewSet):
    model = IdentityProvider
    icon = "key"
    list_display = ["name", "agency", "kind", BooleanColumn("active", label=_("In use"))]
    # Out of Wagtail's revisions and exports: the row holds a secret.
    inspect_view_enabled = False
    panels = [
        FieldPanel("agency"),
        FieldPanel("kind"),
        FieldPanel("code"),
        FieldPanel("name"),
        FieldPanel("issuer"),
        FieldPanel("metadata_url"),
        FieldPanel("client_id"),
        FieldPanel("client_secret", widget=PasswordInput(render_value=True)),
        FieldPanel("employee_number_claim"),
        FieldPanel("active"),
    ]


class RegistrationDomainViewSet(SnippetViewSet):
    model = RegistrationDomain
    icon = "mail"
    list_display = ["domain", "agency"]
    panels = [FieldPanel("agency"), FieldPanel("domain")]


class SignInGroup(SnippetViewSetGroup):
    """Seen by site administrators alone: no group of the CMS has a right to these."""

    items = (IdentityProviderViewSet, RegistrationDomainViewSet)
    menu_label = _("Sign-in")
    menu_icon = "key"
    menu_order = 165
