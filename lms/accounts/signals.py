"""Sent inside the transaction, with lists of ids: a receiver's error rolls the change back."""

from django.dispatch import Signal

# person_ids: list[int]. Two rows of one human being were joined, or taken apart again: who reads whose record changed.
persons_merged = Signal()

# person_ids: list[int]. All rows of one human being whose data is removed now; what a room keeps beyond the facts of
# the record, it removes in answer.
person_erased = Signal()
