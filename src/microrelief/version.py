"""The version of the program; it is pinned into every result."""

__version__ = "0.1.0"
