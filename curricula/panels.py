"""The tabs of the page forms, in the order in which an author works."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    HelpPanel,
    MultiFieldPanel,
    ObjectList,
    Panel,
    TabbedInterface,
)
from wagtail.models import Page

CURRENCY_PANELS = [
    MultiFieldPanel(
        [
            FieldRowPanel(
                [
                    FieldPanel("law_as_of", help_text=_("The day to which you checked law and practice. Printed.")),
                    FieldPanel("review_by", help_text=_("The day by which somebody looks at it again. Printed.")),
                ]
            ),
            FieldPanel("reviewed_by"),
        ],
        heading=_("How current it is"),
    ),
]

VERSIONS_PANEL = HelpPanel(template="curricula/admin/versions_panel.html", heading=_("Versions"))
CORRECTION_PANEL = HelpPanel(template="curricula/admin/correction_panel.html", heading=_("Correction or version"))


def tabs(
    content: Sequence[Panel], *, currency: Sequence[Panel] = (), versions: Sequence[Panel] = ()
) -> TabbedInterface:
    """Return the form of a page: what readers read, how current it is, its versions, its address."""
    return TabbedInterface(
        [
            ObjectList(content, heading=_("Content")),
            *([ObjectList(currency, heading=_("Currency"))] if currency else []),
            *([ObjectList(versions, heading=_("Versions"))] if versions else []),
            ObjectList(Page.promote_panels, heading=_("Address and search")),
            # No tab to see: scheduling and comments, which Wagtail shows beside the form.
            ObjectList(Page.settings_panels, heading=_("Settings")),
        ]
    )
