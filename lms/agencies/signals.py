"""Sent inside the transaction, with lists of ids: a receiver's error rolls the change back."""

from django.dispatch import Signal

employment_changed = Signal()  # person_ids: list[int]
agency_changed = Signal()  # agency_ids: list[int]
