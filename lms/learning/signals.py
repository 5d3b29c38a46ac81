"""Sent inside the transaction, with lists of ids: a receiver's error rolls the record back, and receivers write rows
only."""

from django.dispatch import Signal

# completion_ids, person_ids, course_ids: list[int]
completion_recorded = Signal()
completion_voided = Signal()  # of the voided completions
# completion_ids: list[int], before their rows go: the time they are kept for is over
completions_removed = Signal()
