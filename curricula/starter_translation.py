"""Fills wagtail-localize's translation segments from a page's Spanish file, so that its own progress is true."""

from __future__ import annotations

import json
from typing import NamedTuple

from django.utils import timezone
from wagtail.models import Locale, Page
from wagtail_localize.models import (
    SegmentOverride,
    StringSegment,
    StringTranslation,
    Translation,
    TranslationContext,
    TranslationSource,
)
from wagtail_localize.segments import StringSegmentValue
from wagtail_localize.segments.extract import extract_segments, quote_path_component


class TranslationMismatch(Exception):
    """The two texts don't have the same segments."""


class Link(NamedTuple):
    path: str
    address: str
    translated: str


def translate_page(page: Page, translated: Page, locale: Locale) -> Page:
    """Save the page's translation into ``locale`` as a draft and return it.

    ``translated`` is an unsaved copy of ``page`` that holds the translated text under the same block ids: its segments
    lie parallel to the page's. Raises TranslationMismatch when they don't.
    """
    source, _ = TranslationSource.update_or_create_from_instance(page)
    translation, _ = Translation.objects.get_or_create(source=source, target_locale=locale)
    stored = list(StringSegment.objects.filter(source=source).select_related("string", "context").order_by("order"))
    values = [value for value in extract_segments(translated) if isinstance(value, StringSegmentValue)]
    for segment, value in zip(stored, values, strict=False):
        if segment.context.path != value.path:
            raise TranslationMismatch(f"{segment.string.data!r} has no translation.")
        _fill_segment(segment, value, locale)
    if len(stored) != len(values):
        raise TranslationMismatch(f"There are {len(stored)} pieces of text in English, {len(values)} here.")
    translation.translations_last_updated_at = timezone.now()
    translation.save(update_fields=["translations_last_updated_at"])
    translation.save_target(publish=False)
    target: Page = translation.get_target_instance()
    return target.specific


def _fill_segment(segment: StringSegment, value: StringSegmentValue, locale: Locale) -> None:
    filled, _ = StringTranslation.objects.update_or_create(
        translation_of=segment.string,
        context=segment.context,
        locale=locale,
        defaults={
            "data": value.string.data,
            "translation_type": StringTranslation.TRANSLATION_TYPE_MANUAL,
            "has_error": False,
            "field_error": "",
        },
    )
    if filled.has_error:
        raise TranslationMismatch(f"The links in {value.string.data!r} are not those of the English text.")
    for link in _links(segment, value):
        context, _ = TranslationContext.objects.get_or_create(object=segment.context.object, path=link.path)
        SegmentOverride.objects.update_or_create(
            context=context, locale=locale, defaults={"data_json": json.dumps(link.translated)}
        )


def _links(segment: StringSegment, value: StringSegmentValue) -> list[Link]:
    """The links of a piece of text that lead elsewhere in the translation."""
    here = json.loads(segment.attrs) or {}
    return [
        Link(f"{value.path}.{quote_path_component(attrs['href'])}", attrs["href"], there["href"])
        for key, attrs in here.items()
        if (there := (value.attrs or {}).get(key)) and there.get("href") != attrs.get("href")
    ]
