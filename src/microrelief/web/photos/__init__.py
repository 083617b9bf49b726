"""Photographs of patients: taken in, shown, moved; every view of an original is recorded."""
