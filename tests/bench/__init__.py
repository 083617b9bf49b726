"""Our registration and our whole comparison beside the peers, one run: `python -m tests.bench`."""
