"""What the background work waits for."""

from django.dispatch import Signal

pair_added = Signal()
"""A pair is to be compared: `pair`. Sent in the transaction that added it."""
conclusion_asked = Signal()
"""A round is to be worked out: `retest`."""
