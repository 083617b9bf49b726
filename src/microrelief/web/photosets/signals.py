"""What others may want to know of."""

from django.dispatch import Signal

view_taken = Signal()
"""A view of a set has its photograph: `view`, `by`. Sent in the transaction that filed it."""
