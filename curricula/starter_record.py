"""What the loader remembers of a load, in Wagtail's own log: which text of which file stands in a row or a page.

Nothing else is stored, and editors read the same entries in the history of the page.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

from django.db.models import Model
from wagtail.log_actions import log, registry
from wagtail.models import Page, Revision

EDITS = ("wagtail.create", "wagtail.edit", "wagtail.revert")
MARK = "starter"


class Standing(Enum):
    """How a row or page stands to its file."""

    ABSENT = "not loaded yet"
    SAME = "holds the file's text"
    OLDER = "holds an older text of the file"
    EDITED = "edited on the site since it was loaded, or made there"


def standing(instance: Model | None, digest: str) -> Standing:
    """How ``instance`` stands to a file whose text has this SHA-256."""
    if instance is None:
        return Standing.ABSENT
    entry = registry.get_logs_for_instance(instance).filter(action__in=EDITS).order_by("timestamp", "pk").last()
    loaded = entry.data.get(MARK) if entry else None
    if not loaded or (isinstance(instance, Page) and loaded["revision"] != instance.latest_revision_id):
        return Standing.EDITED
    return Standing.SAME if loaded["digest"] == digest else Standing.OLDER


def record_load(instance: Model, *, digest: str, file: str, created: bool, revision: Revision | None = None) -> None:
    """Note that ``instance`` now holds the text of ``file`` (its path inside the starter folder)."""
    data: dict[str, Any] = {"digest": digest, "file": file, "revision": revision.pk if revision else None}
    extra = {"revision": revision} if revision else {}
    log(instance, "wagtail.create" if created else "wagtail.edit", data={MARK: data}, content_changed=True, **extra)


def pages_of(file: str) -> list[int]:
    """The ids of the pages that were loaded from ``file``."""
    entries = registry.get_log_model_for_model(Page).objects
    return list(entries.filter(**{f"data__{MARK}__file": file}).values_list("page_id", flat=True).distinct())
