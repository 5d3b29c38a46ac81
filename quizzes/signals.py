from django.dispatch import Signal

attempt_regraded = Signal()
"""Sent inside the transaction, with ``attempt_ids``: attempts whose score or pass a corrected key has changed."""

attempts_erased = Signal()
"""Sent inside the transaction, with ``attempt_ids``: attempts that are removed now."""
