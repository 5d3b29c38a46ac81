"""Form controls in the site's look, whichever library built the form."""

from __future__ import annotations

from django import template
from django.forms.boundfield import BoundField, BoundWidget
from django.utils.safestring import SafeString

register = template.Library()

# By the kind of widget; what is not named here is an input, and what has no class is drawn by its own template.
CLASSES = {
    "textarea": "usa-textarea",
    "select": "usa-select",
    "checkbox": "usa-checkbox__input",
    "file": "",
    "clearablefile": "",
}
OPTION_CLASSES = {"radioselect": "usa-radio__input", "checkboxselectmultiple": "usa-checkbox__input"}


@register.filter
def control(field: BoundField) -> SafeString:
    """Return the field's control, with the class of its kind unless its widget carries one.

    No text stands in an empty field: it would be gone at the first letter, and looks like an answer.
    """
    attributes = field.field.widget.attrs
    attributes.pop("placeholder", None)
    look = attributes.get("class") or CLASSES.get(field.widget_type, "usa-input")
    return field.as_widget(attrs={"class": look} if look else None)


@register.filter
def options(field: BoundField) -> list[BoundWidget]:
    """Return the options of a field of radio buttons or of several boxes, each with ``tag``, ``choice_label`` and
    ``id_for_label``."""
    field.field.widget.attrs["class"] = OPTION_CLASSES[field.widget_type]
    return field.subwidgets


@register.filter
def says_optional(field: BoundField) -> bool:
    """Whether the label says that the field may stay empty: not where all may (a filter), nor where a choice is made
    beforehand."""
    others = field.form.fields.values()
    return not field.field.required and not field.initial and any(other.required for other in others)
