"""Any change of what readers see renews the content's mark."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import m2m_changed, post_delete, post_save
from django.dispatch import receiver
from wagtail.images.models import AbstractImage
from wagtail.models import Locale, Page, PageViewRestriction, Site
from wagtail.signals import post_page_move

from curricula.models import Course, HelpSettings
from curricula.stamp import renew_content_stamp
from lms.agencies.models import AgencyKind
from quizzes.models import Quiz

READ_BY_VISITORS = (Page, Course, HelpSettings, Quiz, AgencyKind, AbstractImage, Site, Locale, PageViewRestriction)


@receiver([post_save, post_delete, m2m_changed])
def renew_on_change(*, instance: Any, **_kwargs: Any) -> None:
    if isinstance(instance, READ_BY_VISITORS):
        renew_content_stamp()


@receiver(post_page_move)
def renew_on_move(**_kwargs: Any) -> None:
    renew_content_stamp()
