"""Sent inside the transaction, with lists of ids."""

from django.dispatch import Signal

course_version_published = Signal()  # course_ids: list[int]
# Asks the apps above, which curricula knows nothing of: receivers return how many training records hang on the courses.
records_counted = Signal()  # course_ids: list[int] -> int
