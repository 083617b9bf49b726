"""The clinic's own words on the sheets that a patient takes home."""
