"""Two photographs as a page of the record, all of them as a series, and what the patient takes home."""
