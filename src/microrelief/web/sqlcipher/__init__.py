"""A Django database backend: SQLite whose every page is encrypted, and whose commits survive a power cut."""
