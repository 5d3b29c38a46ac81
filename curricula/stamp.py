"""One mark for everything that readers see: kept copies of rendered pages hold while it stays the same.

The mark stands in the cache that all processes share; the copies stand in each process's own memory. A change of any
content renews the mark, so that no process shows an old copy, and none has to be told.
"""

from __future__ import annotations

import secrets

from django.core.cache import cache
from django.db import transaction

KEY = "curricula.stamp"
# What is printed of dates (review by, as of) follows the clock, not a change: no copy is older than this, in seconds.
COPY_SECONDS = 600


def content_stamp() -> str:
    """Return the mark of the content as it is now."""
    stamp: str | None = cache.get(KEY)
    if stamp is None:
        # Of two processes that find none, both go by the one that came first.
        cache.add(KEY, secrets.token_hex(8), None)
        stamp = cache.get(KEY, "")
    return stamp or ""


def renew_content_stamp() -> None:
    """Let no copy made before now be shown again.

    Twice: at once for who reads inside the same transaction, and after it, since others render the old content until
    then.
    """
    cache.set(KEY, secrets.token_hex(8), None)
    transaction.on_commit(lambda: cache.set(KEY, secrets.token_hex(8), None))
