"""One microneedling session: checked before, whole before it is signed, its lots found again."""
