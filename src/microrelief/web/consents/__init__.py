"""The ledger of consent: one row for each answer to each purpose, and its withdrawal."""
