"""What the background work waits for."""

from django.dispatch import Signal

comparison_asked = Signal()
"""Two photographs are to be compared: `comparison`. Sent in the transaction that asked."""
