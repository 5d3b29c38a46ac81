"""What a course page shows of the reader's own state."""

from __future__ import annotations

from typing import Any

from django import template

from curricula.models import Course
from lms.learning.selectors import get_last_completion, get_open_enrollment

register = template.Library()


@register.inclusion_tag("learning/course_action.html", takes_context=True)
def course_action(context: dict[str, Any], course: Course) -> dict[str, Any]:
    """The one button of a course page: sign in, start, resume, or take it again."""
    request = context["request"]
    user = request.user
    known = user.is_authenticated
    enrollment = get_open_enrollment(user, course) if known else None
    return {
        "request": request,
        "course": course,
        "language": request.LANGUAGE_CODE,
        "signed_in": known,
        "enrollment": enrollment,
        "completion": get_last_completion(user, course) if known and not enrollment else None,
        "csrf_token": context.get("csrf_token"),
    }
