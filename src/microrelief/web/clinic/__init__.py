"""The clinic itself: its name, and for how long it keeps records."""
