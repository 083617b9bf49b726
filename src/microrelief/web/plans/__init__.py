"""How many sessions and when, and the sheets and calendar the patient takes home."""
