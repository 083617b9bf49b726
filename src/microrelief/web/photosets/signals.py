"""What others may want to know of."""

from django.dispatch import Signal

photograph_came = Signal()
"""A photograph was taken or imported and may be looked at: `view`. Sent in the same transaction."""

view_taken = Signal()
"""A view of a set has its photograph: `view`, `by`. Sent in the transaction that filed it."""
