from django.dispatch import Signal

# Sent after a commit that left pending rows behind; no arguments.
work_left = Signal()
