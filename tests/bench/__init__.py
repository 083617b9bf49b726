"""Our registration and our whole comparison beside the peers, on the same pairs in one run: `python -m
tests.bench`."""
