"""Sent inside the transaction, with lists of ids: a receiver's error rolls the record back, and receivers write rows
only."""

from django.dispatch import Signal

completion_recorded = Signal()  # completion_ids: list[int]
completion_voided = Signal()  # completion_ids: list[int] (of the voided completions)
completions_removed = Signal()  # completion_ids: list[int], before their rows go: the time they are kept for is over
