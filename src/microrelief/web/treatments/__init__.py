"""One microneedling session: checked before, written down during, whole before it is signed; lots found again."""
