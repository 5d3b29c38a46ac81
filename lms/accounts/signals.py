"""Sent inside the transaction, with lists of ids: a receiver's error rolls the change back."""

from django.dispatch import Signal

# person_ids: list[int]. Two rows of one human being were joined, or taken apart again: who reads whose record changed.
persons_merged = Signal()
