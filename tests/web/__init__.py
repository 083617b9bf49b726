"""The clinic's site."""
