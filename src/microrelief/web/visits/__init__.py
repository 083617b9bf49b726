"""Who comes when, what is due today, and the spine of one patient."""
