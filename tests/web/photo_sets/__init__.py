"""Stands in for whoever keeps photo sets: two of them on the spine."""
