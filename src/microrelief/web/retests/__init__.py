"""The clinic photographs volunteers twice and learns what its own comparisons make of unchanged skin."""
