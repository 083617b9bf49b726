"""Our registration and our whole comparison beside the peers, the same pairs, one run: `python -m tests.bench`."""
